"""The mathematical expression that a reply gives, and whether it equals the reference.

Plain numbers, words, clock times and digits in another base are compared here; all else by the
math-verify library, imported when first needed (half a second).
"""

import logging
import re
import threading

from evaluator.extract.cleaning import until_answered
from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.extract.text import ends_of

LONGEST = 400  # characters of an expression; a longer one is no answer, but slow to parse
SECONDS = 3  # for one parse or one comparison, in the main thread only

_SPAN = re.compile(  # $ is a formula's sign, or a currency when a word follows the amount
    r"\$\$(.+?)\$\$|(?<!\\)\$(?!\d[\d.,]*\s[a-z])((?:[^$\n\\]|\\.)+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]",
    re.DOTALL,
)
_ANSWER = re.compile(
    r"\banswers?\b[^\n.;:!?=$]{0,60}?(?:\bis\b|\bare\b|\bbe\b|:)|\banswer\b\W{0,4}(?=\n)"
    r"|答案[^\n。:：]{0,12}?[是为:：]|(?:^|\n)\W{0,4}答\s?[:：]",
    re.IGNORECASE,
)
_SYMBOLS = {ord("π"): "\\pi ", ord("×"): "\\times ", ord("·"): "\\cdot ", ord("∞"): "\\infty "}
_SYMBOLS |= {ord("≤"): "\\le ", ord("≥"): "\\ge ", ord("±"): "\\pm ", ord("∪"): "\\cup "}
_SYMBOLS |= {ord("²"): "^2", ord("³"): "^3", ord("−"): "-", ord("，"): ",", ord("°"): "^\\circ"}
_INSTEAD = re.compile(r"not\b[^\n.]{1,80}?\bbut(?: rather)? ", re.IGNORECASE)
_JOINED = re.compile(r"[\s$.,、]*(?:and|or|,|、|和|或)?[\s$]*(?:[a-z]\s*=\s*)?", re.IGNORECASE)
_SPACING = re.compile(
    r"\\(?:left|right|displaystyle|limits|bigg?[lr]?)(?![a-z])|\\[,!;:> ]|\\q?quad|~|\s+|\\\$|\$",
    re.I,
)
_UNIT = re.compile(
    r"(?<=[\d}\s)])\\(?:text|mbox|mathrm)\{\s*[a-z .²³^\d]*\}(?:\^\{?\d\}?)?$"
    r"|\^?\{?\\circ\}?$|°$|(?<=\d)degrees$",
    re.I,
)
_TEXT = re.compile(r"\\(?:text(?:bf|it|rm)?|mbox|mathrm|mathbf)\s?\{([^{}]*)\}")
_WORDS = re.compile(r"[(\[]?[A-Za-z]{2,}(?:[\s,]+[A-Za-z\d]+)*[)\]]?|[(\[]?[A-Z][)\]]?")
_BASE = re.compile(r"([0-9A-Z]+)_\{?(\d+)\}?")
_CLOCK = re.compile(r"\d+:\d+(?::\d+)?")
_DANGEROUS = re.compile(r"\^\{?\(?\d{5,}|\d{4,}!|!!|\^.{0,6}\^.{0,6}\^|\d{60,}")
_PLAIN_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

logging.getLogger("math_verify").setLevel(logging.CRITICAL)  # it logs each reply that is no formula


def boxed(text: str) -> str | None:
    r"""The content of the last \boxed{...} with balanced braces."""
    text = ends_of(until_answered(text))
    spans = _boxes(text)
    return text[slice(*spans[-1])].strip() or None if spans else None


def _boxes(text: str) -> list[tuple[int, int]]:
    """Where the contents of the last boxes begin and end."""
    found: list[tuple[int, int]] = []
    end = len(text)
    while len(found) < 8 and (at := text.rfind("boxed{", 0, end)) >= 0:
        depth = 1
        for brace in re.finditer(r"[{}]", text[at + 6 : end]):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                found.append((at + 6, at + 6 + brace.start()))
                break
        end = at
    return found[::-1]


def expression(text: str) -> str | None:
    """The expression as written: the last box, else what the last "answer is" or sentence gives."""
    text = ends_of(until_answered(text)).strip()
    if spans := _boxes(text):
        return _joined_boxes(text, spans)
    for answer in reversed(list(_ANSWER.finditer(text))):
        statement = text[answer.end() :].lstrip(" \t\n*:：")
        if instead := _INSTEAD.match(statement):
            statement = statement[instead.end() :]
        if given := _given(statement):
            return given
    last = text[text.rfind("\n") + 1 :]
    math = [_formula(span) for span in _SPAN.finditer(last)]
    return math[-1] if math else number(text).tolerant or (last if _is_bare(text) else None)


