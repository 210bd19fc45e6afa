r"""MATH-500: competition mathematics, scored on the boxed expression.  https://arxiv.org/abs/2305.20050

500 problems of MATH (https://arxiv.org/abs/2103.03874) that the paper's authors held out.
"""

from collections.abc import Iterator

from evaluator.prompts import render
from evaluator.tasks.grading import graded_expression
from evaluator.types import Ask, Benchmark, Rows, Sample, Score


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """500 problems in 7 subjects."""
    for row in rows("HuggingFaceH4/MATH-500", "default", "test"):
        fields = {"problem": row["problem"], "level": row["level"]}
        yield Sample(row["unique_id"], fields, row["answer"], row["subject"])


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the steps and then the result in a box; equal expressions count as equal."""
    return graded_expression(sample, await ask(render("math500/question", **sample.fields)))


MATH500 = Benchmark(
    name="math500",
    title="MATH-500",
    topics=("maths",),
    about="competition maths",
    dataset="HuggingFaceH4/MATH-500 default test",
    load=load,
    size=500,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 2048},
    paper="https://arxiv.org/abs/2305.20050",
    licence="MIT",
)
