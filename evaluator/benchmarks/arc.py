"""ARC: grade-school science, multiple choice, Challenge and Easy.  https://arxiv.org/abs/1803.05457"""

from collections.abc import Iterator

from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.multiple_choice import choice_fields, solve_by_letter
from evaluator.tasks.question import worked_examples
from evaluator.types import Benchmark, DataRow, Fields, Rows, Sample

CONFIGS = "ARC-Challenge", "ARC-Easy"


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,172 + 2,376 questions of 3 to 5 options, some keyed by digits; examples from validation."""
    for config in CONFIGS:
        validation = rows("allenai/ai2_arc", config, "validation")
        shown = worked_examples("arc", shots, validation, _fields)
        for row in rows("allenai/ai2_arc", config, "test"):
            yield Sample(row["id"], _fields(row) | shown, row["answerKey"], config)


def _fields(row: DataRow) -> Fields:
    choices = row["choices"]
    return choice_fields(row["question"], choices["text"], row["answerKey"], choices["label"])


ARC = Benchmark(
    name="arc",
    title="ARC",
    kind="choice",
    topics=("science", "exam"),
    about="science questions (Challenge and Easy)",
    dataset="allenai/ai2_arc Challenge and Easy test",
    load=load,
    examples=True,
    size=3548,
    solve=solve_by_letter("arc"),
    modes=choice_modes("arc", cloze=True),
    params={"temperature": 0.0, "max_tokens": 512},
    paper="https://arxiv.org/abs/1803.05457",
    licence="CC BY-SA 4.0",
)
