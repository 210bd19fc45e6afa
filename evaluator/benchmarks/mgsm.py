"""MGSM: the same 250 grade-school word problems in Chinese and in English.

F. Shi, M. Suzgun, M. Freitag, X. Wang and others.  https://arxiv.org/abs/2210.03057

Of the paper's eleven languages these two, so that language and mathematics come apart: a sample
and its twin have the same number in their ids.
"""

import re
from collections.abc import Iterator
from functools import partial

from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.tasks.grading import graded
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, Benchmark, DataRow, Fields, Rows, Sample, Score

DATASET = "juletxara/mgsm"
LANGUAGES = "zh", "en"
# What the worked examples of the data have around the question and the steps.
_LABEL = re.compile(r"(?:Question|问题|Step-by-Step Answer|逐步解答)\s?[:：]\s*")
_RESULT = re.compile(r"\s*(?:The answer is|答案是)\s*[^\s.。]+[.。]\s*\Z")


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """250 problems in each language; worked examples are the first of its train split (8 there)."""
    for language in LANGUAGES:
        train = rows(DATASET, language, "train")
        shown = worked_examples("mgsm", shots, train, partial(_example, language))
        for i, row in enumerate(rows(DATASET, language, "test")):
            yield Sample(
                f"{language}/{i}", _question(language, row) | shown, _answer(row), language
            )


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks, in the problem's language, for the steps and then the number on a line of its own."""
    question = Question("mgsm", sample.fields, stop=["\nQuestion:", "\n题目："])
    text = (await ask(question)).text
    return graded(number(text), sample.target, text)


def _example(language: str, row: DataRow) -> Fields:
    steps = _RESULT.sub("", _LABEL.sub("", row["answer"], count=1))
    return _question(language, row) | {"steps": steps, "answer": _answer(row)}


def _question(language: str, row: DataRow) -> Fields:
    label = _LABEL.match(row["question"])
    question = row["question"][label.end() if label else 0 :]
    return {"question": question, "chinese": language == "zh"}


def _answer(row: DataRow) -> str:
    if (value := canonical_number(str(row["answer_number"]))) is None:
        raise ValueError(f"answer_number {row['answer_number']!r} is no number")
    return value


MGSM = Benchmark(
    name="mgsm",
    title="MGSM",
    topics=("maths",),
    about="grade-school maths in Chinese and English",
    languages=("zh", "en"),
    dataset=f"{DATASET} zh and en test",
    load=load,
    examples=True,
    size=500,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    paper="https://arxiv.org/abs/2210.03057",
    licence="CC BY-SA 4.0",
)
