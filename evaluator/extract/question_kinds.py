"""Whether a multiple-choice question asks for the true option, the false one or the exception.

About one exam question in eight asks for the false statement or for the exception. A reply to it
names "the incorrect one" where another would name "the answer", and an option that it calls wrong
is the one it chooses.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

_WRONG_ZH = (
    r"(?:不正确|(?<!没有)(?<!无)错误|有误|不对|不准确|不确切|不恰当|不妥当?|不成立|不合理"
    r"|不符合史实)"
)
_THING_ZH = r"(?:一?[项个种条句]|选项|说法|表述|描述|叙述|陈述|判断|理解|做法|观点|结论|句子)"
_FALSE = re.compile(
    rf"{_WRONG_ZH}(?:的?{_THING_ZH}|(?:的[是有为]?)?\W*$|的[是有为])|哪[^,，]{{0,12}}{_WRONG_ZH}"
    r"|\b(?:which|what|following|identify|select|find)\b[^?\n]*"
    r"(?:(?:\bnot|n't)\b[^.?\n]{0,24}\b(?:true|correct|accurate)\b"
    r"|\b(?:is|are|be)\b(?: \w+ly)? (?:false|incorrect|untrue|inaccurate|wrong)\b(?! to\b)"
    r"|\b(?:false|incorrect|untrue|inaccurate|wrong) (?:statement|one|option|answer|fact|claim)\b)"
    r"|\b(?:true|correct|accurate)\b[^.?\n]{0,80}\bexcept\b"
    r"|\bexcept\b[^.?\n]{0,80}\b(?:true|correct|accurate)\b",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(r"[不没未无非除]|\b(?:except|exception|not|cannot|least)\b|n't\b", re.I)
_DENYING = (  # without one of these words a question has neither
    *("not", "n't", "except", "least", "false", "incorrect", "untrue", "inaccurate", "wrong"),
    *("不", "没", "未", "无", "非", "除", "错", "误"),
)
_SENTENCE = re.compile(r"(?<=[。！？?!;；\n])|(?<=\.)\s")
_TAIL = re.compile(rf"的?{_THING_ZH}?[是有为]?[\s_（）()？?:：,，.。…]*\Z")
_DENIAL = re.compile(r"[不没未无非]\Z")
_CONNECTIVE = re.compile(r".*(?:所以|因此|因而|故|综上|可知|可见|其中|那么|本题)[,:]?")

_WRONG_ONE = re.compile(
    rf"{_WRONG_ZH}(?:的{_THING_ZH}?|{_THING_ZH})(?=\s?(?:应该?)?(?:[是为选有:]|不是))"
    r"|\b(?:the |an? |your )?(?:only )?(?:incorrect|false|wrong|untrue|inaccurate)"
    r" (?:statement|option|one|answer|choice|claim)\b"
    r"|\bthe (?:only )?(?:statement|option|one|answer|choice|claim) (?:that|which) (?:is|are)"
    r" (?:not (?:\w+ly )?(?:true|correct|accurate)|false|incorrect|wrong)\b",
    re.IGNORECASE,
)
_RIGHT_ONE = re.compile(rf"(?<!不)正确的{_THING_ZH}?(?=[是为有:])")
_EXCEPTED = re.compile(
    r"\bthe (?:only )?exception\b"
    r"|\bthe (?:only )?(?:one|option|choice|answer|item) (?:that|which)"
    r" (?:is|are|was|does|do|can|could|would|has)(?: ?not\b|n't\b)[^.\n,;:]{0,80}?(?= is\b|:)",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(
    r"\b(?:all|each|every\w*|the others|the rest)\b(?P<said>[^.\n]{0,80}?)(?:\bexcept|(?<!,) but)"
    r"(?: for)?(?: \(?(?:option|statement|choice))? \(?(?P<mark>[A-Z0-9])\b\)?"
    r"(?! (?:is|are|was|does|has|can|may|might|would)\b)",
    re.IGNORECASE,
)
_BUT_ZH = re.compile(r"除了?\s?[(\"]?(?P<mark>[A-Z0-9])[)\"]?(?:选?项)?(?:以|之)?外")
_NOT = re.compile(r"\b(?:is|are|does|do|can|has)(?: not|n't) (\w[^?.]{2,80}?)[?.\s]*\Z", re.I)
_NOT_ZH = re.compile(r"[不没未无][\u4e00-\u9fff]{2,20}\Z")
_TRUTH = re.compile(
    r"\W*(?:(?:true|false|correct|incorrect|right|wrong|yes|no)\b|不?正确|[对错]|不对|不?符合)",
    re.I,
)
_STEM = re.compile(
    rf"的{_THING_ZH}?\s?(?:应该?)?[是为有](?=[\s:(\[【\"]{{0,4}}(?:选项)?\s?[A-Z0-9](?![a-z]))"
)

_PART = re.compile(r"[\s,.;:!?]")
LONGEST_STEM = 30  # characters


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """`false`: a question for the statement that is false; `exception`: for what something is not;
    `clause`: its last sentence, without what merely says that an option follows; `of_truth`: its
    options are true, false, right and wrong themselves."""

    false: bool = False
    exception: bool = False
    clause: str = ""
    of_truth: bool = False


@lru_cache(maxsize=1024)
def question_kind(question: str, options: tuple[str, ...] = ()) -> QuestionKind:
    """What the last sentence of a question asks for; nothing is known of an empty one."""
    sentences = [each.strip() for each in _SENTENCE.split(question) if len(each.strip()) > 3]
    last = normalize("NFKC", sentences[-1]) if sentences else ""
    denies = any(word in last.lower() for word in _DENYING)  # far cheaper than the patterns
    false = denies and _FALSE.search(last) is not None
    exception = false or (denies and _EXCEPTION.search(last) is not None)
    of_truth = any(map(_TRUTH.match, options))
    return QuestionKind(false, exception, _TAIL.sub("", last), of_truth)


def in_usual_words(text: str, kind: QuestionKind) -> str:
    """The reply with "the answer" wherever it names what the question asks for by other words."""
    if not kind.clause:
        return text
    if kind.false:
        text = _RIGHT_ONE.sub("其余", text)
        text = _WRONG_ONE.sub(_the_answer, text)
    if kind.exception:
        text = _EXCEPTED.sub(_the_answer, text) if "the " in text.lower() else text
        text = text.replace("例外的是", "答案是").replace("例外是", "答案是")
        text = _BUT_ZH.sub(r"\n答案是\g<mark>.\n", text)
        text = text if kind.false else _denied_alike(text, kind.clause)
    if "except" in text or "but" in text:
        text = _ALL_BUT.sub(lambda found: _all_but(found, kind), text)
    return _stems_named(text, kind) if "的" in text else text


def _the_answer(found: re.Match[str]) -> str:
    return "the answer" if found[0].isascii() else "答案"


def _denied_alike(text: str, clause: str) -> str:
    """`D is not a mammal` names the answer to "Which is not a mammal?"."""
    lowered = text.lower()
    if (zh := _NOT_ZH.search(clause)) and zh[0] in text:
        denied = rf"(?<![A-Za-z0-9])([A-Z0-9])(?:选?项)?[是也]?{re.escape(zh[0])}"
        words = r"答案是\1."
    elif (en := _NOT.search(clause)) and en[1].lower() in lowered:
        denied = rf"\b([A-Z0-9])\)? (?:is|are|does|do|can|has)(?: ?not|n't) {re.escape(en[1])}"
        words = r"\1 is the answer"
    else:
        return text
    found = re.findall(denied, text, re.IGNORECASE)
    return re.sub(denied, words, text, flags=re.IGNORECASE) if len(set(found)) == 1 else text


def _all_but(found: re.Match[str], kind: QuestionKind) -> str:
    """`All are true except D` is an answer where D's being false makes it one."""
    wrong = re.search(r"\b(?:false|incorrect|wrong|untrue)\b|not (?:true|correct)", found["said"])
    right = re.search(r"\b(?:true|correct|right|accurate)\b", found["said"])
    fits = not kind.false if wrong else kind.false if right else kind.exception
    return f"The answer is {found['mark']}" if fits else found[0]


def _stems_named(text: str, kind: QuestionKind) -> str:
    """The reply with "答案是" for the words before X in `...的是X` that are the question's own."""
    kept: list[str] = []
    end = 0
    for found in _STEM.finditer(text):
        before = text[max(end, found.start() - LONGEST_STEM) : found.start()]
        said = _CONNECTIVE.sub("", _PART.split(before)[-1])
        if said and _asks(said, kind.clause):
            kept += [text[end : found.start() - len(said)], "答案是"]
            end = found.end()
    return "".join([*kept, text[end:]])


def _asks(said: str, clause: str) -> bool:
    """Whether the words are those that the question ends with, or are within, denied alike."""
    same = _common_end(said, clause)
    if same >= 2 and bool(_DENIAL.search(said[:-same])) == bool(_DENIAL.search(clause[:-same])):
        return True
    at = clause.find(said) if len(said) > 2 else -1
    return at >= 0 and not _DENIAL.search(clause[:at])


def _common_end(one: str, other: str) -> int:
    """How many characters two texts share at their ends."""
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same
