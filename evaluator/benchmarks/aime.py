"""AIME: the American Invitational Mathematics Examination of a year, 30 problems of two papers.

Mathematical Association of America.  https://maa.org/

Every answer is a whole number from 0 to 999. 30 problems tell little: one of them is 3.3 points, so
run them with --repeats. A model that thinks long needs more tokens than this: --param max_tokens=N.
"""

from collections.abc import Iterator
from functools import partial

from evaluator.prompts import render
from evaluator.tasks.grading import graded_expression
from evaluator.types import Ask, Benchmark, Rows, Sample, Score


def load(dataset: str, split: str, rows: Rows, shots: int) -> Iterator[Sample]:
    """30 problems."""
    for row in rows(dataset, "default", split):
        target = str(int(row["answer"]))  # the paper's 025 is 25
        yield Sample(str(row["id"]), {"problem": row["problem"]}, target, "main")


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the steps and then the number in a box."""
    return graded_expression(sample, await ask(render("aime/question", **sample.fields)))


def _of(year: int, dataset: str, split: str) -> Benchmark:
    return Benchmark(
        name=f"aime{year % 100}",
        title=f"AIME {year}",
        topics=("maths", "exam"),
        about="competition maths",
        dataset=f"{dataset} default {split}",
        load=partial(load, dataset, split),
        size=30,
        solve=solve,
        params={"temperature": 0.0, "max_tokens": 8192},
        paper="https://maa.org/",  # a contest has no paper
        licence="none stated",
    )


AIME24 = _of(2024, "HuggingFaceH4/aime_2024", "train")
AIME25 = _of(2025, "math-ai/aime25", "test")
