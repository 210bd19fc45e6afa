"""Options as exams print them: within the text of a question, or each behind its letter."""

import re
from collections.abc import Sequence

from evaluator.tasks.multiple_choice import LETTERS

_WITHIN = re.compile(
    r"\A(.*?)A\s*[.．、:](.*?)\sB\s*[.．、:](.*?)\sC\s*[.．、:](.*?)\sD\s*[.．、:](.*)\Z", re.DOTALL
)


def parted(question: str) -> tuple[str, list[str]]:
    """The question proper and its options A to D; no options where they cannot be told apart."""
    if found := _WITHIN.match(question):
        stem, *options = (part.strip() for part in found.groups())
        return stem, options
    return question.partition("A．")[0].partition("A. ")[0], []


def unlettered(options: Sequence[str]) -> list[str]:
    """The options without their letters: `(A)`, `A.`, `A．` or, where all have it, `A `."""
    lettered = list(zip(LETTERS, options, strict=False))
    spaced = all(re.match(rf"\s*{letter}[\s.．、]", option) for letter, option in lettered)
    behind = r"(?:\s?[.、)]|\s)" if spaced else r"\s?[.、)]"
    own = rf"\A\s*(?:\([A-G]\)|[A-G]．|%s{behind})"
    return [re.sub(own % letter, "", option).strip() for letter, option in lettered]
