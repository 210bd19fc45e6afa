"""Chinese SimpleQA: short questions on facts; a judge says correct, incorrect or not attempted.

Y. He, S. Li, J. Liu and others.  https://arxiv.org/abs/2411.07140

An empty answer is not attempted, and nobody is asked to judge it. The original counts a verdict
that it cannot read as not attempted; here that sample has no score.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from evaluator.judging.answer_judge import AnswerJudge
from evaluator.judging.panel import object_schema
from evaluator.statistics.intervals import ratio
from evaluator.types import MEASURED, Benchmark, Check, Outcomes, Rows, Sample, Schema, Totals

DATASET = "OpenStellarTeam/Chinese-SimpleQA"
Grade = Literal["correct", "incorrect", "not attempted"]
GRADES: tuple[Grade, ...] = get_args(Grade)
_OURS: Mapping[str, Grade] = dict(zip(("正确", "错误", "未作答"), GRADES, strict=True))
_ORIGINAL: Mapping[str, Grade] = dict(zip("ABC", GRADES, strict=True))
_VERDICT = re.compile(  # the last thing said, in words or JSON
    r"(?:\A|\n)[{\"*\s]{0,9}评判[\"*\s]{0,9}[:：][\"*\s]{0,9}(正确|错误|未作答)[\"*\s}`。.]*\Z"
)
SCHEMA = object_schema({"评判": {"type": "string", "enum": list(_OURS)}})


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """3,000 questions in six fields."""
    for row in rows(DATASET, "default", "train"):
        fields = {"prompt": row["question"], "reference": row["answer"]}
        yield Sample(row["id"], fields, row["answer"], row["primary_category"])


def grade(text: str, letters: bool = False) -> Grade | None:
    """The grade that a judge ends with.

    `letters`: a reply to the original's prompt is A, B or C and nothing else.
    """
    text = text.strip()
    if letters and (given := _ORIGINAL.get(text.strip("*. \n"))):
        return given
    found = _VERDICT.search(text)
    return _OURS[found[1]] if found else None


class Grader(AnswerJudge[Grade]):
    """Judges who see the question, its answer and the model's."""

    folder = "chinese_simpleqa"
    essential = "question", "target", "predicted_answer"

    def places(self, sample: Sample, answer: str) -> Mapping[str, str]:
        given = (sample.fields["prompt"], sample.fields["reference"], answer)
        return dict(zip(self.essential, given, strict=True))

    def read(self, text: str, sample: Sample, own: bool) -> Grade | None:
        return grade(text, letters=own)

    def schema(self, sample: Sample) -> Schema:
        return SCHEMA

    def of_nothing(self, sample: Sample) -> Grade:
        return "not attempted"

    def figures(self, verdict: Grade, sample: Sample) -> Mapping[str, float]:
        away = float(verdict == "not attempted")
        correct = float(verdict == "correct")
        return {"correct": correct, "not_attempted": away, "attempted": 1.0 - away}

    def summary(self, verdicts: Sequence[Grade], sample: Sample) -> tuple[str, Sequence[Check]]:
        return ", ".join(sorted(set(verdicts))), ()


def summarize(outcomes: Outcomes) -> Totals:
    """Correct of those attempted, and the F-score: its harmonic mean with the share of correct."""
    measured = [outcome for outcome in outcomes if outcome.status in MEASURED]
    correct = [outcome.score for outcome in measured]
    attempted = [outcome.dimensions.get("attempted", 0.0) for outcome in measured]
    return {
        "correct given attempted": ratio(correct, attempted),
        "F-score": ratio([2 * each for each in correct], [1 + each for each in attempted]),
    }


JUDGE = Grader()
CHINESE_SIMPLEQA = Benchmark(
    name="chinese_simpleqa",
    title="Chinese SimpleQA",
    kind="judge",
    topics=("knowledge",),
    about="facts, graded by a judge",
    languages=("zh",),
    dataset=f"{DATASET} default train",
    load=load,
    size=3000,
    solve=JUDGE.judged_solve(),
    params={"temperature": 0.0, "max_tokens": 512},
    metric="correct",
    summarize=summarize,
    roles=("model", "judge"),
    paper="https://arxiv.org/abs/2411.07140",
    licence="CC BY-NC-SA 4.0",
)
