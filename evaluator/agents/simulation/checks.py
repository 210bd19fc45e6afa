"""What a dialogue is worth: checks that are all to pass, and figures beside.

calls      every expected call was made, with all its arguments right and none beside them
order      the calls that depend on each other were made in order
asked      what was missing was asked for before anything was called that needs it
unchanged  no call beyond the expected ones changed anything; where no tool fits: nothing was called
answered   the model answered within its budget, and said what it had to
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from evaluator.agents.calls import ToolCall
from evaluator.agents.simulation.answering import MadeCall
from evaluator.agents.simulation.dialogue import ToolDialogue
from evaluator.agents.simulation.scenario import ExpectedCall, Scenario
from evaluator.agents.simulation.services import CHANGING
from evaluator.agents.values import contains
from evaluator.types import Check


@dataclass(frozen=True, slots=True)
class MatchedCall:
    """An expected call, and the one that was made for it; None where there is none.

    `right` and `wanted` are the arguments that are right and those that count.
    """

    expected: ExpectedCall
    made: MadeCall | None = None
    right: Sequence[str] = ()
    wanted: Sequence[str] = ()

    @property
    def share(self) -> float:
        """Of the arguments that count, those that are right."""
        return len(self.right) / len(self.wanted) if self.wanted else 1.0


def matched(scenario: Scenario, calls: Sequence[MadeCall]) -> list[MatchedCall]:
    """To each expected call the best one of its name that is still free."""
    free, found = [*calls], list[MatchedCall]()
    for expected in scenario.calls:
        pairs = [pair(scenario, expected, made) for made in free if made.call.name == expected.name]
        # Of equally good ones the last: a call is repeated when a service was out of order.
        best = max(reversed(pairs), key=lambda each: each.share, default=MatchedCall(expected))
        found.append(best)
        if best.made:
            free.remove(best.made)
    return found


def pair(scenario: Scenario, expected: ExpectedCall, made: MadeCall) -> MatchedCall:
    """An expected call beside one that was made."""
    tool = scenario.tool(expected.name)
    schema = tool.parameters if tool else {}
    given = made.call.arguments
    return MatchedCall(expected, made, expected.right(given, schema), expected.wanted(given))


def needless(pairs: Sequence[MatchedCall], calls: Sequence[MadeCall]) -> list[MadeCall]:
    """The calls that nothing asked for; not those that a service out of order had repeated."""
    used = [each.made for each in pairs if each.made]
    tried = [each.call for each in used]
    return [
        made
        for made in calls
        if not any(made is one for one in used) and not (made.down and same_call(made.call, tried))
    ]


def same_call(call: ToolCall, others: Sequence[ToolCall]) -> bool:
    """Whether one of the others says the same."""
    return any(call.name == o.name and call.arguments == o.arguments for o in others)


def checks(scenario: Scenario, dialogue: ToolDialogue) -> Iterator[Check]:
    """What each check says of a dialogue."""
    pairs = matched(scenario, dialogue.calls)
    beyond = needless(pairs, dialogue.calls)
    wrong = [told(each) for each in pairs if each.made is None or each.share < 1]
    if pairs:
        yield Check("calls", not wrong, "; ".join(wrong) or "all as expected")
    if scenario.ordered:
        places = [dialogue.calls.index(each.made) for each in pairs if each.made]
        yield Check("order", places == sorted(places), "one after the other")
    if scenario.asks:
        yield asked(pairs, dialogue)
    changed = [each for each in beyond if not each.fault and each.call.name in CHANGING]
    forbidden = changed if pairs else beyond
    listed = ", ".join(str(each.call)[:200] for each in forbidden)
    yield Check("unchanged", not forbidden, f"nothing asked for {listed}" if listed else "nothing")
    yield answered(scenario, dialogue)


def told(match: MatchedCall) -> str:
    """What is wrong with a call."""
    if match.made is None:
        return f"{match.expected.name} was not called"
    off = [name for name in match.wanted if name not in match.right]
    return f"{str(match.made.call)[:300]}: {', '.join(off)[:200]}"


def asked(pairs: Sequence[MatchedCall], dialogue: ToolDialogue) -> Check:
    """Whether the model asked before it called."""
    if dialogue.asked_in is None:
        return Check("asked", False, "never asked for what is missing")
    names = {each.expected.name for each in pairs}
    early = [c for c in dialogue.calls if c.turn < dialogue.asked_in and c.call.name in names]
    return Check("asked", not early, "called before it asked" if early else "asked")


def answered(scenario: Scenario, dialogue: ToolDialogue) -> Check:
    """Whether the last answer says what it had to."""
    if not dialogue.answer:
        return Check("answered", False, dialogue.spent or "an empty reply")
    missing = [words for words in scenario.says if not contains(dialogue.answer, [words])]
    lacks = "; ".join(" or ".join(words[:3]) for words in missing)
    return Check("answered", not missing, f"does not say {lacks}" if lacks else "says all")


def tool_share(pairs: Sequence[MatchedCall]) -> float:
    """Of the expected calls, those whose tool was called."""
    return mean(each.made is not None for each in pairs)


def argument_share(pairs: Sequence[MatchedCall]) -> float | None:
    """Of the arguments of these calls, those that are right; None where none was made."""
    shares = [each.share for each in pairs if each.made]
    return mean(shares) if shares else None