def _joined_boxes(text: str, spans: list[tuple[int, int]]) -> str | None:
    """The last box; with the ones before it when only a comma or "and" stands between."""
    parts = [text[slice(*spans[-1])]]
    for (_, end), (start, _) in zip(spans[-2::-1], spans[:0:-1], strict=False):
        between = text[end + 1 : start].removesuffix("boxed{").rstrip("\\f")
        if not between.strip() or not _JOINED.fullmatch(between):
            break
        parts.insert(0, text[slice(*spans[len(spans) - len(parts) - 1])])
    return ", ".join(part.strip() for part in parts) or None


def _given(statement: str) -> str | None:
    line = statement.partition("\n")[0]
    if (span := _SPAN.search(statement[:600])) and span.start() <= len(line):
        lead = statement[: span.start()]
        if not re.search(r"[=+\d^]", lead):
            return _joined_spans(statement[:600], span)
    phrase = re.split(r"(?<!\\)[.!?;。；](?=\s|$|\W*$)|\s(?:because|since|which)\b", line)[0].strip(
        " *`\"'"
    )
    return phrase if phrase and len(phrase) <= 80 else None


def _joined_spans(statement: str, span: re.Match[str]) -> str:
    """The formula, with the ones after it when only a comma or "or" stands between."""
    parts = [_formula(span)]
    for further in _SPAN.finditer(statement, span.end()):
        if not _JOINED.fullmatch(statement, span.end(), further.start()):
            break
        parts.append(_formula(further))
        span = further
    return ", ".join(parts)


def _formula(span: re.Match[str]) -> str:
    return str(next(filter(None, span.groups()))).strip()


def _is_bare(text: str) -> bool:
    return (
        len(text) <= 60
        and "\n" not in text
        and not re.search(r"[a-z]{4,}\s+[a-z]{2,}|[.?!]\s", text)
    )


def expression_equal(reply: str, gold: str) -> bool:
    """Whether the reply's expression is the reference one, in any way of writing it."""
    given = expression(reply)
    if given is None:
        return False
    equal = quickly_equal(given, gold)
    return verified(given, gold) if equal is None else equal


def quickly_equal(given: str, gold: str) -> bool | None:
    """Whether the two are equal, where that can be told from how they are written."""
    given, gold = _in_latex(given.strip().rstrip(".")), gold.strip()
    if len(given) > LONGEST:
        return False
    left, right = _normal(given), _normal(gold)
    if left == right or left.rstrip("%") == right.rstrip("%"):
        return True
    if _PLAIN_NUMBER.fullmatch(left) and _PLAIN_NUMBER.fullmatch(right):
        return canonical_number(left) == canonical_number(right)
    if _WORDS.fullmatch(gold_text := _TEXT.sub(r"\1", gold).strip()):
        return _word(_TEXT.sub(r"\1", given)) == _word(gold_text)
    if _CLOCK.fullmatch(right):
        return False
    if base := _BASE.fullmatch(right):
        return left == base[1]  # the question names the base
    return False if _DANGEROUS.search(given) else None


def _in_latex(text: str) -> str:
    if text.isascii():
        return text
    text = re.sub(r"√\s?(\d+|[a-z]|\([^()]*\))", r"\\sqrt{\1}", text)
    return text.translate(_SYMBOLS)


def _normal(text: str) -> str:
    text = _UNIT.sub("", text.replace("\\%", "%").strip().strip("$").rstrip(". "))
    text = _SPACING.sub("", text)
    text = re.sub(r"\\[dtc]frac", r"\\frac", text)
    text = re.sub(r"\\frac(\d)(\d)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"([_^])\{(\w)\}", r"\1\2", re.sub(r"\{([,:])\}", r"\1", text))
    return _UNIT.sub("", text)


def _word(text: str) -> str:
    return re.sub(r"[^a-z\d]", "", text.lower())


def verified(given: str, gold: str) -> bool:
    """Whether the two are equal as mathematics; this may take 3 s for each of three steps."""
    from math_verify import parse, verify  # type: ignore[import-untyped]  # ships no py.typed

    given, gold = _in_latex(given.strip().rstrip(".")), gold.strip()
    # Its time limits are signals, which exist in the main thread alone.
    seconds = SECONDS if threading.current_thread() is threading.main_thread() else None
    reference = parse(f"${gold}$", parsing_timeout=seconds)
    candidate = parse(f"${given}$", parsing_timeout=seconds)
    return bool(verify(reference, candidate, allow_set_relation_comp=True, timeout_seconds=seconds))
