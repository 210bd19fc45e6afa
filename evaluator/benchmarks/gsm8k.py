"""GSM8K: grade-school word problems, scored on the final number.  https://arxiv.org/abs/2110.14168"""

import re
from collections.abc import Iterator
from itertools import islice

from evaluator.benchmarks.grading import graded
from evaluator.extract import canonical_number, number
from evaluator.prompts import render
from evaluator.types import Ask, Benchmark, Rows, Sample, Score

CALCULATOR_MARK = re.compile(r"<<.*?>>")  # the data's own annotation, not part of the solution


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,319 questions; worked examples are the first of the train split."""
    examples = ""
    if shots:
        train = islice(rows("openai/gsm8k", "main", "train"), shots)
        examples = "".join(example(row["question"], row["answer"]) for row in train)
    for i, row in enumerate(rows("openai/gsm8k", "main", "test")):
        fields = {"question": row["question"], "examples": examples}
        yield Sample(str(i), fields, gold(row["answer"]), "main")


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the steps and then the number on a line of its own."""
    text = (await ask(render("gsm8k/question", **sample.fields))).text
    return graded(number(text), sample.target, text)


def example(question: str, answer: str) -> str:
    """One worked example in the form that the prompt asks for."""
    steps = CALCULATOR_MARK.sub("", answer.rpartition("####")[0]).strip()
    return render("gsm8k/example", question=question, steps=steps, answer=gold(answer))


def gold(answer: str) -> str:
    """The number after the #### mark."""
    if (value := canonical_number(answer.rpartition("####")[2])) is None:
        raise ValueError(f"no number after #### in {answer[-60:]!r}")
    return value


GSM8K = Benchmark(
    name="gsm8k",
    title="GSM8K",
    dataset="openai/gsm8k main test",
    load=load,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    paper="https://arxiv.org/abs/2110.14168",
    licence="MIT",
)
