"""Where two replies differ, word by word; a Chinese character is a word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

HAN_AND_KANA = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{HAN_AND_KANA}]|[^\W{HAN_AND_KANA}]+|\s+|.", re.DOTALL)
ALIKE = 0.3  # replies that share less of their words are not a change of each other


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply; `changed` where the other reply has it not."""

    text: str
    changed: bool


def word_diff(base: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both replies in pieces. Of replies that have little in common, nothing is marked."""
    a, b = WORD.findall(base), WORD.findall(other)
    found = SequenceMatcher(None, a, b, autojunk=False)
    if found.quick_ratio() < ALIKE or found.ratio() < ALIKE:
        return plain(base), plain(other)
    codes = found.get_opcodes()
    ours = list(pieces(a, [(tag != "equal", i, j) for tag, i, j, _, _ in codes]))
    theirs = list(pieces(b, [(tag != "equal", i, j) for tag, _, _, i, j in codes]))
    return ours, theirs


def plain(text: str) -> list[Piece]:
    """A text of which nothing is marked."""
    return [Piece(text, False)] if text else []


def pieces(words: Sequence[str], parts: Sequence[tuple[bool, int, int]]) -> Iterator[Piece]:
    """The words in pieces: whether each is changed, where it begins and where it ends."""
    for changed, start, end in parts:
        if start < end:
            yield Piece("".join(words[start:end]), changed)
