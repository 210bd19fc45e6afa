"""GSM8K: grade-school word problems, scored on the final number.  https://arxiv.org/abs/2110.14168"""

import re
from collections.abc import Iterator

from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.tasks.grading import graded
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, Benchmark, DataRow, Fields, Rows, Sample, Score

CALCULATOR_MARK = re.compile(r"<<.*?>>")  # the data's own annotation, not part of the solution


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,319 questions; worked examples are the first of the train split."""
    shown = worked_examples("gsm8k", shots, rows("openai/gsm8k", "main", "train"), example)
    for i, row in enumerate(rows("openai/gsm8k", "main", "test")):
        yield Sample(str(i), {"question": row["question"]} | shown, gold(row["answer"]), "main")


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the steps and then the number on a line of its own."""
    text = (await ask(Question("gsm8k", sample.fields, stop=["\nQuestion:"]))).text
    return graded(number(text), sample.target, text)


def example(row: DataRow) -> Fields:
    """The fields of one worked example."""
    steps = CALCULATOR_MARK.sub("", row["answer"].rpartition("####")[0]).strip()
    return {"question": row["question"], "steps": steps, "answer": gold(row["answer"])}


def gold(answer: str) -> str:
    """The number after the #### mark."""
    if (value := canonical_number(answer.rpartition("####")[2])) is None:
        raise ValueError(f"no number after #### in {answer[-60:]!r}")
    return value


GSM8K = Benchmark(
    name="gsm8k",
    title="GSM8K",
    topics=("maths",),
    about="grade-school maths",
    dataset="openai/gsm8k main test",
    load=load,
    examples=True,
    size=1319,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    paper="https://arxiv.org/abs/2110.14168",
    licence="MIT",
)
