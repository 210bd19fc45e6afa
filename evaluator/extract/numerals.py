"""What counts as a number in running text, and its one canonical spelling.

Percent signs, currencies and units are left out: 50% is 50, 1.5万 is 15000.
"""

import re
from fractions import Fraction

from evaluator.extract.text import plain

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_SMALL += " fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORD_VALUES = {word: value for value, word in enumerate(_SMALL.split())}
_WORD_VALUES |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_WORD_VALUES |= {"a": 1, "and": 0}
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "k": 3}
_SCALES |= {"十": 1, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_CHINESE_DIGITS |= {"〇": 0, "两": 2}

_DIGITS = (  # 1,200, 1 200, 1'200, 1,20,000; but not the 2 500g of two bags
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:[ ]\d{3})+(?![\dA-Za-z,:/-])"
    r"|\d{1,3}(?:'\d{3})+(?!\d)|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)|\d+)"
    r"(?:\.\d+)?|\.\d+"
)
# One hundred and five, twenty-one, three thousand, two hundred.
_BELOW_100 = rf"(?:(?:{_TENS.replace(' ', '|')})(?:[ -](?:{'|'.join(_SMALL.split()[1:10])}))?"
_BELOW_100 += rf"|(?:{_SMALL.replace(' ', '|')})(?!-))"
_BELOW_1000 = rf"(?:(?:{_BELOW_100}|a)[ ]hundred(?:[ ](?:and[ ])?{_BELOW_100})?|{_BELOW_100})"
_WORD = (
    rf"{_BELOW_1000}(?:[ ](?:thousand|million|billion|trillion)"
    rf"(?:,?[ ](?:and[ ])?{_BELOW_1000}(?:[ ]thousand(?:,?[ ](?:and[ ])?{_BELOW_1000})?)?)?)?"
)
_VULGAR = {
    ord(sign): f" {over}"
    for sign, over in zip("½⅓⅔¼¾⅛", ("1/2", "1/3", "2/3", "1/4", "3/4", "1/8"), strict=True)
}
_IS_VULGAR = re.compile("[½⅓⅔¼¾⅛]")
# 2万5千, 1亿2000万; but not 2万5千米, which may be metres or kilometres. 1万2000 has all places.
_MIXED = r"\d+(?:\.\d+)?[百千万亿]{1,2}(?:\d+[十百千万亿]{1,2})+(?![\d米克瓦卡伏帕])"
_MIXED += r"|\d+(?:万\d{4}|千\d{3})(?!\d)"
NUMBER = re.compile(
    rf"""(?<![A-Za-z0-9_.^:\#√])(?<!\d[,/:-])(?<!\\sqrt\{{)  # not within a name, a time, a date
    (?P<sign>(?<![\w)])(?:[-+]|negative\ |minus\ )|负)?[ ]?
    (?P<money>\$|US\$|RMB[ ]?|Rs\.?[ ]?)?[ ]?(?P<sign2>-)?
    (?:(?P<whole>\d+)(?:[ ]and[ ]|[ ]|又)(?P<part>\d+/[1-9]\d*)(?![\d/])
      |(?P<mixed>{_MIXED})
      |(?P<digits>{_DIGITS})
        (?:[ ]?[x×*][ ]?10[ ]?(?:\^|\*\*)[ ]?[({{]?(?P<power>[+-]?\d{{1,3}})(?!\d)[)}}]?
          |e(?P<exponent>[+-]?\d{{1,3}})(?!\d)
          |[ ]?/[ ]?(?P<under>{_DIGITS})(?![ ]?/[ ]?\d))?
      |(?P<chinese>[零〇一二两三四五六七八九十百千万亿]+)(?:点(?P<point>[零〇一二三四五六七八九]+))?
        (?![共起样定些直般下边旦律切])
      |\b(?=[aefnostz])(?P<word>{_WORD})\b)
    (?P<half>[ ]and[ ]a[ ]half\b)?
    (?:[ ]?(?P<scale>(?:hundred[ ])?(?:thousand|million|billion|trillion)|hundred|k
        |百万|千万|[百千万亿](?![米克瓦卡伏帕]))(?![a-z]))?
    (?!\d|[.,:/^]\d|-\d+-\d|(?:st|nd|rd|th)\b|[ ]?(?:[√π]|\\(?:sqrt|pi)))""",
    re.VERBOSE | re.IGNORECASE,
)
_FRACTION = re.compile(
    r"([零〇一二两三四五六七八九十百千万\d.]+)分之([零〇一二两三四五六七八九十百千万\d.]+)"
)
_TOKEN = re.compile(r"[\d.]+|.")
_INTEGER = re.compile(r"[1-9]\d{0,14}")
# LaTeX and Markdown around numbers; a box stays a box.
_LATEX = (
    (re.compile(r"\\text(?:bf|it|rm)?\s?\{([^{}]*)\}|\\math[a-z]{2}\s?\{([^{}]*)\}"), r"\1\2"),
    (re.compile(r"\\[dtc]?frac\s?\{?(-?[\d.,]+)\}?\s?\{?([\d.,]+)\}?"), r" \1/\2"),
    (re.compile(r"\\times|\\cdot"), "×"),
    (re.compile(r"\\approx|≈|\\Rightarrow|⇒|→"), "="),
    (re.compile(r"(?<=\d)(?:\{,\}|\\[,!])(?=\d{3})|(?<=\d),\\!(?=\d{3})"), ","),
    (re.compile(r"\\([$%#])"), r"\1"),
    (re.compile(r"\\(?:[()\[\];:!, ]|left|right)|`|__|\$\$|(?<=[\d}])\$"), " "),
)
LONGEST = 60  # digits; what is longer is no answer to a word problem


