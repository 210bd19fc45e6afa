"""A judge's verdicts on several criteria at once: a list of YES and NO that ends its reply."""

import re
from collections.abc import Iterable, Sequence

from evaluator.judging.answer_judge import AnswerJudge
from evaluator.judging.panel import object_schema
from evaluator.statistics.intervals import figure
from evaluator.types import MEASURED, SHARE, Check, Outcomes, Sample, Schema, Totals

_LAST = re.compile(r"\[([^\[\]]*)\][\s`*}.。]*\Z")
_VERDICTS = {"YES": True, "NO": False}
Checklist = Sequence[bool]  # whether each of the criteria is met, in their order


def checklist(text: str, count: int) -> Checklist | None:
    """The list at the end of a reply; None where it has not a YES or NO for each of the criteria.

    The original of FollowBench counts PARTIAL or UNKNOWN as NO; here that is no verdict.
    """
    if not (found := _LAST.search(text)):
        return None
    said = [_VERDICTS.get(word.strip(" \t\n\"'“”‘’`*").upper()) for word in found[1].split(",")]
    given = [each for each in said if each is not None]
    return given if len(given) == len(said) == count else None


def checklist_schema(count: int) -> Schema:
    """A JSON schema of that many verdicts."""
    verdict = {"type": "string", "enum": list(_VERDICTS)}
    listed = {"type": "array", "items": verdict, "minItems": count, "maxItems": count}
    return object_schema({"verdicts": listed})


def checks(criteria: Iterable[str], lists: Iterable[Checklist]) -> list[Check]:
    """Each criterion with what the judges said of it: it is met where all say so."""
    return [
        Check(criterion, all(met), " ".join("YES" if one else "NO" for one in met))
        for criterion, met in zip(criteria, zip(*lists, strict=True), strict=True)
    ]


class ChecklistJudge(AnswerJudge[Checklist]):
    """Judges who say which of a sample's `criteria` an answer meets."""

    def read(self, text: str, sample: Sample, own: bool) -> Checklist | None:
        """The list of verdicts; of a prompt of the user's own, the original's form as well."""
        count = len(sample.fields["criteria"])
        return checklist(text, count) or (self.original(text, count) if own else None)

    def original(self, text: str, count: int) -> Checklist | None:
        """The verdicts in another form, which the original's prompt asks for."""
        return None

    def schema(self, sample: Sample) -> Schema:
        return checklist_schema(len(sample.fields["criteria"]))

    def of_nothing(self, sample: Sample) -> Checklist:
        return [False] * len(sample.fields["criteria"])

    def summary(self, verdicts: Sequence[Checklist], sample: Sample) -> tuple[str, list[Check]]:
        """How many of the criteria are met, and each of them with what was said of it."""
        found = checks(sample.fields["criteria"], verdicts)
        return f"{sum(check.passed for check in found)} of {len(found)}", found


def by_group(outcomes: Outcomes, names: Sequence[str]) -> Totals:
    """The mean of each of these shares among the dimensions: over all samples, and by group."""
    measured = [outcome for outcome in outcomes if outcome.status in MEASURED]
    values: dict[str, list[float]] = {}
    for name in names:
        values[name] = []  # before those of groups
        for outcome in measured:
            value = outcome.dimensions.get(name, 0.0)
            values[name].append(value)
            values.setdefault(f"{name} {outcome.group}", []).append(value)
    return {name: figure([each], scale=SHARE) for name, each in values.items()}
