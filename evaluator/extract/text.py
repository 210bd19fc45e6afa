"""What all readers share: the result of a reading, and what is no part of a reply."""

import re
from collections.abc import Callable
from dataclasses import dataclass

HEAD, TAIL = 2_000, 8_000  # of a longer reply only these are searched: answers stand at its ends

_TAG = re.compile(r"<(/?)(?:think|thinking|reasoning)\s*>", re.IGNORECASE)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN = str.maketrans(
    _FULL_WIDTH
    | dict.fromkeys(map(ord, "\u3000\u00a0"), " ")
    | dict.fromkeys(map(ord, "\u2009\u202f"))  # thin spaces stand within numbers
    | dict.fromkeys(map(ord, "−‒–—﹣"), "-")
    | {ord("’"): "'", ord("‘"): "'", ord("“"): '"', ord("”"): '"', ord("。"): ".\n"}
    | {ord("¥"): "$", ord("€"): "$", ord("£"): "$", ord("\r"): "\n"}
)
_RUN_ON = re.compile(r"\n[ \t#*]{0,6}(?:Question|Q|Problem|问题|题目)\s*\d{0,3}\s*[:：]")
_QUOTED = re.compile(r"question|problem|example|\bQ\s*:|问题|题目|示例|例题|例子", re.IGNORECASE)
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


def strip_thinking(text: str) -> str:
    """The reply without reasoning: in paired tags, before a lone closing or after a lone opening.

    A closing tag always ends the thinking, as an opening one within it is only mentioned there.
    """
    if "<" not in text:
        return text
    kept: list[str] = []
    start, thinking = 0, False
    for tag in _TAG.finditer(text):
        if tag[1]:
            if not thinking:  # its opening tag stood in the prompt
                kept.clear()
            start, thinking = tag.end(), False
        elif not thinking:
            kept.append(text[start : tag.start()])
            thinking = True
    if not thinking:
        kept.append(text[start:])
    return "".join(kept).strip() if start or thinking else text


def plain(text: str) -> str:
    """Full-width forms, odd spaces, dashes and quotes in ASCII; a full stop of 。 ends its line."""
    return text if text.isascii() else text.translate(_PLAIN)


def ends_of(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n\n{text[-TAIL:]}"


def asked_line(text: str) -> str | None:
    """The word after `Answer:` or `答案：` when the last line consists of just that."""
    line = text[text.rfind("\n") + 1 :].strip()
    found = _ASKED.fullmatch(line) if len(line) < 100 else None
    return found[1] if found else None


def read(text: str, reader: Callable[[str], Reading]) -> Reading:
    """Applies `reader` to the reply proper.

    A base model that has answered may go on with a question of its own making: if what comes
    before is an answer, and not itself a question or an example repeated from the prompt, it is
    the reply.
    """
    text = ends_of(strip_thinking(text)).rstrip()
    if "\n" in text and (run_on := _RUN_ON.search(text)):
        head = text[: run_on.start()].rstrip()
        if not _QUOTED.search(head) and (reading := reader(head)).tolerant is not None:
            return reading
    return reader(text) if text else NOTHING
