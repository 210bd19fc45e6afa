"""Verdicts as lines of the file format that a benchmark's own code has."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from evaluator.judging.exchanges import Exchange
from evaluator.types import Json, Sample, Score

Line = Json  # one verdict, or the verdicts of several judges


class VerdictFormat(Protocol):
    """Writes the verdicts on a sample as lines, and reads such lines back as a sample."""

    def lines(
        self, sample: Sample, exchanges: Sequence[Exchange], score: Score | None, model: str
    ) -> Iterable[Line]:
        """The lines of a sample; `score` None: a verdict was not readable."""
        ...

    def sample(self, name: str, lines: Sequence[Line], known: Sample | None) -> Sample:
        """The sample of recorded lines, helped by the `known` one of the data set."""
        ...

    def score(self, sample: Sample) -> Score:
        """The score of recorded lines.  Raises Unjudged."""
        ...

    def part(self, line: Line) -> str:
        """What tells the lines of one question from each other."""
        ...
