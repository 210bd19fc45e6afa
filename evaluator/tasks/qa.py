"""qa:FILE, a user's own questions with short answers, without code.

A row is {question, answer}, the answer being a text, a number or a list of those accepted. `id`
and `group` may be given. Numbers are compared as numbers, all else without case, punctuation,
articles and spacing.
"""

import re
import unicodedata

from evaluator.data import RowFormat
from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.extract.short_answer import short_answer
from evaluator.prompts import render
from evaluator.tasks.grading import graded
from evaluator.tasks.own_file import file_benchmark, own_file
from evaluator.tasks.own_turns import text
from evaluator.types import Ask, Benchmark, DataRow, Fields, Sample, Score

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def qa(name: str, format: RowFormat) -> Benchmark:
    """The benchmark of the file in "qa:FILE".  Raises UsageError when there is none."""
    return file_benchmark(own_file(name, format, build), solve)


def build(row: DataRow) -> tuple[Fields, str]:
    """The answers accepted, and the same as one text."""
    answer = row["answer"]
    accepted = [text(each) for each in (answer if isinstance(answer, list) else [answer])]
    return {"accepted": accepted}, " | ".join(accepted)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the answer on a last line, and compares it with each that is accepted."""
    reply = (await ask(render("qa/question", **sample.fields))).text
    accepted = sample.fields["accepted"]
    reading = number(reply) if all(map(canonical_number, accepted)) else short_answer(reply)
    return graded(
        reading, sample.target, reply, lambda given, _: any(same(given, a) for a in accepted)
    )


def same(given: str, answer: str) -> bool:
    """Whether the two are equal numbers or, but for their spelling, equal texts."""
    if (value := canonical_number(answer)) is not None:
        return canonical_number(given) == value
    return (_plain(given) or given) == (_plain(answer) or answer)


def _plain(words: str) -> str:
    kept = (
        " " if unicodedata.category(character)[0] in "PZ" else character
        for character in unicodedata.normalize("NFKC", words).casefold()
    )
    return " ".join(_ARTICLES.sub(" ", "".join(kept)).split())
