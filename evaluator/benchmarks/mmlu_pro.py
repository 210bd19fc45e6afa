"""MMLU-Pro: harder exam questions in 14 subjects, of up to ten options.

Y. Wang, X. Ma, G. Zhang and others.  https://arxiv.org/abs/2406.01574

A reply in which no letter can be read is wrong here; the authors' code gives it a random one. The
worked examples reason before they answer, but for a mode or a base model that answers at once.
"""

import re
from collections.abc import Iterator

from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.multiple_choice import choice_fields, solve_by_letter
from evaluator.tasks.question import worked_examples
from evaluator.types import Benchmark, DataRow, Fields, Rows, Sample

DATASET = "TIGER-Lab/MMLU-Pro"
# What stands around the reasoning of the worked examples.
_AROUND = re.compile(
    r"\A\s*(?:A:\s*)?(?:Let's think step by step\.\s*)?|\s*The answer is \([A-J]\)\.?\s*\Z"
)


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """12,032 questions; the examples of a subject are the first of the validation split (5)."""
    examples: dict[str, list[DataRow]] = {}
    for row in rows(DATASET, "default", "validation") if shots else ():
        examples.setdefault(row["category"], []).append(row)
    shown: dict[str, Fields] = {}
    for row in rows(DATASET, "default", "test"):
        if (subject := row["category"]) not in shown:
            of_subject = examples.get(subject, [])
            shown[subject] = worked_examples("mmlu_pro", shots, of_subject, _fields)
        fields = _fields(row) | shown[subject] | {"subject": subject}
        yield Sample(str(row["question_id"]), fields, row["answer"], subject)


def _fields(row: DataRow) -> Fields:
    fields = choice_fields(row["question"], row["options"], row["answer"])
    return fields | {"steps": _AROUND.sub("", row["cot_content"])}


MMLU_PRO = Benchmark(
    name="mmlu_pro",
    title="MMLU-Pro",
    kind="choice",
    topics=("knowledge", "exam"),
    about="14 subjects, up to ten options",
    dataset=f"{DATASET} default test",
    load=load,
    size=12032,
    solve=solve_by_letter("mmlu_pro"),
    modes=choice_modes("mmlu_pro"),
    params={"temperature": 0.0, "max_tokens": 2048},
    shots=5,
    paper="https://arxiv.org/abs/2406.01574",
    licence="MIT",
)
