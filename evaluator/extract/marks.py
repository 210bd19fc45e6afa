"""What stands for the options in a reply, letters or digits, and the patterns made of them."""

import re
from functools import lru_cache
from string import ascii_uppercase

from evaluator.extract.cue_words import CLOSE, END

_ORDINALS_ZH = "一二三四五六七八九十"
_ORDINALS_EN = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
_ORDINAL = re.compile(
    rf"第(?P<zh>[{_ORDINALS_ZH}])(?:个?选项|[项个])(?=[^\w]|$|[是为错不最更]|(?:说法|描述|表述)?.?正确)"
    rf"|\b(?P<en>{'|'.join(_ORDINALS_EN)}|last) (?:option|choice)\b",
    re.IGNORECASE,
)
_IFS = "if i ", "if forced", "if pressed", "如果", "要是", "假如", "若"
_ORDERED = [f"{each} {noun}" for each in (*_ORDINALS_EN, "last") for noun in ("option", "choice")]
_FORCED = re.compile(
    r"\bif (?:i (?:(?:really|absolutely) )?(?:had|have|must|were)(?: to)?|forced to|pressed to)"
    r" (?:choose|pick|guess|select|answer|decide)(?: one| an? \w+| between (?:them|these|the two))?"
    r"[,:]|\bif (?:pressed|forced),"
    r"|(?:如果|要是|假如|若)我?(?:一定|必须|非得?|硬)(?:要|得)?(?:选择?|猜)(?:[一其]个|一项|的话)?[,:]",
    re.IGNORECASE,
)
_BOXES = re.compile(r"(?<=[A-Z])\s*(,|;|、|\band\b|\bor\b|和|或)\s*\\boxed\s*(?=[A-Z]\b)")
_VERDICTS = re.compile(r"(?<=[错误对确])\s+(?=[A-Z](?![A-Za-z]))")  # A错 B错 C对: three clauses
_ASIDE = re.compile(r"\b([A-Z]) \([^()\n]{1,60}\)(?= is )")
_ROMAN = re.compile(r"\(?\b[ivx]+\)")
_SIGNS = {**dict.fromkeys("✓✔✅√☑⭕", True), **dict.fromkeys("✗✘❌×☒✖", False)}
_SIGN = re.compile(rf"\s?[:.()-]?\s?([{''.join(_SIGNS)}])")
_SIGN_BEFORE = re.compile(rf"^\W*?([{''.join(_SIGNS)}])")
_SIGN_RIGHT_BEFORE = re.compile(rf"([{''.join(_SIGNS)}])\s?[(\[]?$")
_TICKED = re.compile(rf"(?<![A-Za-z0-9])([A-Z])[)\]]?\s?[:.|-]?\s?([{''.join(_SIGNS)}])")
_SIGN_BEHIND = re.compile(rf"([{''.join(_SIGNS)}])\W*$")


