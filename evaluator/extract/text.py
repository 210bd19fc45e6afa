"""What all readers share: the result of a reading, and plain forms of text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from evaluator.extract.cleaning import until_answered

HEAD, TAIL = 2_000, 8_000  # of a longer reply only these are searched: answers stand at its ends

_PLAIN = (
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("\u3000\u00a0", " ")
    | dict.fromkeys("\u2009\u202f", "")  # thin spaces stand within numbers
    | dict.fromkeys("−‒–—﹣", "-")
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "。": ".\n"}
    | {"¥": "$", "€": "$", "£": "$", "\r": "\n"}
)
_USUAL = "，：。；！？（）“”"  # as Chinese has them in every sentence
_RARE = re.compile(f"[{re.escape(''.join(_PLAIN.keys() - set(_USUAL)))}]")
_ASKED = re.compile(r"(?:answer|答案)[ \t]*[:：][ \t]*([^\s:：]+?)[.。]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """`strict` is the answer in the format that the prompt asked for, `tolerant` in any form."""

    tolerant: str | None
    strict: str | None

    @property
    def in_format(self) -> bool:
        return self.strict is not None


NOTHING = Reading(None, None)


def plain(text: str) -> str:
    """Full-width forms, odd spaces, dashes and quotes in ASCII; a full stop of 。 ends its line."""
    if text.isascii():
        return text
    for odd in _USUAL:  # all in all six times as fast as `translate`
        if odd in text:
            text = text.replace(odd, _PLAIN[odd])
    return _RARE.sub(lambda odd: _PLAIN[odd[0]], text)


def ends_of(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n\n{text[-TAIL:]}"


def asked_line(text: str) -> str | None:
    """The word after `Answer:` or `答案：` when the last line consists of just that."""
    line = text[text.rfind("\n") + 1 :].strip()
    found = _ASKED.fullmatch(line) if len(line) < 100 else None
    return found[1] if found else None


def read(text: str, reader: Callable[[str], Reading]) -> Reading:
    """Applies `reader` to the reply proper."""
    text = ends_of(until_answered(text)).rstrip()
    return reader(text) if text else NOTHING
