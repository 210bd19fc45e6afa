"""Whether a judge's verdict is its own, or quoted from the answer that it judges.

A verdict that is read from a quotation is a wrong score. One that is passed over costs a request to
ask again. So a verdict counts as quoted when a careful reader would hesitate.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

NEAR = 160  # characters before and after a verdict that can say whose it is
DEEPEST = 8  # quotations within quotations

_PLAIN = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict(zip(map(ord, "\u3000\u00a0\r【】〖〗"), "  \n[][]", strict=True))
)
_SUBJECT_ZH = "答|回复|助手|用户|提问|问题|对话"
_SUBJECT_EN = "answer|assistant|reference|response|reply|user|question|conversation"
FENCE = re.compile(
    rf"\[[^\[\]\n]{{0,16}}(?:{_SUBJECT_ZH})[^\[\]\n]{{0,16}}(?:(?P<opens>开始)|结束)\s?\]"
    r"|(?:\[|<\|)\s?(?:the )?(?:(?P<begins>start|beginning)|end) of "
    rf"(?=[^\[\]|\n]{{0,60}}(?:{_SUBJECT_EN}))[^\[\]|\n]{{1,90}}(?:\]|\|>)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[“”「」『』]|\n[ \t]*\n")
_CLOSED_BY = {"“": "”", "「": "」", "『": "』"}

_SENTENCE = re.compile(r"[。！？!?;\n]|(?<!e\.g)\.(?:\s|\Z)")
_BEFORE = re.compile(r"(?:```\w{0,8}|[\s\"“「『'‘*_`(\[{])*\Z")
_AFTER = re.compile(r"[ \t*_`)\]}]*([\"”」』])?")
# The answer rates itself: a quotation, whatever else is said.
_CLAIMED = re.compile(
    r"自评|自称|自带|自己(?:打|给|写|加|附|评)|[给为]自己|植入|注入|伪造|操纵|诱导"
    r"|(?:写道|写着|写明|声称|宣称|原话是?)\s?[:,]"
    r"|(?:says?|said|wrote|writes|reads?)(?: that)?\s?[:,]"
    r"|\b(?:claims|claimed|claiming|planted|injected|manipulat\w+|rat(?:es|ed|ing) itself"
    r"|gives? itself|gave itself|its own (?:score|rating|verdict))\b",
    re.IGNORECASE,
)
_DISOWNED = re.compile(
    r"自评|自己|自带|给自己|写[的在]|不予|不采|不作|忽略|无视|引用|植入|注入|伪造|操纵|企图|试图|诱导"
    r"|\b(?:ignor\w+|disregard\w*|not my|planted|inject\w*|manipulat\w+|attempt\w*"
    r"|quot(?:e|ed|ation)|itself|which (?:the (?:answer|assistant|response|candidate)|it))\b",
    re.IGNORECASE,
)
_RECITED = re.compile(
    r"[ ,]{0,3}(?:if\b|若|如果|表示|代表)"
)  # `[[A]] if A is better`: the prompt's words
# The judge announces its verdict.
_ANNOUNCED = re.compile(
    r"(?:评分|得分|打分|分数|评价|评估|评判|评定|判断|结论|结果|裁决|最终答案"
    r"|rating|score|verdict|judge?ment|evaluation|assessment|grade|result|final answer)s?"
    r"[^,.，:：\n]{0,12}[\s:：]*\Z",
    re.IGNORECASE,
)
# Something of somebody else's is shown, or an example.
_SHOWN = re.compile(
    r"写道|写着|写有|写了|写的|声称|宣称|包含|含有|出现|附[上带有]|引用|输出了|例如|比如|示例|例子"
    r"|(?:回答|答案|回复)的?(?:[中里]|开头|末尾|最后|结尾)"
    r"|\b(?:says?|said|wrote|writes|written|contain\w*|includ\w+|states?|stated|quot(?:e[sd]?|ing)"
    r"|(?:ends|ended|ending|begins|starts) with|example|e\.g\.|such as)",
    re.IGNORECASE,
)
_OF_THE_ANSWER = re.compile(
    r"(?:回答|答案|回复)的?(?:[是为]|如下|[\s:：]*\Z)"
    r"|\b(?:answer|response|reply)(?: is| was)?[\s:：]*\Z",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Full-width forms and brackets in ASCII, every character in its place; quotes as they are."""
    return text if text.isascii() else text.translate(_PLAIN)


