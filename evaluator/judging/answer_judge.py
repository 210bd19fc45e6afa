"""Judges of a single answer: benchmarks that ask their model once, and then what it is worth."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.escaping import filled
from evaluator.judging.judged import UNASKED, JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, of_judges
from evaluator.prompts import render
from evaluator.types import Ask, Check, Sample, Schema, Score

V = TypeVar("V")


class AnswerJudge(ABC, Generic[V]):
    """What judges are asked of an answer, and what their verdicts come to; a verdict is a V.

    `folder` holds the prompts `judge` and `repair`, which the sample's fields fill; the model is
    asked what stands there as `prompt`. A prompt of the user's own must have `essential` places.
    """

    folder: ClassVar[str]
    essential: ClassVar[Sequence[str]]

    @abstractmethod
    def places(self, sample: Sample, answer: str) -> Mapping[str, str]:
        """What fills a prompt of the user's own, by the names of the original's."""

    @abstractmethod
    def read(self, text: str, sample: Sample, own: bool) -> V | None:
        """The verdict of a reply, in words or JSON; `own`: to a prompt of the user's own."""

    @abstractmethod
    def schema(self, sample: Sample) -> Schema:
        """What a verdict looks like in JSON."""

    @abstractmethod
    def figures(self, verdict: V, sample: Sample) -> Mapping[str, float]:
        """What one judge's verdict comes to: the value first, then further dimensions."""

    @abstractmethod
    def summary(self, verdicts: Sequence[V], sample: Sample) -> tuple[str, Sequence[Check]]:
        """All verdicts in a few words, and what they say of each single demand."""

    @abstractmethod
    def of_nothing(self, sample: Sample) -> V:
        """The verdict on an empty answer, which nobody is asked to judge."""

    def without_judges(self, sample: Sample, answer: str) -> Score | None:
        """The score of an answer that no judge is needed for."""
        return None

    async def solve(self, sample: Sample, ask: Ask, panel: Panel) -> Score:
        """Asks what the sample asks as it stands, and each judge for a verdict."""
        answer = strip_thinking((await ask(sample.fields["prompt"])).text).strip()
        if not answer:
            value, dimensions = parted(self.figures(self.of_nothing(sample), sample))
            return Score(value, None, UNASKED, dimensions)
        if score := self.without_judges(sample, answer):
            return score
        verdicts: dict[str, Verdict[V]] = await panel.verdicts(
            ask,
            self.judge_prompt(sample, answer, panel.prompt),
            lambda text: self.read(text, sample, bool(panel.prompt)),
            self.schema(sample),
            render(f"{self.folder}/repair", **sample.fields),
        )
        return self.score(sample, verdicts, panel)

    def judge_prompt(self, sample: Sample, answer: str, template: str = "") -> str:
        """What a judge is asked, in our own words or in those of the user's file."""
        if template:
            return filled(template, self.places(sample, answer))
        return render(f"{self.folder}/judge", **sample.fields, answer=answer)

    def score(self, sample: Sample, verdicts: Mapping[str, Verdict[V]], panel: Panel) -> Score:
        """The score of readable verdicts, by judge."""
        read = {name: of.value for name, of in verdicts.items() if of.value is not None}
        each = {name: self.figures(verdict, sample) for name, verdict in read.items()}
        names = next(iter(each.values()))
        value, dimensions = parted(
            {name: panel.pooled([of[name] for of in each.values()]) for name in names}
        )
        by_judge = of_judges(verdicts, {name: parted(of)[0] for name, of in each.items()})
        said, checks = self.summary(list(read.values()), sample)
        return Score(value, said, dimensions=dimensions | by_judge, checks=checks)

    def judged_solve(self) -> JudgedSolve:
        """The `solve` of a benchmark that is judged so."""
        return JudgedSolve(
            self.solve, f"prompts/{self.folder}/judge.txt", requires(*self.essential)
        )


def parted(figures: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """The value, which is the first of the figures, and the others as its dimensions."""
    (_, value), *others = figures.items()
    return value, dict(others)
