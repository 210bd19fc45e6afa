"""ARC: grade-school science, multiple choice, Challenge and Easy.  https://arxiv.org/abs/1803.05457"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from evaluator.benchmarks.grading import graded_choice, option_lines
from evaluator.prompts import render
from evaluator.types import Ask, Benchmark, Rows, Sample, Score

CONFIGS = "ARC-Challenge", "ARC-Easy"


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,172 + 2,376 questions of 3 to 5 options, some keyed by digits; examples from validation."""
    for config in CONFIGS:
        examples = ""
        if shots:
            validation = islice(rows("allenai/ai2_arc", config, "validation"), shots)
            examples = "".join(render("arc/example", **_fields(row)) for row in validation)
        for row in rows("allenai/ai2_arc", config, "test"):
            fields = _fields(row) | {"examples": examples}
            yield Sample(row["id"], fields, row["answerKey"], config)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the letter on a last line; reads it wherever it is clearly stated."""
    return graded_choice(sample, await ask(render("arc/question", **sample.fields)))


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    labels, options = row["choices"]["label"], row["choices"]["text"]
    if row["answerKey"] not in labels:
        raise ValueError(f"answerKey {row['answerKey']!r} is none of the labels {labels}")
    return {
        "question": row["question"],
        "labels": labels,
        "options": options,
        "option_lines": option_lines(labels, options),
        "answer": row["answerKey"],
    }


ARC = Benchmark(
    name="arc",
    title="ARC",
    dataset="allenai/ai2_arc Challenge and Easy test",
    load=load,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 512},
    paper="https://arxiv.org/abs/1803.05457",
    licence="CC BY-SA 4.0",
)