def canonical_number(text: str) -> str | None:
    """The spelling under which equal numbers are equal strings; None when not just a number.

    1,200.00 is "1200", 18.00 is "18", 1/2 is "0.5", 2/6 is "1/3", -0 is "0".
    """
    text = _spelled_out(text).strip()
    if _INTEGER.fullmatch(text):
        return text
    found = NUMBER.fullmatch(text.removesuffix(".").removesuffix("%").rstrip())
    value = value_of(found) if found else None
    return None if value is None else canonical(value)


def canonical(value: Fraction) -> str:
    """A finite decimal without padding, else a reduced fraction."""
    rest, places = value.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    for factor in (2, 5):
        while rest % factor == 0:
            rest, places = rest // factor, places + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator)
    sign = "-" if value < 0 else ""
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def simplified(text: str) -> str:
    """The text with LaTeX and Chinese fractions written as plain ones: 四分之三 as 3/4."""
    text = _spelled_out(text)
    if "分之" in text:
        text = _FRACTION.sub(_in_digits, text)
    if "\\" in text or "`" in text or "$" in text or "≈" in text or "→" in text:
        for pattern, replacement in _LATEX:
            text = pattern.sub(replacement, text)
    return text


def _spelled_out(text: str) -> str:
    if text.isascii():
        return text
    return plain(text.translate(_VULGAR) if _IS_VULGAR.search(text) else text)


def _in_digits(found: re.Match[str]) -> str:
    below, above = canonical_number(found[1]), canonical_number(found[2])
    return found[2] if found[1] == "百" or not below or not above else f"{above}/{below}"


def value_of(found: re.Match[str]) -> Fraction | None:
    """The value of a match of NUMBER."""
    if len(found[0]) > LONGEST:
        return None
    parts = found.groupdict()
    value = _unsigned(parts)
    if value is None:
        return None
    if parts["half"]:
        value += Fraction(1, 2)
    if scale := parts["scale"]:
        value *= 10 ** sum(_SCALES[word] for word in scale.lower().split())
    negative = (parts["sign"] or "+").strip() != "+" or parts["sign2"]
    return -value if negative else value


def _unsigned(parts: dict[str, str | None]) -> Fraction | None:
    if digits := parts["digits"]:
        value = _decimal(digits)
        if under := parts["under"]:
            below = _decimal(under)
            return value / below if below else None
        return value * Fraction(10) ** int(parts["power"] or parts["exponent"] or 0)
    if whole := parts["whole"]:
        return int(whole) + Fraction(parts["part"] or 0)
    if mixed := parts["mixed"]:
        return _chinese(mixed)
    if chinese := parts["chinese"]:
        point = parts["point"]
        return _chinese(chinese) + (_chinese("〇" + point) / 10 ** len(point) if point else 0)
    return Fraction(_in_words(parts["word"] or ""))


def _decimal(digits: str) -> Fraction:
    return Fraction(re.sub("[, ']", "", digits))


def _in_words(text: str) -> int:
    """One hundred and five is 105."""
    total = section = 0
    for word in re.split("[-, ]+", text.lower()):
        if word == "hundred":
            section *= 100
        elif word in _SCALES:
            total, section = total + section * 10 ** _SCALES[word], 0
        else:
            section += _WORD_VALUES[word]
    return total + section


def _chinese(text: str) -> Fraction:
    """三千五百 is 3500, 十八 is 18, 两百五 is 250, 二〇二四 is 2024, 2万5千 is 25000."""
    if all(character in _CHINESE_DIGITS for character in text):
        return Fraction("".join(str(_CHINESE_DIGITS[digit]) for digit in text))
    total = section = Fraction(0)
    digit: Fraction | None = None
    last = 0  # the scale of the unit before, for 两百五
    for token in _TOKEN.findall(text):
        if (scale := _SCALES.get(token)) is None:
            digit = Fraction(_CHINESE_DIGITS.get(token, token))
            last = 0 if token in "零〇" or len(token) > 1 else last
            continue
        if scale < 4:
            section += (1 if digit is None else digit) * 10**scale
        else:
            below = section + (digit or 0)
            total = (total + below) * 10**scale if scale == 8 else total + below * 10**scale
            section = Fraction(0)
        digit, last = None, scale
    return total + section + (digit or 0) * (10 ** (last - 1) if last > 1 else 1)
