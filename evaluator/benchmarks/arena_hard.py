"""Arena-Hard v0.1: 500 hard prompts, whose answers `evaluator arena` sets against a baseline's.

T. Li, W.-L. Chiang, E. Frick and others.  https://arxiv.org/abs/2406.11939

A run of it records the answers. It has no score of its own: what a run tells is how many prompts
were answered at all.
"""

from collections.abc import Iterator

from evaluator.extract.cleaning import strip_thinking
from evaluator.types import Ask, Benchmark, Rows, Sample, Score

DATASET = "lmarena-ai/arena-hard-auto"


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """500 prompts of 250 topics."""
    for row in rows(DATASET, "v0.1", "question"):
        yield Sample(row["uid"], {"prompt": row["prompt"]}, "", "main")


async def solve(sample: Sample, ask: Ask) -> Score:
    """Gives the prompt as it stands."""
    answer = strip_thinking((await ask(sample.fields["prompt"])).text).strip()
    return Score(float(bool(answer)), answer or None)


ARENA_HARD = Benchmark(
    name="arena_hard",
    title="Arena-Hard v0.1",
    kind="judge",
    topics=("dialogue",),
    about="hard prompts for an arena",
    dataset=f"{DATASET} v0.1 question",
    load=load,
    size=500,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 4096},
    metric="answered; `evaluator arena` compares the answers",
    paper="https://arxiv.org/abs/2406.11939",
    licence="Apache-2.0",
)
