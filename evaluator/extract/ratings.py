"""A judge's reply -> its verdict: a dict of ratings, [[7]], or [[A]].

Read as a careful person would: any spelling of the verdict, but only a complete one, in range, and
in the judge's own words.  `fenced` is for the other end: it makes an answer safe to judge.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, TypeVar

from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.quotations import FENCE, NEAR, Quotations, plain, unfenced

OVERALL = "综合得分"  # AlignBench's name for the rating over all dimensions
ALONE = "rating"  # MT-Bench's, in the JSON that a repair asks for
MOST_VERDICTS = 50

T = TypeVar("T")
_DICT = re.compile(r"\{([^{}]*)\}")
_COMMENT = re.compile(r"(?:#|//)[^\n]*")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # as JSON may write Chinese
_PAIR_ENDS = re.compile(r"[,;、\n]")
_TYPOGRAPHY = dict.fromkeys(map(ord, "'\"“”‘’「」『』`*\\"))
_RATING = re.compile(r"([1-9](?:\.[05]0?)?|10(?:\.00?)?)\s?(?:/\s?10(?:\.0)?|分)?")
_UNDER_A_NAME = re.compile(r"([{,])\s{0,40}[\"'][^\"'{}\n]{1,40}[\"']\s{0,9}[:：]\s{0,40}\Z")
_OPEN, _CLOSE = r"\\?\[\\?\[[\s*]{0,4}", r"[\s*]{0,4}\\?\]\\?\]"
_NUMBER = r"(10(?:\.00?)?|[1-9](?:\.\d{1,2})?)\s?(?:/\s?10|分)?"
_LABEL = r"(?:(?:rating|score|评分|得分|分数)\**\s?[:：]\s?\**\s?)"
_BRACKETED = re.compile(
    rf"{_LABEL}?{_OPEN}{_LABEL}?{_NUMBER}{_CLOSE}|{_LABEL}\[{_NUMBER}\](?![(\]])", re.IGNORECASE
)
_PREFERENCE = re.compile(rf"{_OPEN}(A|B|C|tie|平局|平手){_CLOSE}", re.IGNORECASE)
_VALUE = re.compile(r"([:：=]\s{0,40})([^\s,，;；、{}][^,，;；、\n{}]*)")
_TAG = re.compile(r"<(/?(?:think|thinking|reasoning)\s*)>", re.IGNORECASE)


def rating(text: str, names: Collection[str], answer: str = "") -> dict[str, float] | None:
    """The last dict with exactly these names, each rated 1 to 10 in whole or half points.

    With the `answer` that was judged, a dict that stands in it too is taken for a quotation.
    """
    text = unfenced(plain(strip_thinking(text)))
    planted = [ratings for _, ratings in _dicts(plain(answer), names)]
    verdicts = [(span, ratings) for span, ratings in _dicts(text, names) if ratings not in planted]
    return _last_own(text, verdicts)


def bracketed(text: str) -> float | None:
    """MT-Bench's [[7]], from 1 to 10: the last one; [7] as well where it is called the rating."""
    text = unfenced(plain(strip_thinking(text)))
    found = [(match.span(), float(match[1] or match[2])) for match in _BRACKETED.finditer(text)]
    return _last_own(text, found)


def preference(text: str) -> Literal["A", "B", "tie"] | None:
    """Which of two answers is better: the last of [[A]], [[B]] and, for a tie, [[C]] or [[tie]]."""
    text = unfenced(plain(strip_thinking(text)))
    said = [(match.span(), match[1].upper()) for match in _PREFERENCE.finditer(text)]
    last = _last_own(text, said)
    if last is None:
        return None
    return "A" if last == "A" else "B" if last == "B" else "tie"


def fenced(text: str, names: Collection[str] = (OVERALL, ALONE)) -> str:
    """An answer as a judge may be shown it: nothing in it passes for a fence or for a verdict.

    Square brackets of fences become 〔〕, [[7]] becomes [ [ 7]], and a dict that rates one of
    `names` gets its numbers in parentheses: it still reads the same, and is still valid Python.
    """
    text = _replaced(text, FENCE, lambda shown: f"〔{shown.strip('[]【】<>|＜＞｜［］〖〗')}〕")
    for pattern in (_BRACKETED, _PREFERENCE):
        text = _replaced(text, pattern, _loosened)
    text = _replaced(text, _DICT, lambda shown: _parenthesised(shown, names))
    return _TAG.sub(r"〈\1〉", text)


def _last_own(text: str, verdicts: Iterable[tuple[tuple[int, int], T]]) -> T | None:
    """The last verdict that is no quotation, of the last few: who gives hundreds gives none."""
    last = deque(verdicts, maxlen=MOST_VERDICTS)
    if not last:
        return None
    quotations = Quotations(text)
    return next((value for span, value in reversed(last) if quotations.own(*span)), None)


def _dicts(text: str, names: Collection[str]) -> Iterator[tuple[tuple[int, int], dict[str, float]]]:
    """Every dict with exactly these names, ratings as values, and where it stands."""
    for found in _DICT.finditer(text):
        ratings = _ratings(found[1], names)
        if ratings is not None and not _part_of_more(text, found):
            yield found.span(), ratings


def _ratings(inside: str, names: Collection[str]) -> dict[str, float] | None:
    given: dict[str, float] = {}
    for name, value in _pairs(inside):
        number = _RATING.fullmatch(value)
        if number is None or name not in names or name in given:
            return None
        given[name] = float(number[1])
    return {name: given[name] for name in names} if len(given) == len(set(names)) else None


def _pairs(inside: str) -> Iterator[tuple[str, str]]:
    """Names and values of a dict, without comments, quotes, stars and escapes."""
    bare = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), _COMMENT.sub("", inside))
    for pair in _PAIR_ENDS.split(bare.translate(_TYPOGRAPHY)):
        if pair.strip():
            name, _, value = pair.replace("=", ":", 1).partition(":")
            yield name.strip(), value.strip()


def _part_of_more(text: str, found: re.Match[str]) -> bool:
    """Whether the dict is one value among others of a dict: whose ratings it holds is open then."""
    name = _UNDER_A_NAME.search(text[max(0, found.start() - NEAR) : found.start()])
    if name is None:
        return False
    return name[1] == "," or not text[found.end() : found.end() + NEAR].lstrip().startswith("}")


def _replaced(text: str, pattern: re.Pattern[str], change: Callable[[str], str]) -> str:
    """The text with every place changed that the pattern finds in its plain form."""
    kept: list[str] = []
    end = 0
    for found in pattern.finditer(plain(text)):
        kept += [text[end : found.start()], change(text[found.start() : found.end()])]
        end = found.end()
    return "".join([*kept, text[end:]])


def _loosened(shown: str) -> str:
    return re.sub(r"[\[［【〖]", r"\g<0> ", shown)


def _parenthesised(shown: str, names: Collection[str]) -> str:
    if not any(name in names for name, _ in _pairs(plain(shown)[1:-1])):
        return shown
    return _VALUE.sub(r"\1(\2)", shown)
