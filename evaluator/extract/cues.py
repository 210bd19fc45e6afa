"""The words that make a letter the answer, in English and Chinese.

A cue is looked for right before and right after a letter, and holds unless its clause denies,
supposes or quotes it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from evaluator.extract.cue_words import (
    CLOSE,
    CORRECT,
    ELSEWHERE,
    ELSEWHERES,
    END,
    GAP,
    LEAD,
    LINE,
    LINK,
    NOTS,
    NOUN,
    NOUNS,
    OPEN,
    SAYING,
    SUBJECT,
    THE_ANSWER,
    THEREFORE,
    THEREFORES,
    VERB,
    VERBS,
    WRONG,
)


class Cue(NamedTuple):
    """Words that give a mark a meaning: `before` ends at the mark, `after` begins behind it.

    `before` begins with one of the words in `starts`, where there are any.
    """

    name: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    noun: bool = False  # the answer is called so
    starts: Sequence[str] = ()

    def leads(self, before: str) -> re.Match[str] | None:
        """Where `before` is found, at the end of the text before a mark."""
        if not self.starts:
            return self.before.search(before)
        lowered = before.lower()
        at = [start for word in self.starts if (start := lowered.find(word)) >= 0]
        if not at:
            return None
        return self.before.search(before, min(at) if len(lowered) == len(before) else 0)


def _cue(
    name: str, before: str, after: str = "", noun: bool = False, starts: Sequence[str] = ()
) -> Cue:
    patterns = re.compile(rf"{before}\Z", re.I), re.compile(f"{CLOSE}{after}", re.I)
    return Cue(name, *patterns, noun, starts)


NAMED = (
    _cue(
        "not X but Y",
        rf"(?:\bnot|isn't|instead of|不是|并非|而非)\s?(?:option )?{OPEN}{{0,4}}[A-Z0-9]"
        rf"{CLOSE}\s?[,;.]?"
        rf"\s?(?:but(?: rather)?|rather|it is|it's|instead|而是|而?应该?[是为选]){LEAD}",
        starts=NOTS,
    ),
    _cue("the answer is X", rf"{NOUN}[\]】]?(?:{GAP}{LINK})?{LEAD}", noun=True, starts=NOUNS),
    _cue(
        "the answer is:\\nX",
        rf"{NOUN}{GAP}{LINK}\W{{0,3}}\s*{LEAD}",
        noun=True,
        starts=NOUNS,
    ),
    _cue(
        "### Answer\\nX",
        rf"(?:^|\n)\W{{0,6}}(?:(?:the|final|correct|my|最终|正确) ?){{0,2}}{NOUN}\W*{LEAD}",
        noun=True,
    ),
    _cue("I choose X", rf"{VERB}{LEAD}", starts=VERBS),
    _cue(
        "... matches option X",
        r"\b(?:is|be|match(?:es)?|corresponds? to|fits|points? to|namely|i\.e\.)"
        rf"(?: \w+ly| still)?,? (?:option|choice)\b{LEAD}",
        r"\s*(?:[.;!:)]|\n|\Z|,? (?:as|because|since)\b)",
    ),
    _cue(
        "so X.",
        rf"(?:{THEREFORE}|\b(?:since|because)\b[^\n.;]{{5,100}},){LEAD}",
        rf"(?:项)?{END}",
        starts=THEREFORES,
    ),
    _cue(
        "makes X the answer",
        rf"\bmak(?:es|ing) {LEAD}",
        r" the (?:\w+ )?(?:answer|choice|option)\b",
    ),
    _cue("X is the answer", SUBJECT, THE_ANSWER),
    _cue("Antwort: X", rf"{ELSEWHERE}{LEAD}", noun=True, starts=ELSEWHERES),
    _cue("only X is left", rf"\bonly {LEAD}", r" (?:is left|remains|survives)\b"),
)
VERDICT = _cue("X is correct", SUBJECT, CORRECT)
INCORRECT = _cue("X is wrong", SUBJECT, WRONG)
LISTED_RIGHT = _cue(
    "X. Correct",
    LINE,
    r"\s?[.:、,]?\s?(?:(?:correct|right|true|yes)\b"
    rf"|{SAYING}(?:正确|对(?!于|应)|符合题意))",
)
LISTED_WRONG = _cue(
    "X. Wrong",
    LINE,
    r"\s?[.:、,]?\s?(?:(?:incorrect|wrong|false|no)\b"
    rf"|{SAYING}(?:错|不正确|不对|不符合题意))",
)
STATES = re.compile(r"\b(?:statements?|true|false)\b|说法|描述|表述|叙述|陈述", re.I)

INSTEAD = re.compile(
    r"(?:\bnot\b|不是|并非)[^.;\n]{1,80}?(?:\bbut(?: rather)?\b|而是)[\s:]*(?:the )?", re.I
)
ANSWER_IS = re.compile(rf"{NOUN}{GAP}{LINK}{LEAD}", re.I)

CLAUSE = re.compile(r"[.,;!?:\n](?=\s|[^\x00-\x7f]|$)|而是|\bbut |\bbecause |\bsince |因为")
DENIED = re.compile(
    r"\b(?:not|never|neither|cannot|nor|without|if|whether|unless|suppose|assuming|wrong|incorrect"
    r"|false|format|form|people|students|someone|others|instead of|rather than|tempt\w*|e\.g"
    r"|examples?|(?:common|usual|frequent) (?:mistake|error)|trap|beginners|nicht|kein\w*|pas|não"
    r"|(?:may|might|could)(?: \w+)? be)\b|n't\b"
    r"|n'est\b|no es\b|(?<!最)(?<!最有)可能[是为选]|常常|往往|很多人|不少人|不(?!难|妨|断)|并非"
    r"|没有|勿|误|错|如果|若|假如|假设|假定|是否|无法|不确定|格式|例如|比如|示例|例题|排除(?!法)",
    re.IGNORECASE,
)
_IFS = "if", "如果", "假如", "若"
_HEDGES = "may ", "might ", "could ", "many ", "often "
_HEDGED = re.compile(r"\b(?:may|might|could|many|often)(?: \w+){0,2} ?\Z", re.IGNORECASE)
_ANOTHER = re.compile(  # "the answer is A: the quotient is C", of which C is said of the quotient
    r"(?:\b(?:is|are)\b|[:是为])[\s\"'(\[]{0,3}[A-Z]\s?[:.)、](?=\s|[^\x00-\x7f])"
)
_SUPPOSED = re.compile(  # in the sentence that leads to the mark
    r"(?:\bif\b[^.;\n]*\b(?:would|had|asked)\b|(?:如果|假如|若)[^.;\n]*(?:问|题目))[^.;\n]*$", re.I
)
REFUTED = re.compile(  # "X is wrong", "X错误"; but not "X) wrong ...", which quotes an option
    rf"(?:{CLOSE}\s?(?:选?项)?\s?(?:is|was|are|would be|can|could|does|seems)\s?(?:also )?"
    r"|[\"'】」\]]{0,3}\s?(?:选?项)?\s?)"
    r"(?:not\b|n't|incorrect|wrong|false|isn't|can't|cannot|doesn't|错|不|有误|排除|\?|吗|呢)"
    r"|\s(?:describes|refers|means|states|represents|suggests|shows|involves|includes)\b"
    r"|[가이]?\s?아[니닙]|ではな|じゃな|ではありま"
    r"|公司|企业|产品|[股型级类组班市国超区君]",  # a name such as A公司
    re.IGNORECASE,
)
GOES_ON = re.compile(  # "a cell", "I think", "3 apples": marks that are words or numbers here
    r" +(?!(?:because|as|since|for|and|or|but|which|is|with|due|based|in|by|that|so|then|given|here"
    r"|it|the)\b)[a-z]"
)
_SECOND_THOUGHTS = (
    *("wait", "hold on", "actually", "correction", "scratch that", "made a mistake"),
    *("correct myself", "不对", "更正", "纠正", "等等", "我错了"),
)
_REVISED = re.compile(
    "|".join(rf"\b{word}\b" if word.isascii() else word for word in _SECOND_THOUGHTS), re.I
)


def says(cue: Cue, before: str, after: str) -> bool:
    """Whether the cue holds for the mark between the two, in a clause that asserts it."""
    if not cue.after.match(after) or not (found := cue.leads(before)):
        return False
    if _ANOTHER.search(found[0]):
        return False
    cuts = list(CLAUSE.finditer(before))
    leading = max((cut.end() for cut in cuts if cut.start() <= found.start()), default=0)
    ending = max((cut.end() for cut in cuts), default=0)
    nearby = max(leading, found.start() - 24)
    if ending > found.start():  # the cue goes over the end of a clause, where another may deny
        if DENIED.search(before, nearby, found.start()):
            return False
        nearby = ending
    return not (DENIED.search(before, nearby) or _supposed(before, leading, found.start()))


def _supposed(before: str, leading: int, end: int) -> bool:
    """Whether the sentence supposes something, or a hedge stands right before the end."""
    lowered = before.lower()  # looking for words is far cheaper than for the patterns
    if any(word in lowered for word in _IFS) and _SUPPOSED.search(before):
        return True
    return any(word in lowered for word in _HEDGES) and bool(_HEDGED.search(before, leading, end))


def revised_at(text: str) -> int:
    """Where the reply last corrects itself, else 0."""
    lowered = text.lower()
    if not any(words in lowered for words in _SECOND_THOUGHTS):  # far cheaper than the pattern
        return 0
    return max((revised.start() for revised in _REVISED.finditer(text)), default=0)
