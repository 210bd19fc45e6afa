"""The score of a dialogue: whether all checks passed, and the figures that tell why not."""

from collections.abc import Iterator

from evaluator.agents.simulation.checks import (
    argument_share,
    checks,
    matched,
    needless,
    tool_share,
)
from evaluator.agents.simulation.dialogue import ToolDialogue
from evaluator.agents.simulation.scenario import Scenario, typed
from evaluator.extract.language import answered_in_chinese
from evaluator.results.names import (
    ARGUMENTS,
    ASKED,
    IN_CHINESE,
    IN_ENGLISH,
    IN_FORMAT,
    MADE_UP_ARGUMENTS,
    NEEDLESS_CALLS,
    NO_ANSWER,
    STRICT,
    TOOL,
    TURNS,
    UNKNOWN_TOOLS,
)
from evaluator.types import Score

MOST_SHOWN = 1_000  # characters of an answer or a note


def score(scenario: Scenario, dialogue: ToolDialogue) -> Score:
    """Success is 1 or 0; an answer counts in whatever form its calls were written."""
    found = list(checks(scenario, dialogue))
    value = float(all(each.passed for each in found))
    wrong = [f"{each.name}: {each.said}" for each in found if not each.passed]
    form = [f"form: {', '.join(dialogue.faults)}"] if dialogue.faults else []
    return Score(
        value,
        said(dialogue)[:MOST_SHOWN] or None,
        "; ".join(wrong + form)[:MOST_SHOWN],
        {STRICT: value * (not dialogue.faults), **dict(figures(scenario, dialogue))},
        checks=found,
    )


def said(dialogue: ToolDialogue) -> str:
    """The calls, else the answer."""
    return "; ".join(str(each.call)[:MOST_SHOWN] for each in dialogue.calls) or dialogue.answer


def figures(scenario: Scenario, dialogue: ToolDialogue) -> Iterator[tuple[str, float]]:
    """The dimensions of a dialogue; one that says nothing of this scenario is left out."""
    pairs, calls = matched(scenario, dialogue.calls), dialogue.calls
    if pairs:
        yield TOOL, tool_share(pairs)
    if (arguments := argument_share(pairs)) is not None:
        yield ARGUMENTS, arguments
    yield NEEDLESS_CALLS, share(len(needless(pairs, calls)), len(calls))
    unknown = sum(scenario.tool(each.call.name) is None for each in calls)
    yield UNKNOWN_TOOLS, share(unknown, len(calls))
    given = [
        bool(tool and typed(tool.parameters, name))
        for each in calls
        if (tool := scenario.tool(each.call.name))
        for name in each.call.arguments
    ]
    yield MADE_UP_ARGUMENTS, share(given.count(False), len(given))
    if scenario.asks:
        yield ASKED, float(dialogue.asked_in is not None)
    yield TURNS, float(len(dialogue.readings))
    yield IN_FORMAT, float(not dialogue.faults)
    yield NO_ANSWER, float(not dialogue.answer)
    chinese = answered_in_chinese(dialogue.answer)
    if chinese is not None:
        in_chinese = scenario.language == "zh"
        yield IN_CHINESE if in_chinese else IN_ENGLISH, float(chinese == in_chinese)


def share(part: int, whole: int) -> float:
    """A share; 0 of nothing."""
    return part / whole if whole else 0.0
