"""ARC: grade-school science, multiple choice, Challenge and Easy.  https://arxiv.org/abs/1803.05457"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from evaluator.benchmarks.multiple_choice import Fields, choice_fields, chooser
from evaluator.prompts import render
from evaluator.types import Benchmark, Rows, Sample

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


def _fields(row: dict[str, Any]) -> Fields:
    choices = row["choices"]
    return choice_fields(row["question"], choices["text"], row["answerKey"], choices["label"])


ARC = Benchmark(
    name="arc",
    title="ARC",
    dataset="allenai/ai2_arc Challenge and Easy test",
    load=load,
    size=3548,
    solve=chooser("arc/question"),
    params={"temperature": 0.0, "max_tokens": 512},
    paper="https://arxiv.org/abs/1803.05457",
    licence="CC BY-SA 4.0",
)
