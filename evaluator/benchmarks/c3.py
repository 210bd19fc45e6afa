"""C3: reading comprehension in Chinese, dialogues and other texts, multiple choice.

K. Sun, D. Yu, D. Yu, C. Cardie.  https://arxiv.org/abs/1904.09679

Scored on the validation split, as most do: CLUE, which hosts the data, keeps the answers of its
test split to itself.
"""

from collections import Counter
from collections.abc import Iterator

from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.multiple_choice import LETTERS, choice_fields, solve_by_letter
from evaluator.tasks.question import worked_examples
from evaluator.types import Benchmark, DataRow, Fields, Rows, Sample

DATASET = "clue/clue"
GROUPS = {"d": "dialogue", "m": "mixed"}  # by what a document's id begins with


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """3,816 questions of 2 to 4 options about 2,674 documents; examples from the train split."""
    shown = worked_examples("c3", shots, rows(DATASET, "c3", "train"), _fields)
    asked: Counter[str] = Counter()  # questions of a document
    for row in rows(DATASET, "c3", "validation"):
        fields = _fields(row) | shown
        document = row["id"]
        asked[document] += 1
        group = GROUPS[document.partition("-")[0]]
        yield Sample(f"{document}/{asked[document]}", fields, fields["answer"], group)


def _fields(row: DataRow) -> Fields:
    answer = LETTERS[row["choice"].index(row["answer"])]
    fields = choice_fields(row["question"], row["choice"], answer)
    return fields | {"passage": "\n".join(row["context"])}


C3 = Benchmark(
    name="c3",
    title="C3",
    kind="choice",
    topics=("reading",),
    about="Chinese reading comprehension",
    languages=("zh",),
    dataset=f"{DATASET} c3 validation",
    load=load,
    examples=True,
    size=3816,
    solve=solve_by_letter("c3"),
    modes=choice_modes("c3"),
    params={"temperature": 0.0, "max_tokens": 512},
    paper="https://arxiv.org/abs/1904.09679",
    licence="non-commercial research",
)
