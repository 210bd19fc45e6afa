"""What a dialogue with APIs is worth: the state that it ends in, and the milestones on the way.

The official measure, which the value keeps to:
- each attribute of each class is as in the ground truth; of an object, whatever it holds there,
  while more than that does no harm;
- a class whose name the ground truth misspells is not compared;
- `process` is the share of milestones that were reached one after the other, each a reply that is
  equal as a text; behind one that is missing no other counts. It is 1 where the end state is right.

In the official code calls in another form are not carried out, and the model may write them again.
So it is here; the value is 0 where it went on in a form of its own. `strict` forgives no reply.

Beside it, in whatever form: `content` also wants nothing in the state that the ground truth has
not, and compares its texts tolerantly. `process_content` compares calls, and not texts.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from evaluator.agents.calls import ToolCall
from evaluator.agents.protocols.instructed import as_text
from evaluator.agents.python_calls import python_calls
from evaluator.benchmarks.acebench import content
from evaluator.benchmarks.acebench.agent.dialogue import AgentDialogue
from evaluator.benchmarks.acebench.agent.world import AgentWorld
from evaluator.results.names import CONTENT, IN_FORMAT, PROCESS, PROCESS_CONTENT, STRICT, TURNS
from evaluator.types import Check, Json, Sample, Score

T = TypeVar("T")
MOST_SHOWN = 1_000  # characters of an answer or a note
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")  # within a text that apostrophes enclose


def score(sample: Sample, dialogue: AgentDialogue) -> Score:
    """1 for the right end state, by calls in the form asked for, else 0."""
    checks = [*state_checks(dialogue.world, sample.fields["truth"])]
    right, in_form = all(each.passed for each in checks), not dialogue.tolerated
    whole = same_state(dialogue.world, sample.fields["truth"])
    stones: Sequence[Sequence[str]] = sample.fields["milestones"]
    calls = [[call for stone in each for call in calls_in(stone)] for each in stones]
    process = best(stones, dialogue.written, lambda a, b: a.strip() == b.strip())
    in_content = best(calls, dialogue.calls, same_call)
    found = [*checks, Check("milestones", in_content == 1, f"{in_content:.0%} in their order")]
    return Score(
        float(right and in_form),
        said(dialogue) if in_form else None,
        note(found, dialogue),
        {
            STRICT: float(right and not dialogue.faults),
            CONTENT: float(whole),
            IN_FORMAT: float(not dialogue.faults),
            PROCESS: 1.0 if right else process,
            PROCESS_CONTENT: 1.0 if right else in_content,
            TURNS: float(len(dialogue.readings)),
        },
        checks=found,
    )


def state_checks(world: AgentWorld, truth: Sequence[Json]) -> Iterator[Check]:
    """Whether each class ends as it should, as the official code compares them."""
    for name, expected in compared(world, truth):
        state = world.of(name)
        wrong = [key for key, value in expected.items() if not holds(state.get(key), value)]
        yield Check(name, not wrong, f"wrong: {', '.join(wrong)}" if wrong else "as expected")


def same_state(world: AgentWorld, truth: Sequence[Json]) -> bool:
    """Whether the state is the expected one, with nothing beside."""
    return all(
        content.same(world.of(name).get(key), value, {})
        for name, expected in compared(world, truth)
        for key, value in expected.items()
    )


def compared(world: AgentWorld, truth: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """The classes of the ground truth that there are, with their attributes."""
    for each in truth:
        for name, expected in each.items():
            if name in world.state:
                yield name, expected


def holds(value: Any, truth: Any) -> bool:
    """Whether a value is the expected one; an object may hold more."""
    if isinstance(truth, Mapping):
        return isinstance(value, Mapping) and all(value.get(k) == truth[k] for k in truth)
    return bool(value == truth)


def best(ways: Sequence[Sequence[T]], made: Sequence[T], same: Callable[[T, T], bool]) -> float:
    """The share of milestones that were reached, by the way that comes out best."""
    return max(reached(way, made, same) for way in ways)


def reached(stones: Sequence[T], made: Sequence[T], same: Callable[[T, T], bool]) -> float:
    """The share of milestones that were reached in their order, up to the first that was not."""
    left = iter(made)
    for number, stone in enumerate(stones):
        if not any(same(each, stone) for each in left):
            return number / len(stones)
    return 1.0


def calls_in(stone: str) -> list[ToolCall]:
    """The calls of a milestone; some have apostrophes that Python would need to have escaped."""
    text = stone.strip()
    found = python_calls(text)
    return (python_calls(_APOSTROPHE.sub(r"\\'", text)) or []) if found is None else found


def same_call(call: ToolCall, expected: ToolCall) -> bool:
    """Whether a call says the same."""
    return content.call_right({}, call, expected)


def said(dialogue: AgentDialogue) -> str:
    """The calls, else the last words."""
    last = dialogue.readings[-1].text
    return (as_text(dialogue.calls) if dialogue.calls else last)[:MOST_SHOWN]


def note(checks: Sequence[Check], dialogue: AgentDialogue) -> str:
    """What went wrong."""
    lines = [f"{each.name}: {each.said}" for each in checks if not each.passed]
    lines += [dialogue.spent] if dialogue.spent else []
    lines += [f"form: {', '.join(dialogue.faults)}"] if dialogue.faults else []
    return "; ".join(lines)[:MOST_SHOWN]
