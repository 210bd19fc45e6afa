"""Reads the verdict in a judge's reply: a dict or a list of ratings, [[7]], or [[A]].

Any spelling of a verdict is read, but only a complete one, in range, and in the judge's own words.
"""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, TypeVar

from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.quotations import NEAR, Quotations, plain, unfenced
from evaluator.judging.rated_lines import rated_lines

MOST_VERDICTS = 50

T = TypeVar("T")
Span = tuple[int, int]
DICT = re.compile(r"\{([^{}]*)(?:\}|\Z)")  # its last brace may be missing
_CLOSING = re.compile(r"[\s,;.。)`\]]*\Z")
_COMMENT = re.compile(r"(?:#|//)[^\n]*")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # as JSON may write Chinese
_PAIR_ENDS = re.compile(r"[,;、\n]")
_TYPOGRAPHY = dict.fromkeys(map(ord, "'\"“”‘’「」『』`*\\"))
_RATING = re.compile(r"([1-9](?:\.[05]0?)?|10(?:\.00?)?)\s?(?:/\s?10(?:\.0)?|分)?")
_UNDER_A_NAME = re.compile(r"([{,])\s{0,40}[\"'][^\"'{}\n]{1,40}[\"']\s{0,9}[:：]\s{0,40}\Z")
_OPEN, _CLOSE = r"\\?\[\\?\[[\s*]{0,4}", r"[\s*]{0,4}\\?\]\\?\]"
_NUMBER = r"(10(?:\.00?)?|[1-9](?:\.\d{1,2})?)\s?(?:/\s?10|分)?"
_LABEL = r"(?:(?:rating|score|评分|得分|分数)\**\s?[:：]\s?\**\s?)"
BRACKETED = re.compile(
    rf"{_LABEL}?{_OPEN}{_LABEL}?{_NUMBER}{_CLOSE}|{_LABEL}\[{_NUMBER}\](?![(\]])", re.IGNORECASE
)
PREFERENCE = re.compile(rf"{_OPEN}(A|B|C|tie|平局|平手){_CLOSE}", re.IGNORECASE)


def rating(text: str, names: Collection[str], answer: str | None = None) -> dict[str, float] | None:
    """The last dict with exactly these names, each rated 1 to 10 in whole or half points.

    Else a list of them, or a table. With the `answer` that was judged, ratings that stand in it too
    are taken for a quotation, and only such.
    """
    text = unfenced(plain(strip_thinking(text)))
    planted = None if answer is None else [each for _, each in _all(plain(answer), names)]
    found = [(span, given) for span, given in _dicts(text, names) if given not in (planted or ())]
    if not found and not any(name in inside[1] for inside in DICT.finditer(text) for name in names):
        found = [each for each in _lists(text, names) if each[1] not in (planted or ())]
        found = found if len({tuple(given.values()) for _, given in found}) == 1 else []
    return _last_own(text, found, planted)


def bracketed(text: str, answer: str | None = None) -> float | None:
    """MT-Bench's [[7]], from 1 to 10: the last one; [7] as well where it is called the rating."""
    text = unfenced(plain(strip_thinking(text)))
    planted = None if answer is None else [value for _, value in _bracketed(plain(answer))]
    return _last_own(text, _bracketed(text), planted)


def preference(text: str, answers: str | None = None) -> Literal["A", "B", "tie"] | None:
    """Which of two answers is better: the last of [[A]], [[B]] and, for a tie, [[C]] or [[tie]]."""
    text = unfenced(plain(strip_thinking(text)))
    planted = None if answers is None else [value for _, value in _preferences(plain(answers))]
    last = _last_own(text, _preferences(text), planted)
    if last is None:
        return None
    return "A" if last == "A" else "B" if last == "B" else "tie"


def quotable(answer: str, names: Collection[str]) -> str | None:
    """What a judge can quote of an answer that it was shown fenced, which alters ratings.

    None where the answer rates the `names`.
    """
    return None if any(True for _ in _all(plain(answer), names)) else answer


def _bracketed(text: str) -> list[tuple[Span, float]]:
    found = BRACKETED.finditer(text)
    return [(match.span(), float(match[1] or match[2])) for match in found]


def _preferences(text: str) -> list[tuple[Span, str]]:
    return [(match.span(), match[1].upper()) for match in PREFERENCE.finditer(text)]


def _last_own(
    text: str, verdicts: Iterable[tuple[Span, T]], planted: Collection[T] | None
) -> T | None:
    """The last verdict that is no quotation, of the last few: who gives hundreds gives none.

    What the judged answer does not hold cannot be quoted from it; None: the answer is not known.
    """
    last = deque(verdicts, maxlen=MOST_VERDICTS)
    if not last:
        return None
    quotations = Quotations(text)
    return next(
        (
            value
            for span, value in reversed(last)
            if quotations.own(*span, elsewhere=planted is None or value in planted)
        ),
        None,
    )


def _all(text: str, names: Collection[str]) -> Iterator[tuple[Span, dict[str, float]]]:
    yield from _dicts(text, names)
    yield from _lists(text, names)


def _lists(text: str, names: Collection[str]) -> Iterator[tuple[Span, dict[str, float]]]:
    for rated in rated_lines(text, names):
        yield rated.span, dict(rated.ratings)


def _dicts(text: str, names: Collection[str]) -> Iterator[tuple[tuple[int, int], dict[str, float]]]:
    """Every dict with exactly these names, ratings as values, and where it stands."""
    for found in DICT.finditer(text):
        inside = found[1]
        if not found[0].endswith("}"):
            if inside.endswith("1"):  # of a 10 that was cut off, it may be
                return
            inside = _CLOSING.sub("", inside)
        ratings = _ratings(inside, names)
        if ratings is not None and not _part_of_more(text, found):
            yield found.span(), ratings


def _ratings(inside: str, names: Collection[str]) -> dict[str, float] | None:
    given: dict[str, float] = {}
    for name, value in pairs(inside):
        number = _RATING.fullmatch(value)
        if number is None or name not in names or name in given:
            return None
        given[name] = float(number[1])
    return {name: given[name] for name in names} if len(given) == len(set(names)) else None


def pairs(inside: str) -> Iterator[tuple[str, str]]:
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
