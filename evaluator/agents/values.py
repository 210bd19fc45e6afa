"""Whether an argument is the one that was expected: a typed comparison, by these rules.

type      a number for a number (3 is 3.0), true or false for a boolean; "3" is no number
text      full-width is half-width, case and spaces do not count, nor does punctuation at the end
date      2026-03-05, 2026/3/5, 2026年3月5日 and March 5, 2026 are one day; so with a time behind
unit      km, 公里, 千米 and kilometres are one unit; ℃ and celsius too
place     the Chinese and the English name of a place are one place
list      in order; an object by its keys
contains  of a free text, the words that must be in it, each in one of several wordings
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from evaluator.types import Json, Schema

UNITS = {
    "km": "km kilometer kilometre kilometers kilometres 公里 千米",
    "m": "m meter metre meters metres 米",
    "mi": "mi mile miles 英里",
    "ft": "ft foot feet 英尺",
    "kg": "kg kilogram kilograms 公斤 千克",
    "lb": "lb lbs pound pounds 磅",
    "c": "c °c celsius 摄氏度 摄氏",
    "f": "f °f fahrenheit 华氏度 华氏",
    "l": "l liter litre liters litres 升",
    "gal": "gal gallon gallons 加仑",
}
PLACES = {
    "beijing": "北京",
    "shanghai": "上海",
    "guangzhou": "广州",
    "shenzhen": "深圳",
    "hangzhou": "杭州",
    "chengdu": "成都",
    "harbin": "哈尔滨",
    "nanjing": "南京",
    "wuhan": "武汉",
    "xian": "西安",
    "people's square": "人民广场",
    "pudong airport": "浦东机场",
    "west lake": "西湖",
    "the bund": "外滩",
    "summer palace": "颐和园",
    "forbidden city": "故宫",
    "capital airport": "首都机场",
    "chunxi road": "春熙路",
}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_UNIT = {word: unit for unit, words in UNITS.items() for word in words.split()}
_PLACE = {zh: en for en, zh in PLACES.items()} | {"xi'an": "xian", "xi’an": "xian"}
_NUMBERS = re.compile(r"\d+")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})")
_AFTERNOON = re.compile(r"下午|晚上|\bpm\b|\dpm\b")


def plain(text: str) -> str:
    """A text as it is compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).strip(" .。,，!！?？;；\"'“”‘’")


def unit(text: str) -> str:
    """A unit under one name."""
    return _UNIT.get(plain(text), plain(text))


def place(text: str) -> str:
    """A place under one name."""
    name = plain(text).removesuffix("市").removesuffix(" city").removeprefix("the ")
    if name == "bund":
        name = "the bund"
    return name if name in PLACES else _PLACE.get(name, name)


def moment(text: str) -> str:
    """A day or a moment as 2026-03-05 or 2026-03-05 14:30; any other text as it is."""
    folded = plain(text)
    if found := _MONTH.search(folded):
        month = MONTHS.index(found[1]) + 1
        folded = folded.replace(found[0], f"{found[3]}-{month}-{found[2]}")
    numbers = [int(digits) for digits in _NUMBERS.findall(folded)[:5] if len(digits) <= 4]
    try:
        day = date(*numbers[:3]).isoformat()
    except (TypeError, ValueError):
        return folded
    if len(numbers) < 4:
        return day
    hour, minute = (*numbers[3:], 0)[:2]
    if _AFTERNOON.search(folded) and hour < 12:
        hour += 12
    return f"{day} {hour:02d}:{minute:02d}"


KINDS = {"date": moment, "date-time": moment, "unit": unit, "place": place}


def same(given: Any, expected: Any, schema: Schema) -> bool:
    """Whether a value is the expected one; the `schema` is that of the argument."""
    if isinstance(expected, Mapping) and "contains" in expected:
        return isinstance(given, str) and contains(given, expected["contains"])
    if isinstance(expected, bool) or isinstance(given, bool):
        return given is expected
    if isinstance(expected, int | float):
        return isinstance(given, int | float) and near(given, expected)
    if isinstance(expected, str):
        kind = KINDS.get(schema.get("format", ""), tight)
        return isinstance(given, str) and kind(given) == kind(expected)
    if isinstance(expected, Mapping | list | tuple):
        return same_parts(given, expected, schema, same)
    return given is None and expected is None


def near(given: float, expected: float) -> bool:
    """Whether two numbers are equal but for rounding."""
    try:
        return abs(given - expected) <= 1e-9 * abs(expected)
    except OverflowError:
        return False


def tight(text: str) -> str:
    """A text without its spaces."""
    return plain(text).replace(" ", "")


def same_parts(
    given: Any,
    expected: Mapping[str, Any] | Sequence[Any],
    schema: Schema,
    same: Callable[[Any, Any, Schema], bool],
) -> bool:
    """Lists in order, objects by key; `same` compares what they hold, by its own schema."""
    if isinstance(expected, Mapping):
        properties: Json = schema.get("properties") or {}
        return (
            isinstance(given, Mapping)
            and given.keys() == expected.keys()
            and all(same(given[k], expected[k], properties.get(k) or {}) for k in expected)
        )
    items: Schema = schema.get("items") or {}
    return (
        isinstance(given, list | tuple)
        and len(given) == len(expected)
        and all(same(g, e, items) for g, e in zip(given, expected, strict=True))
    )


def contains(text: str, wanted: Sequence[Sequence[str]]) -> bool:
    """Whether each of the things wanted is in the text, in one of its wordings."""
    spaced = plain(text).replace(",", "")
    return all(any(holds(spaced, word) for word in wordings) for wordings in wanted)


def holds(text: str, word: str) -> bool:
    """Whether the word is in the plain text, whose spaces count between numbers only.

    A number is not the part of another, but for its decimals: 6.2 is in 6.21, and 12 neither in
    120 nor in 3.12.
    """
    if not word[:1].isdigit():
        return tight(word) in text.replace(" ", "")
    after = r"(?!\d)" if word.isdigit() else ""
    return re.search(rf"(?<![\d.]){re.escape(plain(word))}{after}", text) is not None
