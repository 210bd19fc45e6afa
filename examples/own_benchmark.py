"""A benchmark of your own, in a file of your own.

python examples/own_benchmark.py http://localhost:8000/v1 my-model
evaluator run examples/own_benchmark.py:CAPITALS --model my-model --base-url ...
"""

import sys
from collections.abc import Iterator

from evaluator import Benchmark, Sample, Score, evaluate
from evaluator.types import Ask, Rows

CAPITALS_OF = {"France": "Paris", "Japan": "Tokyo", "Peru": "Lima"}


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """The questions; `rows` would read a data set."""
    for country, capital in CAPITALS_OF.items():
        yield Sample(id=country, fields={"country": country}, target=capital)


async def solve(sample: Sample, ask: Ask) -> Score:
    """One question, and 1 point where the reply holds the capital."""
    reply = await ask(f"What is the capital of {sample.fields['country']}? Answer in one word.")
    return Score(value=float(sample.target in reply.text), answer=reply.text.strip())


CAPITALS = Benchmark(
    name="capitals",
    title="Capitals of countries",
    dataset="in this file",
    load=load,
    solve=solve,
    params={"temperature": 0, "max_tokens": 16},
)

if __name__ == "__main__":
    base_url, model = sys.argv[1:]
    report = evaluate(CAPITALS, model=model, base_url=base_url, out=f"runs/capitals-{model}")
    result = report.benchmarks["capitals"]
    print(f"{result.value:.1%} of {result.samples} capitals")
