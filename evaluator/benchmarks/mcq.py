"""mcq:FILE, a user's own multiple-choice questions, without code.

A row is {question, A, B, C, ..., answer} or {question, choices: [...], answer}, the answer being a
letter or, beside `choices`, a position counted from 0. `id` and `group` may be given.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evaluator.benchmarks.choice_modes import choice_modes
from evaluator.benchmarks.multiple_choice import LETTERS, choice_fields, chooser
from evaluator.benchmarks.own_file import own, text
from evaluator.benchmarks.question import Fields
from evaluator.types import Benchmark


def mcq(name: str) -> Benchmark:
    """The benchmark of the file in "mcq:FILE".  Raises UsageError when there is none."""
    return replace(own(name, build, chooser("mcq")), modes=choice_modes("mcq"))


def build(row: Mapping[str, Any]) -> tuple[Fields, str]:
    """The prompt's fields and the right letter."""
    answer = row["answer"]
    if "choices" in row:
        choices = row["choices"]
        if not isinstance(choices, list) or len(choices) > len(LETTERS):
            raise ValueError(f"choices must be a list of at most 26, got {choices!r:.80}")
        options = dict(zip(LETTERS, map(text, choices), strict=False))
        if type(answer) is int and 0 <= answer < len(options):
            answer = LETTERS[answer]
    else:
        options = {letter: text(row[letter]) for letter in LETTERS if letter in row}
    if len(options) < 2:
        raise ValueError("fewer than two options; give them as A, B, C, ... or as choices")
    answer = text(answer).upper()
    fields = choice_fields(text(row["question"]), list(options.values()), answer, list(options))
    return fields, answer
