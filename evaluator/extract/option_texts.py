"""The option that a reply names by its text instead of its letter."""

import re
from collections.abc import Sequence
from itertools import pairwise

from evaluator.extract.cues import ANSWER_IS, CLAUSE, DENIED, INSTEAD
from evaluator.extract.text import plain

LONGEST_OPTION = 500
SHORT = 300  # characters; in a longer reply an option named is not yet an option chosen
NAMED_HERE = "\ufdd0"  # in the place of an option's text: a character that no text has

# Markup says nothing about the choice: \boxed{\text{B}} becomes `\boxed B`.
_MARKUP = re.compile(
    r"[*`$]|__|\\(?:text|math)[a-z]*|\\[()\[\],;!]|</?(?:b|strong|i|em|br|p|u)\s?/?>"
)


def stated_option(text: str, labels: Sequence[str], options: Sequence[str]) -> str | None:
    """The option whose text follows "the answer is", or the only one that a short reply names."""
    texts = [_spaced(cleared(option)).strip(" .") for option in options]
    text = _spaced(text)
    folded = [option.casefold() for option in texts]
    if len(set(folded)) == len(set(texts)):  # else capitals tell them apart, as in Rr and RR
        text, texts = text.casefold(), folded
    for lead in reversed([*ANSWER_IS.finditer(text), *INSTEAD.finditer(text)]):
        said = text[lead.end() : lead.end() + LONGEST_OPTION]
        fitting = [i for i, option in enumerate(texts) if option and _begins(said, option)]
        if fitting:
            return labels[max(fitting, key=lambda i: len(texts[i]))]
    return _only_named(text, labels, texts) if len(text) <= SHORT else None


def _only_named(text: str, labels: Sequence[str], texts: Sequence[str]) -> str | None:
    """The only option whose text stands in the reply, in a clause that asserts it."""
    named: dict[str, bool] = {}
    by_length = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for i in by_length:  # "water vapour" before "water"
        pattern = rf"(?<![A-Za-z0-9]){re.escape(texts[i])}(?![A-Za-z0-9]|\.\d)"
        if texts[i] and re.search(pattern, text):
            text = re.sub(pattern, NAMED_HERE, text)
            named[labels[i]] = all(NAMED_HERE not in c for c in _clauses(text) if DENIED.search(c))
            text = text.replace(NAMED_HERE, "\n")
    only = len(named) == 1 and next(iter(named))
    return only if only and named[only] else None


def _clauses(text: str) -> list[str]:
    """The clauses of a text, each with the word that joins it to the one before."""
    cuts = [0, *(cut.start() + 1 for cut in CLAUSE.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _begins(said: str, option: str) -> bool:
    return said.startswith(option) and not re.match(r"[A-Za-z0-9]|\.\d", said[len(option) :])


def _spaced(text: str) -> str:
    return " ".join(text.split())


def cleared(text: str) -> str:
    """The text in plain characters, without markup."""
    text = plain(text)
    if any(sign in text for sign in "*`$_\\<"):
        text = _MARKUP.sub("", text)
    return text.replace("{", " ").replace("}", " ").strip()
