"""FollowBench's rows that no judge is needed for: what the original checks by rule, and how.

https://github.com/YJiangcm/FollowBench, code/rule_based_evaluation.py and its twin in code_zh.
"""

import re
from ast import literal_eval
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import punctuation

Holds = Callable[[str], bool]
_MARKS = punctuation + "，。：’“”"
_ENDS = re.compile(r"(?<!\w\.\w.)(?<![A-Z][a-z]\.)(?<=\.|\?)\s")


@dataclass(frozen=True, slots=True)
class Language:
    """What differs: where a sentence ends, whether words are counted, and the words looked for."""

    ends: str
    words: bool
    said: Mapping[str, str]
    perfect: str
    continuous: str
    money: str

    def sentences(self, text: str) -> list[str]:
        """The sentences, without their marks."""
        return [each for each in re.split(f"[{self.ends}]", text) if each]

    def length(self, text: str) -> int:
        """Words of English, between single spaces; characters of Chinese."""
        return len(text.split(" ")) if self.words else len(text)

    def has(self, text: str, word: str) -> bool:
        """Whether the word is there, of English as a whole word."""
        written = self.said.get(word, word)
        found = rf"\b{re.escape(written)}\b" if self.words else re.escape(written)
        return re.search(found, text) is not None

    def counted(self, sentence: str) -> int:
        """The length of a sentence, however its words are spaced."""
        return len(sentence.split()) if self.words else len(sentence)

    def nth(self, text: str, number: int) -> str:
        """A sentence, counted from 1; empty where there are fewer."""
        return (self.sentences(text)[number - 1 : number] or [""])[0]


ENGLISH = Language(
    ends=".!?",
    words=True,
    said={},
    perfect=r"\b(has|have)\s+\w+",
    continuous=r"\b(am|is|are)\s+\w+ing\b",
    money=r"\$\d+",
)
CHINESE = Language(
    ends="。！？",
    words=False,
    said={
        **{"Potter": "波特", "actor": "演员", "films": "电影", "lavish": "奢侈"},
        **{"Newton Stewart": "牛顿斯图尔特", "operation": "操作", "stuff": "琐碎的"},
        **{"bus": "公交车", "in": "在", "We": "我们", "activations": "激活"},
        "Those are suggestions": "这些是建议",
    },
    perfect="了",
    continuous="在",
    money=r"\d+美元",
)


def rule(
    language: Language, category: str, source: str, example: int, level: int, target: str
) -> Holds | None:
    """The check of a row's reply; None where a judge is needed."""
    if category == "example":
        return lambda text: fits(target, text)
    if by_target := BY_TARGET.get(source):
        return lambda text: by_target(text, target, language)
    if source in SUMMARIES:
        constraints = SUMMARIES[source](language)
        return lambda text: all(holds(text) for holds in constraints[:level])
    return _format(language, example, level) if category == "format" else None


def fits(template: str, text: str) -> bool:
    """Whether a reply has the form of the worked examples, whatever it answers."""
    form = template.replace("{instruction}\n", "").replace("{{", "{").replace("}}", "}")
    pattern = re.escape(form.replace("{answer}", ".*")).replace(r"\.\*", ".*")
    return re.fullmatch(pattern, text) is not None


def _last(pattern: str, text: str, target: str) -> bool:
    found: list[str] = re.findall(pattern, text)
    return found[-1:] == [target]


def _is_target(text: str, target: str, language: Language) -> bool:
    return text == target


def _lines(text: str, target: str, language: Language) -> bool:
    return set(text.split("\n")) <= set(target.split("\n"))


BY_TARGET: Mapping[str, Callable[[str, str, Language], bool]] = {
    "E2E": _is_target,
    "text_editing": _is_target,
    "WIKIEVENTS": _lines,
    "CONLL2003": lambda text, target, language: text in literal_eval(target),
    "BBH_logical": lambda text, target, language: _last(r"\([A-Z]\)", text, target),
    "BBH_time": lambda text, target, language: _last(r"\d{2}/\d{2}/\d{4}", text, target),
    "self_made_space": lambda text, target, language: target in text,
    "gsm_8k": lambda text, target, language: _last(language.money, text, target),
}


