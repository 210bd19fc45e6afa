"""Whether a reply refuses to answer."""

import re

from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.text import plain

LONGEST_REFUSAL = 600  # characters; who writes more than this has said something
_DECLINES = (
    r"(?:help|assist|answer|provide|comply|respond|fulfil|discuss|engage|participate|complete|do)"
)
_REFUSAL = re.compile(
    r"\bI(?:'m| am) (?:\w+ )?(?:sorry|unable|not able)\b[^\n]{0,80}?"
    rf"\b(?:can't|cannot|can not|unable|not able|won't|{_DECLINES})\b"
    r"|\bI (?:can't|cannot|can not|won't|will not|am unable to"
    r"|(?:must |have to )?decline to)"
    rf" (?:\w+ ){{0,2}}?{_DECLINES}\b"
    r"|\bas an AI\b[^\n]{0,60}\b(?:can't|cannot|unable)\b"
    r"|(?:抱歉|对不起|很遗憾|不好意思)[^\n]{0,30}(?:无法|不能|不可以|没办法|拒绝)"
    r"|(?:我|作为[^\n]{0,16})(?:无法|不能|不便|没办法|拒绝)[^\n,.]{0,4}"
    r"(?:回答|提供|协助|帮助|满足|讨论|完成|作答)",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\banswer(?: is|:)\s*\S|答案[是为:]\s*\S|\\boxed|####", re.IGNORECASE)


def refused(text: str) -> bool:
    """Whether a short reply declines to answer, and gives no answer all the same."""
    text = strip_thinking(text).strip()
    if not text or len(text) > LONGEST_REFUSAL:
        return False
    text = plain(text)
    return _REFUSAL.search(text) is not None and _ANSWERED.search(text) is None
