r"""One spelling for the many ways of writing the same mathematics.

LaTeX, Unicode and plain text become short LaTeX without layout: `\left( 3, \dfrac{π}{2} \right)`
is `(3,\frac{\pi}{2})`. A unit at the end is kept apart. Nothing here says what is equal.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from evaluator.extract.text import plain

_SIGNS = {
    **{"π": r"\pi ", "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "λ": r"\lambda "},
    **{"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/"},
    **{"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "、": ",", "⟨": "〈", "⟩": "〉"},
    **{"º": "°", "˚": "°", "¢": r"\text{ cents}", "⅓": " 1/3", "⅔": " 2/3"},
    **{"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅛": " 1/8"},
    **{sign: f"^{power}" for power, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}
_UNICODE = str.maketrans(_SIGNS)
_ROOT = re.compile(r"√\s?(\d+|[a-z]|\([^()]*\)|\{[^{}]*\})")
_BOX = re.compile(r"\\f?boxed\{|\\fbox\{")
_COMMANDS: dict[str, str] = {  # what is written for them
    **dict.fromkeys(["left", "right", "displaystyle", "textstyle", "limits", "middle"], ""),
    **dict.fromkeys(["big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"], ""),
    **dict.fromkeys(["quad", "qquad", "hspace", "thinspace"], " "),
    **dict.fromkeys(["dfrac", "tfrac", "cfrac"], r"\frac"),
    **dict.fromkeys(["dbinom", "tbinom"], r"\binom"),
    **dict.fromkeys(["cdot", "times", "ast"], "*"),
    **dict.fromkeys(["le", "leq", "leqslant"], "<="),
    **dict.fromkeys(["ge", "geq", "geqslant"], ">="),
    **dict.fromkeys(["ne", "neq"], "!="),
    **dict.fromkeys(["lvert", "rvert", "vert", "mid"], "|"),
    **{"lbrace": r"\{", "rbrace": r"\}", "langle": "〈", "rangle": "〉", "lbrack": "["},
    **{"rbrack": "]", "cup": "∪", "pm": "±", "mp": "∓", "infty": "∞", "infinity": "∞"},
    **{"in": "∈", "lt": "<", "gt": ">", "approx": "≈", "div": "/", "circ": "°", "degree": "°"},
    **{"backslash": "\\", "land": r"\text{and}", "lor": ",", "textdegree": "°"},
}
_COMMAND = re.compile(r"\\([A-Za-z]+)(?:(?<=left)\.|(?<=right)\.)?")
ROW = "¶"  # the end of a matrix's row
_ROW = re.compile(r"\\\\(?:\[[^\]\n]{0,8}\])?")
_DOUBLED = re.compile(r"\\\\(?=[A-Za-z])")  # as in JSON
_SPACING = re.compile(r"\\[,;:> ]|~|\\(?=\n)")
_TEXT = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal|up)?|[mh]box|mathrm|mathbf|mathit|mathsf|operatorname|bm"
    r"|boldsymbol)\s?\{([^{}]*)\}"
)
_JOINS = re.compile(  # other text stays as it is
    r"(?P<kept>\\text\{(?!\s*,?\s*(?:and|or|和|或)\s*\})[^{}]*\})"
    r"|(?:,\s*)?(?:\\text\{\s*,?\s*(?:and|or|和|或)\s*\}"
    r"|(?<=[\s\d)}])(?:and|or|和|或)(?=[\s\d(\\-])|\\vee(?![a-z]))",
    re.I,
)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|,?\\[,!:; ]\s?|,\\!\s*|'|~| )(?=\d{3}(?!\d))")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:\D{1,4}\d{3})+(?!\d)")
_MIXED = re.compile(r"(?<![\d.])(\d+)\s+(\d+)\s?/\s?(\d+)(?!\d)")
_NO_UNIT = (
    r"(?!\s*(?:or|and|to|plus|minus|times|if|for|when|mod|base|over|sin|cos|tan|cot|sec|csc|log|ln"
    r"|exp|sqrt|pi)\b)"
)
_WORD_UNIT = re.compile(  # a known one, or a word apart that is no product of letters
    rf"(?<=[\d}})a-z])(?:\s*(?=(?:[ck]?m|mm|ft|in|inches|degrees?)\b)|\s+(?=[a-z]{{4}})){_NO_UNIT}"
    r"(?P<unit>[a-z]+(?:[ -](?!(?:and|or)\b)[a-z]+){0,4}(?:\s?\^\{?[23]\}?)?)$"
)
_LETTER_UNIT = re.compile(
    rf"(?<=[^\s])\s*\\text\{{{_NO_UNIT}(?P<unit>[^{{}}]*)\}}\s*(?P<power>\^\{{?[23]\}}?)?"
    r"(?:/\\text\{[^{}]*\})?$"
)
_DEGREES = re.compile(r"\s*(?:\^\{?\s*°\s*\}?|°)\s*$")


_SPACES = re.compile(r"(\\[A-Za-z]+) +(?=[A-Za-z])|(?<!\d)\s+|\s+(?!\d)")  # not between numbers
_FRACTION = re.compile(r"\\frac(\d)\s?(\d)")


@dataclass(frozen=True, slots=True)
class Spelled:
    """A formula without layout, and the unit that ended it ("" for none)."""

    formula: str
    unit: str = ""


@lru_cache(maxsize=4_096)
def spelled(text: str) -> Spelled:
    """The formula in one spelling."""
    text = _unwrapped(_ROOT.sub(r"\\sqrt{\1}", text.translate(_UNICODE)))
    text = _ROW.sub(ROW, text) if r"\begin" in text else _DOUBLED.sub(r"\\", text)
    text = _GROUPED.sub(lambda found: _THOUSANDS.sub("", found[0]), plain(text))
    text = _unwrapped(text.replace(r"\!", "").replace(r"\$", "$"))
    money = text.startswith("$")
    text = _commands(_SPACING.sub(" ", text).replace("$", " ")).strip()
    text = _JOINS.sub(lambda found: found["kept"] or ",", _TEXT.sub(_text, text))
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text).strip(" ,;")
    formula, unit = _without_unit(text)
    formula = re.sub(r"\^\{?°\}?", "°", re.sub(r"\{([,:])\}", r"\1", formula))
    formula = _SPACES.sub(lambda found: f"{found[1]} " if found[1] else "", formula.rstrip(" .,;"))
    formula = _FRACTION.sub(r"\\frac{\1}{\2}", formula)
    return Spelled(formula.replace(r"\infty", "∞"), unit or ("dollar" if money else ""))


def words(text: str) -> str:
    """A text without mathematics: letters and digits alone, in small letters."""
    text = re.sub(r"^\W*(?:an?|the)\s", "", _TEXT.sub(r"\1", _unwrapped(text)).lower())
    return re.sub(r"[\W_]", "", text)


def without_text(text: str) -> str:
    r"""With the contents of \text in place of it."""
    return _TEXT.sub(r"\1", text).strip()


def _unwrapped(text: str) -> str:
    """Without the marks that set a formula apart, and the full stop behind it."""
    while True:
        bare = text.strip().strip("*`").rstrip(" .;。，").strip()
        bare = re.sub(r"^\\[(\[]|(?<!\\)\\[)\]]$", "", bare)
        if (box := _BOX.match(bare)) and bare.endswith("}"):
            bare = bare[box.end() : -1]
        if bare.startswith("$") and bare.endswith("$") and len(bare) > 1:
            bare = bare.strip("$")
        if bare == text:
            return text
        text = bare


def _commands(text: str) -> str:
    return _COMMAND.sub(lambda found: _COMMANDS.get(found[1], str(found[0])), text)


def _text(found: re.Match[str]) -> str:
    inside = found[1].strip()
    return inside if len(inside) == 1 or inside[:1].isdecimal() else rf"\text{{{found[1]}}}"


def _without_unit(text: str) -> tuple[str, str]:
    if degrees := _DEGREES.search(text):
        return text[: degrees.start()], "degree"
    if text.endswith("%"):
        return text.rstrip("\\% "), "%"
    for pattern in (_LETTER_UNIT, _WORD_UNIT):
        if (found := pattern.search(text)) and text[: found.start()].strip():
            power = found["power"] if "power" in pattern.groupindex else ""
            return text[: found.start()].rstrip(), unit(found["unit"] + (power or ""))
    return text, ""


_UNITS = {
    **{"centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm"},
    **{"meter": "m", "metre": "m", "kilometer": "km", "kilometre": "km", "inche": "inch"},
    **{"in": "inch", "feet": "foot", "ft": "foot", "yd": "yard", "second": "s", "sec": "s"},
    **{"hr": "hour", "minute": "min", "deg": "degree", "radian": "rad", "¢": "cent"},
    **{"gram": "g", "kilogram": "kg", "liter": "l", "litre": "l", "percent": "%"},
}
KNOWN = frozenset([*_UNITS.values(), "cent", "dollar", "mile", "day", "week", "year"])
_POWERS = {"square": "2", "squared": "2", "sq": "2", "cubic": "3", "cubed": "3"}


def unit(text: str) -> str:
    """A unit in one spelling, with its power; "" for words that name no unit known here."""
    power = "".join(re.findall(r"\d", text))
    for word in re.findall(r"[a-z¢%]+", text.lower()):
        power = _POWERS.get(word, power)
        singular = str(word if len(word) < 4 else word.removesuffix("s"))
        name = _UNITS.get(singular, singular)
        if name in KNOWN:
            return name + power
    return ""