def _cnn_dailymail(of: Language) -> Sequence[Holds]:
    wanted = list(enumerate(("Potter", "actor", "films"), 1))
    return (
        lambda text: len(of.sentences(text)) == 3,
        lambda text: all(of.counted(each) < 15 for each in of.sentences(text)),
        lambda text: all(of.has(of.nth(text, number), word) for number, word in wanted),
        lambda text: not of.has(of.nth(text, 2), "lavish"),
        lambda text: re.search(of.perfect, of.nth(text, 3)) is not None,
    )


def _xsum(of: Language) -> Sequence[Holds]:
    return (
        lambda text: len(of.sentences(text)) == 1,
        lambda text: of.length(text) < 20,
        lambda text: not of.has(text, "Newton Stewart"),
        lambda text: re.search(of.continuous, text) is not None,
        lambda text: of.has(text, "operation"),
    )


def _samsum(of: Language) -> Sequence[Holds]:
    dawdling = "procrast" if of.words else "拖沓的"
    marks = punctuation if of.words else _MARKS
    return (
        lambda text: len(of.sentences(text)) == 1,
        lambda text: of.length(text) < 15,
        lambda text: of.has(text, "stuff"),
        lambda text: dawdling not in text.lower(),
        lambda text: sum(character in marks for character in text) == 1,
    )


def _gigaword(of: Language) -> Sequence[Holds]:
    marks = punctuation if of.words else _MARKS
    return (
        lambda text: of.length(text) == 8,
        lambda text: not any(character in marks for character in text),
        lambda text: text.islower() if of.words else not any(map(str.isnumeric, text)),
        lambda text: not of.has(text, "bus"),
        lambda text: of.has(text, "in"),
    )


def _arxiv(of: Language) -> Sequence[Holds]:
    return (
        lambda text: len(of.sentences(text)) == 1,
        lambda text: of.length(text) <= 20,
        lambda text: text.startswith(of.said.get("We", "We")),
        lambda text: of.has(text, "activations"),
        lambda text: not of.has(text, "transformer"),
    )


SUMMARIES: Mapping[str, Callable[[Language], Sequence[Holds]]] = {
    "cnn_dailymail": _cnn_dailymail,
    "xsum": _xsum,
    "samsum": _samsum,
    "gigaword": _gigaword,
    "arxiv": _arxiv,
}


def _format(of: Language, example: int, level: int) -> Holds | None:
    if example == 22:
        constraints = _paragraphs(of, 4 if level == 5 else 3)
    elif example == 30 and of.words:
        constraints = MARKED_POINTS
    else:
        return None
    return lambda text: all(holds(text) for holds in constraints[:level])


def _paragraphs(of: Language, count: int) -> Sequence[Holds]:
    ending = of.said.get("Those are suggestions", "Those are suggestions")
    return (
        lambda text: len(text.split("\n\n")) == count,
        lambda text: all(len(of.sentences(each)) < 3 for each in text.split("\n\n")[:3]),
        lambda text: all(of.counted(each) > 20 for each in of.sentences(text)),
        lambda text: all(re.match(r"\s*(\d+\.|\Z)", each) for each in text.split("\n\n")),
        lambda text: text.endswith(ending),
    )


MARKED_POINTS: Sequence[Holds] = (
    lambda text: "**" in text,
    lambda text: len(re.findall(r"\*\*[\d].+?:", text)) == 5,
    lambda text: all(
        len(each.split(".")) < 3
        for each in _ENDS.split(text)
        if any(f"{number}." in each for number in range(1, 6))
    ),
    lambda text: all(10 <= len(each.split()) <= 15 for each in _ENDS.split(text)),
    lambda text: not any(word.endswith("-ly") for word in text.split()),
)