class Marks:
    """What stands for the options, and the patterns made of them."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self.label_of = {label.upper(): label for label in labels}
        if all(label.isdigit() for label in labels):  # a letter is read by its position
            self.label_of |= dict(zip(ascii_uppercase, labels, strict=False))
        capitals = "".join(mark for mark in self.label_of if mark.isalpha())
        digits = "|".join(mark for mark in self.label_of if mark.isdigit())
        end = r"(?![A-Za-z0-9_+#°%]|'[a-z]|-[A-Za-z0-9]|[.,:/]\d)"
        # Looks back from behind the mark, so that the search jumps from letter to letter.
        alone = r"(?<![A-Za-z0-9_-].)(?<![a-z]'.)"
        one = rf"[{capitals}]{alone}{end}|[{capitals.lower()}]{alone}(?={END}|[)\]])"
        if digits:
            one += f"|(?:{digits})(?<![A-Za-z0-9_.$-].){end}"
        self.marks = re.compile(
            rf"(?:{one}|[{capitals}](?<![A-Za-z0-9_].)[{capitals}]+(?![A-Za-z0-9_]))"
        )
        joined = r"(?:[、/&+]|\b(?:and|or|und|et|y|e|as well as)\b|和|或者?|与|以?及|还是|또는|と)"
        # E to H may be named where there are no such options: that answer is two as well.
        further = rf"\s*(?:both |also |options? )?[\"'(\[]*(?:{one}|[E-H](?!\w)){CLOSE}"
        stops = r"\s*(?:[.,;:!?]|\n|$|(?:both|because|since)\b|因|[两二三四]个?[项者选])"
        self.more = re.compile(
            rf"{CLOSE}\s*(?:(?:\bor\b(?! else)|或者?|还是|\boder\b|\bou\b)"
            rf"|[(\[](?:{one})[)\]]"
            rf"|(?:(?:,|{joined}){{1,2}}{further}\s*){{1,9}}(?<=[\w)\]\"'】」』》> ])(?={stops})"
            rf"|{joined}{further}\s*(?:are\b|[都均同])|(?:;| ){further}\s*(?:[.!?]?\Z|\.?\n))"
        )
        self.line = re.compile(
            r"^[^\w\n]{0,6}(?:(?:option|choice|letter|antwort|réponse|respuesta|opción)[\s:]+"
            r"|选项|选择?|第)?[ (\[\"'【]{0,2}"
            rf"(?P<mark>{one}){CLOSE}"
            r"(?P<rest>[^\w\n?]*$|\s?选?项(?=\W*$)|\s*[.:、,;](?=\D)|\s+[-~]\s|(?<=[)\]】])\s"
            r"|\s\([^()\n]{1,80}\)[^\w\n]*$|\s+(?:because|since|as|rather than|instead of)\b)",
            re.MULTILINE | re.IGNORECASE,
        )
        self.all = self._enumeration()

    def _enumeration(self) -> re.Pattern[str]:
        """The labels one after the other, from the first to at least the third: the options."""
        separator = r"(?:[\s,.、:;/|()\[\]<>]|\bor\b|\band\b|或者?|和|与|还是){1,8}"
        first, *others = map(re.escape, self.labels)
        further = ""
        for label in reversed(others[2:]):
            further = f"(?:{separator}{label}{further})?"
        following = "".join(f"{separator}{label}" for label in others[:2])
        return re.compile(rf"{first}(?<!\w.){following}{further}(?![A-Za-z0-9_])")

    def plainly(self, text: str) -> str:
        """The text with letters for "the second option", without mere lists of all labels."""
        if all(label in text for label in self.labels[:3]):
            text = self.all.sub("...", text)
        if "ii)" in text:  # a list (i), (ii), (iii)
            text = _ROMAN.sub("", text)
        if text.count("boxed") > 1:
            text = _BOXES.sub(r" \1 ", text)
        if "错" in text or "误" in text:
            text = _VERDICTS.sub(", ", text)
        lowered = text.lower()  # looking for words is far cheaper than for the patterns
        if ") is " in lowered:  # A (heat) is wrong
            text = _ASIDE.sub(r"\1", text)
        if any(word in lowered for word in _IFS):
            text = _FORCED.sub(" i choose ", text)
        if "第" in lowered or any(words in lowered for words in _ORDERED):
            text = _ORDINAL.sub(self._by_order, text)
        return text

    def _by_order(self, found: re.Match[str]) -> str:
        ordinal = found["zh"] or found["en"].lower()
        order = _ORDINALS_ZH if found["zh"] else _ORDINALS_EN
        at = len(self.labels) - 1 if ordinal == "last" else order.index(ordinal)
        if at >= len(self.labels):
            return found[0]
        return f"{self.labels[at]}项" if found["zh"] else f"option {self.labels[at]}"

    def signed(self, text: str, mark: re.Match[str]) -> bool | None:
        """Whether a check mark or a cross stands beside the mark or at either end of its line."""
        start = text.rfind("\n", 0, mark.start()) + 1
        end = text.find("\n", mark.end())
        before, after = text[start : mark.start()], text[mark.end() : end if end >= 0 else None]
        if _SIGN_BEFORE.match(before):
            sign = _SIGN_RIGHT_BEFORE.search(before)
        else:
            leads = not re.search(r"\w", before)
            sign = _SIGN.match(after) or (_SIGN_BEHIND.search(after[-8:]) if leads else None)
        return None if sign is None else _SIGNS[sign[1]]


@lru_cache(maxsize=64)
def marks_of(labels: tuple[str, ...]) -> Marks:
    return Marks(labels)


def in_words(text: str) -> str:
    """The text with `A ✓ B ✗` in words, each verdict a clause of its own."""
    if has_signs(text):
        text = _TICKED.sub(lambda f: f[1] + ("正确, " if _SIGNS[f[2]] else "错误, "), text)
    return _VERDICTS.sub(", ", text)


def has_signs(text: str) -> bool:
    """Whether options may be ticked off in a text: a cross alone may be a multiplication."""
    return any(sign in text for sign, right in _SIGNS.items() if right)
