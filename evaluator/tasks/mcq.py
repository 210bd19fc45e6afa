"""mcq:FILE, a user's own multiple-choice questions, without code.

A row is {question, A, B, C, ..., answer} or {question, choices: [...], answer}, the answer being a
letter, the text of an option or, beside `choices`, a position counted from 0. `id` and `group` may
be given.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evaluator.extract.text import plain
from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.multiple_choice import LETTERS, choice_fields, solve_by_letter
from evaluator.tasks.own_file import file_benchmark, text
from evaluator.types import Benchmark, DataRow, Fields

_MARK = re.compile(r"[(\[]?([A-Z])(?:[)\]][.:]?\s*|[、:]\s*|\.\s*(?=\D))")
_ALONE = re.compile(r"(?:option|choice|选项)?\s*[(\[]?([A-Za-z])[)\]]?[.:]?", re.IGNORECASE)


def mcq(name: str) -> Benchmark:
    """The benchmark of the file in "mcq:FILE".  Raises UsageError when there is none."""
    return replace(file_benchmark(name, build, solve_by_letter("mcq")), modes=choice_modes("mcq"))


def build(row: DataRow) -> tuple[Fields, str]:
    """The prompt's fields and the right letter."""
    if "choices" in row:
        choices = row["choices"]
        if not isinstance(choices, list) or len(choices) > len(LETTERS):
            raise ValueError(f"choices must be a list of at most 26, got {choices!r:.80}")
        options = dict(zip(LETTERS, map(text, choices), strict=False))
    else:
        options = {letter: text(row[letter]) for letter in LETTERS if letter in row}
    if len(options) < 2:
        raise ValueError("fewer than two options; give them as A, B, C, ... or as choices")
    options = _without_marks(options)
    answer = _letter(row["answer"], options, counted="choices" in row)
    fields = choice_fields(text(row["question"]), list(options.values()), answer, list(options))
    return fields, answer


def _without_marks(options: dict[str, str]) -> dict[str, str]:
    """The options without the letters that all of them begin with, each with its own."""
    marks = {letter: _MARK.match(plain(option)) for letter, option in options.items()}
    if not all(mark and mark[1] == letter for letter, mark in marks.items()):
        return options
    return {
        letter: option[mark.end() :]
        for letter, option in options.items()
        if (mark := marks[letter])
    }


def _letter(answer: Any, options: Mapping[str, str], counted: bool) -> str:
    """The letter of the right option.  Raises ValueError where two could be meant."""
    if type(answer) is int and counted and 0 <= answer < len(options):
        return LETTERS[answer]
    given = text(answer)
    if (alone := _ALONE.fullmatch(plain(given))) and (letter := alone[1].upper()) in options:
        return letter
    meant = {letter for letter, option in options.items() if _folded(option) == _folded(given)}
    if (mark := _MARK.match(plain(given))) and not meant:
        rest = _folded(given[mark.end() :])
        meant = {mark[1]} if _folded(options.get(mark[1], "")) == rest else set()
    if counted and given.isdecimal() and int(given) < len(options):
        meant.add(LETTERS[int(given)])
    if len(meant) > 1:
        raise ValueError(
            f"answer {given!r} may be any of {', '.join(sorted(meant))}; give its letter"
        )
    return meant.pop() if meant else given.upper()


def _folded(option: str) -> str:
    return " ".join(option.casefold().split()).rstrip(".。")
