"""The stub's tokenizer: a space or line break begins a token, a CJK character is one.

Joining the tokens of a text gives the text again. An id is a checksum of its token, so the ids of
a text are the same in every process.
"""

import re
from functools import lru_cache
from zlib import crc32

_CJK = "\u3000-\u9fff\uff00-\uffef"
_TOKEN = re.compile(rf"[{_CJK}]|[ \n][^ \n{_CJK}]*|[^ \n{_CJK}]+")


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))


def count_tokens(text: str) -> int:
    """The length of `tokens(text)`; plain ASCII need not be cut up for it."""
    if text.isascii():
        return text.count(" ") + text.count("\n") + (text[:1] not in ("", " ", "\n"))
    return len(_TOKEN.findall(text))


class Vocabulary:
    """Turns tokens into ids, and back the ids that it has given out."""

    def __init__(self) -> None:
        self._words: dict[int, str] = {}

    def encode(self, text: str) -> list[int]:
        ids = [crc32(token.encode()) for token in tokens(text)]
        self._words.update(zip(ids, tokens(text), strict=True))
        return ids

    def decode(self, ids: list[int]) -> str:
        return "".join(self._words.get(number, f" <{number}>") for number in ids)
