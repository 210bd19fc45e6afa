"""UltraTool's measures, as pure functions: each step of the reference has a score from 0 to 1.

A step is found by its number, the first word of its text. A step that is missing scores 0. Of a
step's parameters each scores 1 - the normalised edit distance of its value, a missing one 0; what
is given beyond the reference costs nothing. Whether a step needs a tool is right or wrong.
"""

import re
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from rapidfuzz.distance import Levenshtein

from evaluator.agents.reading.literals import Faults, UnreadableValue, value
from evaluator.extract.cleaning import strip_thinking
from evaluator.types import Json

Step = Json  # with its text under `step`
Steps = Sequence[Step]
LONGEST_REPLY = 50_000  # characters at the end of a reply that are searched for the list
CLOSING = "]］】"
_OPENING = re.compile(r"[\[［【]")
_OF_STEPS = re.compile(r"[\[［【]\s*[{｛]")
UNLISTED = "words beside the list"


def steps_in(text: str, faults: Faults) -> Steps | None:
    """The list of steps that a reply gives; None where there is none that can be read."""
    text = strip_thinking(text).strip()[-LONGEST_REPLY:]
    end = max(map(text.rfind, CLOSING)) + 1
    openings = [found.start() for found in _OPENING.finditer(text)]
    lists = [found.start() for found in _OF_STEPS.finditer(text)]
    for start in dict.fromkeys((*openings[:1], *lists[-1:])):  # the last, where words hold another
        if start < end and (found := _list(text[start:end], faults)) is not None:
            if (start, end) != (0, len(text)):
                faults.add(UNLISTED)
            return found
    return None


def parameter_scores(steps: Steps, reference: Steps) -> list[float]:
    """The score of each step of the reference."""
    return [_parameters(_found(steps, each), each["param"]) for each in reference]


def need_scores(steps: Steps, reference: Steps) -> list[float]:
    """Whether each step of the reference is rightly said to need a tool, or to need none."""
    return [
        float(str(_found(steps, each).get("tool")).strip() == each["tool"]) for each in reference
    ]


def similarity(given: Any, expected: Any) -> float:
    """1 - the edit distance of two values as texts over the length of the longer."""
    if not expected:
        return float(given in (None, "", [], {}))
    return Levenshtein.normalized_similarity(_plain(given), _plain(expected))


def _parameters(step: Step, expected: Json) -> float:
    given = step.get("param")
    if not isinstance(given, Mapping):
        return 0.0
    named = {_plain(key): each for key, each in given.items()}
    return mean(similarity(named[key], expected[key]) if key in named else 0.0 for key in expected)


def _found(steps: Steps, reference: Step) -> Step:
    """The step of the same number."""
    return next((step for step in steps if number(step) == number(reference)), {})


def number(step: Step) -> str:
    """The number that a step begins with."""
    return str(step.get("step")).partition(" ")[0]


def _plain(value: Any) -> str:
    """As a text; models escape the underscore, as if they wrote Markdown."""
    return str(value).replace("\\_", "_")


def _list(text: str, faults: Faults) -> Steps | None:
    own = Faults()
    try:
        found = value(text, own)
    except UnreadableValue:
        return None
    if isinstance(found, list) and found and isinstance(found[0], list):
        found = found[0]
    if not isinstance(found, list):
        return None
    faults.found |= own.found
    return [step for step in found if isinstance(step, Mapping)]
