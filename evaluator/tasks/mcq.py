"""mcq:FILE, a user's own multiple-choice questions, without code.

A row is {question, A, B, C, ..., answer} or {question, choices: [...], answer}, the answer being a
letter, the text of an option or, beside `choices`, a position counted from 0; or several of these,
as `AC`, `A, C` or a list. `id` and `group` may be given.

A question must not tell how many of its options are right. So where any of a group has several,
all questions of the group ask for one or several.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from string import ascii_uppercase
from typing import Any

from evaluator.data import RowFormat
from evaluator.errors import UsageError
from evaluator.extract.joined_letters import alone
from evaluator.extract.text import plain
from evaluator.locale import N_
from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.grading import credit, graded_choice, graded_choices
from evaluator.tasks.multiple_choice import LETTERS, NEXT, choice_fields
from evaluator.tasks.own_file import OwnFile, file_benchmark, own_file
from evaluator.tasks.own_turns import after_turns, text
from evaluator.tasks.question import Question
from evaluator.types import Ask, Benchmark, DataRow, Fields, Mode, Rows, Sample, Score, Solve

_MARK = re.compile(r"[(\[]?([A-Z])(?:[)\]][.:]?\s*|[、:]\s*|\.\s*(?=\D))")
_ALONE = re.compile(r"(?:option|choice|选项)?\s*[(\[]?([A-Za-z])[)\]]?[.:]?", re.IGNORECASE)


def mcq(name: str, format: RowFormat) -> Benchmark:
    """The benchmark of the file in "mcq:FILE".  Raises UsageError when there is none."""
    file = own_file(name, format, build)
    modes = {
        mode: Mode(after_turns(single(mode, by.solve)), by.params)
        for mode, by in choice_modes("mcq").items()
    }
    return replace(file_benchmark(file, solve), load=SamplesByGroup(file), modes=modes)


class SamplesByGroup:
    """`load` of a file, which also says of each group whether it has several right options."""

    def __init__(self, file: OwnFile) -> None:
        self._file = file
        self._several: frozenset[str] | None = None  # once the file was read

    def __call__(self, rows: Rows, shots: int) -> Iterator[Sample]:
        read = self._file.load(rows, shots)
        if self._several is None:
            placed = self._file.placed(wanted=_may_have_several)
            self._several = frozenset(each.group for _, each in placed if len(each.target) > 1)
        for sample in read:
            several = {"several": sample.group in self._several}
            yield replace(sample, fields={**sample.fields, **several})


def _may_have_several(row: DataRow) -> bool:
    """Whether the right options must be looked at to know: not those of a lone letter."""
    answer = row.get("answer")
    return not (isinstance(answer, str) and len(answer) == 1)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the letter on a last line, or for all right letters.

    Only the right letters and no other are right; some of them alone earn half of the credit.
    """
    response = await ask(Question("mcq", sample.fields, stop=NEXT))
    if not sample.fields["several"]:
        return graded_choice(sample, response)
    score = graded_choices(sample, response)
    earned = credit(score.answer or "", sample.target)
    return replace(score, dimensions={**score.dimensions, "credit": earned})


def single(mode: str, solve: Solve) -> Solve:
    """`solve` of a mode, which can choose one option only."""

    async def solved(sample: Sample, ask: Ask) -> Score:
        if sample.fields["several"]:
            raise UsageError(
                N_(
                    "--mode {mode} chooses one option, and questions such as {id!r} may have "
                    "several right ones; run them without --mode",
                    mode=mode,
                    id=sample.id,
                )
            )
        return await solve(sample, ask)

    return solved


def build(row: DataRow) -> tuple[Fields, str]:
    """The prompt's fields and the right letters."""
    options, keys = _options(row)
    if len(options) < 2:
        raise ValueError("fewer than two options; give them as A, B, C, ... or as choices")
    options = _without_marks(options)
    answer = _letters(row["answer"], options, keys, counted="choices" in row)
    question = text(row["question"])
    return choice_fields(question, list(options.values()), answer[0], list(options)), answer


def _options(row: DataRow) -> tuple[dict[str, str], Mapping[str, str]]:
    """The options by letter, and the letter of each key that the row has for them instead."""
    if "choices" not in row:
        return {letter: text(row[letter]) for letter in LETTERS if letter in row}, {}
    choices = row["choices"]
    if isinstance(choices, dict) and {"text", "label"} <= choices.keys():  # as ARC has them
        choices = dict(zip(choices["label"], choices["text"], strict=True))
    keys = list(choices) if isinstance(choices, dict) else []
    texts = list(choices.values()) if keys else choices
    if not isinstance(texts, list) or len(texts) > len(LETTERS):
        raise ValueError(f"choices must be a list of at most 26, got {choices!r:.80}")
    if all(len(key) == 1 and key in ascii_uppercase for key in keys):
        return dict(zip(keys or LETTERS, map(text, texts), strict=False)), {}
    return dict(zip(LETTERS, map(text, texts), strict=False)), dict(
        zip(keys, LETTERS, strict=False)
    )


def _letters(
    answer: Any, options: Mapping[str, str], keys: Mapping[str, str], counted: bool
) -> str:
    """The letters of the right options, in their order.  Raises ValueError where that is unclear.

    Several are a list of single answers, or letters with at most a comma or "and" between them.
    """
    if isinstance(answer, list):
        letters = [_letter(each, options, counted) for each in answer]
        if not letters or len({*letters}) < len(letters):
            raise ValueError(f"answer {answer!r:.80} must name each right option once")
        return "".join(sorted(letters))
    if str(answer) in keys:
        return keys[str(answer)]
    given = str(answer).strip()
    if len(given) == 1 and given in options:
        return given
    joined = None
    if len(given) > 1:
        joined = alone(re.sub("[;|]", ",", plain(given)), tuple(options))
    if joined is None or len(joined) < 2:
        return _letter(answer, options, counted)
    if any(_folded(option) == _folded(given) for option in options.values()):
        raise ValueError(
            f"answer {given!r} may be the option of that text, or several letters; give the "
            f"option's letter, or a list such as {list(joined)}"
        )
    return joined


def _without_marks(options: dict[str, str]) -> dict[str, str]:
    """The options without the letters that all of them begin with, each with its own."""
    unmarked = {}
    for letter, option in options.items():
        mark = _MARK.match(plain(option))
        if mark is None or mark[1] != letter:
            return options
        unmarked[letter] = option[mark.end() :]
    return unmarked


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
    if not meant:
        raise ValueError(
            f"answer {given!r:.80} is none of the letters {', '.join(options)}, nor the text of "
            "an option"
        )
    return meant.pop()


def _folded(option: str) -> str:
    return " ".join(option.casefold().split()).rstrip(".。")