def unfenced(text: str) -> str:
    """Plain text without what stands within fences; one that is not closed hides all after it."""
    kept: list[str] = []
    start, inside = 0, False
    for fence in FENCE.finditer(text):
        opens = bool(fence["opens"] or fence["begins"])
        if opens and not inside:
            kept.append(text[start : fence.start()])
            inside = True
        elif not opens and inside:
            start, inside = fence.end(), False
    return "".join(kept) if inside else "".join(kept) + text[start:]


class Quotations:
    """A judge's reply, and where in it stand quotation marks that open and close."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = list(_quotations(text))

    def own(self, start: int, end: int, elsewhere: bool = True) -> bool:
        """Whether the verdict from `start` to `end` is the judge's own.

        Quotation marks and "the answer is" say nothing of one that does not stand `elsewhere`: in
        the answer that is judged, as far as it is known.
        """
        lead = self._lead(start)
        after = _AFTER.match(self.text, end)
        assert after  # it matches nothing too
        tail = _SENTENCE.split(self.text[after.end() : after.end() + NEAR], maxsplit=1)[0]
        before = self.text[max(0, start - NEAR) : start].rstrip(" \t*_`([{")
        hugged = bool(after[1]) and before.endswith(('"', "“", "「", "『"))
        if elsewhere and (self._blockquote(start) or (not hugged and self._quoted(start, end))):
            return False
        if _RECITED.match(tail):
            return False
        further = "{" in tail or "[[" in tail  # it speaks of another one
        if _CLAIMED.search(lead) or (_DISOWNED.search(tail) and not further):
            return False
        if _ANNOUNCED.search(lead):
            return True
        if _SHOWN.search(lead):
            return False
        quoted = _OF_THE_ANSWER.search(lead) or (hugged and (lead or tail.strip()))
        return not (elsewhere and quoted)

    def _lead(self, start: int) -> str:
        """The sentence that leads to the place; nothing where a line begins and no colon led on."""
        before = self.text[max(0, start - NEAR) : start]
        gap = _BEFORE.search(before)
        assert gap
        lead = before[: gap.start()]
        if "\n" in gap[0] and not lead.endswith((":", "：")):
            return ""
        return _SENTENCE.split(lead)[-1].strip()

    def _line(self, start: int) -> str:
        near = self.text[max(0, start - 2 * NEAR) : start]
        return near[near.rfind("\n") + 1 :]

    def _blockquote(self, start: int) -> bool:
        return self._line(start).lstrip().startswith(">")

    def _quoted(self, start: int, end: int) -> bool:
        at = bisect_right(self.spans, (start, len(self.text))) - 1
        if at >= 0 and self.spans[at][1] >= end:
            return True
        rest = self.text[end : end + 2 * NEAR]
        return self._line(start).count('"') % 2 == 1 and '"' in rest.split("\n", maxsplit=1)[0]


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """From the opening to the closing mark of outermost quotations within a paragraph."""
    open_: list[tuple[str, int]] = []
    for mark in _MARKS.finditer(text):
        if mark[0] in _CLOSED_BY and len(open_) < DEEPEST:
            open_.append((_CLOSED_BY[mark[0]], mark.start()))
        elif mark[0].isspace():
            open_.clear()
        elif open_ and open_[-1][0] == mark[0]:
            start = open_.pop()[1]
            if not open_:
                yield start, mark.end()
