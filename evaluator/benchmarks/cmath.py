"""CMATH: grade-school word problems in Chinese, by grade, and with needless facts added.

T. Wei, J. Luan, W. Liu, S. Dong, B. Wang.  https://arxiv.org/abs/2306.16636

The published figures are of the grades alone: the category "Grades" here. The other one has 60
problems with none to five facts that do not matter.
"""

from collections.abc import Iterator

from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.tasks.grading import graded
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, Benchmark, DataRow, Rows, Sample, Score

DATASET = "weitianwen/cmath"
GRADES = [f"grade {grade}" for grade in range(1, 7)]
DISTRACTORS = [f"distractors {count}" for count in range(6)]


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """600 problems, 100 of each grade, and 60 in six versions each."""
    for i, row in enumerate(rows(DATASET, "default", "validation")):
        yield _sample(i, f"grade {row['grade']}", row)
    for i, row in enumerate(rows(DATASET, "distractor", "test")):
        yield _sample(i, f"distractors {row['distractor']}", row)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the steps and then the number on a line of its own."""
    text = (await ask(Question("cmath", sample.fields, stop=["\n题目："]))).text
    return graded(number(text), sample.target, text)


def _sample(i: int, group: str, row: DataRow) -> Sample:
    """The hub names the fields question and answer, the authors' repository input and golden."""
    question, answer = ("input", "golden") if "golden" in row else ("question", "answer")
    if (target := canonical_number(row[answer])) is None:
        raise ValueError(f"answer {row[answer]!r} is no number")
    fields = {"question": row[question]} | worked_examples("cmath", 0, (), dict)
    return Sample(f"{group}/{i}", fields, target, group)


CMATH = Benchmark(
    name="cmath",
    title="CMATH",
    topics=("maths",),
    about="Chinese grade-school maths by grade",
    languages=("zh",),
    dataset=f"{DATASET} validation",
    load=load,
    size=960,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    categories=dict.fromkeys(GRADES, "Grades") | dict.fromkeys(DISTRACTORS, "Distractors"),
    paper="https://arxiv.org/abs/2306.16636",
    licence="CC BY 4.0",
)
