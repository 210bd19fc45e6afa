"""The number that a reply to a word problem arrives at.

From most to least conclusive:

1. the last line as the prompt asked for it (`Answer: 18`);
2. the last statement marked as the answer: `#### 18`, a box, "the answer is", 答案, 答：;
3. a first line that is nothing but a number;
4. the last sentence, when it states a result: it computes ("... = 18"), it concludes ("so",
   "in total", 一共), or it has one number to offer.

`results` says which number a sentence comes to. A statement that its own clause denies, supposes
or gives as an example states nothing.
"""

import re

from evaluator.extract.numerals import NUMBER, canonical_number, simplified
from evaluator.extract.sentence_numbers import in_box, result, stated
from evaluator.extract.text import NOTHING, Reading, asked_line, read

RECENT = 400  # characters searched first: what is said last counts
NEAR = 60  # characters before the words of an answer that can deny it

_IN_FORMAT = re.compile(r"-?[\d.,]+(?:/\d+)?", re.ASCII)
# The last lines that most models write: read alike by the rules below, at twenty times the cost.
_USUAL = re.compile(
    r"(?:#### ?|(?:so |therefore,? )?the (?:final )?answer is:? )(\$?-?[\d.,]*\d)\.?",
    re.ASCII | re.I,
)
_ANSWER = re.compile(
    r"####|\\(?:boxed|fbox)\s?\{"
    r"|\banswer\b[\s*\"'_)]{0,4}(?:[^\n.;:!?=]{0,60}?(?:\bis\b|\bare\b|\bbe\b|:|=)|(?=[$\d-])|\s*\n)"
    r"|答案[^\n.:]{0,12}?(?:(?<!不)[是为:=]|\s*\n|(?=不是|[\d-]))|(?:^|\n)\W{0,4}答\s?[:,]"
    r"|(?:最终|最后|计算)的?结果[^\n.:]{0,4}?[是为:=]|\bfinal result\b\W{0,4}(?:is|:|=)",
    re.IGNORECASE,
)
_BRACE = re.compile(r"(?<!\\)[{}]")
_DENIED = re.compile(  # in the clause that leads to the words of an answer
    r"\b(?:(?<!or )not|format|form|if|whether(?! or not)|example)\b|n't\b"
    r"|不是|并非|格式|示例|如果|假设",
    re.I,
)
_SHOWN = re.compile(  # right before a mark: the prompt's own words
    r"(?:\b(?:format|form|example|e\.g|such as|like|as|with|write|put)|格式|示例|例如)"
    r"(?: (?:of|is))?[^\w.!?;\n]{0,4}\Z",
    re.I,
)
_CLAUSE_ENDS = re.compile(
    r"[.!?;:]\s|,\s(?=(?:but|so|and|yet|hence|thus|then|therefore|the)\b)", re.I
)
_INSTEAD = re.compile(
    r"(?:不是|\bnot) ?[$\d][\d.,]*\W*(?:而是|应该?是|but(?: rather)?\b|it's\b|it is\b)", re.I
)
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\bM[rs]\.)(?<!\bMrs\.)(?<!\b[DS][rt]\.)\s+(?![a-z])|\n+")
_CONCLUDES = re.compile(
    r"\b(?:so|therefore|thus|hence|total|altogether|finally|overall|result|answer|conclusion|equals|gives|left|remain"
    r"|leaves|needs?|makes|means|will have|earns?|costs?|gets?|receives?|takes)\b"
    r"|所以|因此|故|综上|一共|总共|共|合计|总计|最后|最终|还剩|剩下|可得|得到|等于|需要|即",
    re.I,
)
_STEP = re.compile(
    r"[^\w(]*(?:step\b|first|next|let\b|let's|then we|\d+[.)] |第.{1,2}步|首先|其次|接下来|步骤)",
    re.I,
)
_PREMISE = re.compile(
    r"\W*(?:now\b|we (?:need|know|have|are|must|can)|given|since|if|to find|suppose"
    r"|然后|设|已知|假设|我们需要|如果)",
    re.I,
)
_COURTESY = re.compile(
    r"hope (?:this|that|it)|let me know|feel free|any (?:other |more )?question|happy to"
    r"|希望|如有|欢迎|祝|\A\s*\([^()=]*\)\.?\s*\Z",  # or all in brackets
    re.I,
)
_ANNOUNCED = ("answer", "####", "boxed", "答", "结果", "final result")
_SECOND_THOUGHTS = (
    *("wait", "that's", "that is", "this is", "mistake", "scratch that", "correction"),
    *("不对", "更正", "纠正", "我算错了"),
)
_MISTAKEN = re.compile(
    r"wait,? (?:no|that|actually|i)\b|(?:that's|that is|this is) (?:wrong|not right|incorrect)"
    r"|made a mistake|scratch that"
    r"|correction:|不对|更正|纠正|我算错了",
    re.I,
)


def number(text: str) -> Reading:
    """The number in its canonical spelling: compare it with `canonical_number` of the reference."""
    return read(text, _number)


def _number(text: str) -> Reading:
    asked = asked_line(text)
    if asked and _IN_FORMAT.fullmatch(asked) and (value := canonical_number(asked)):
        return Reading(value, value)
    usual = _USUAL.fullmatch(text, text.rfind("\n") + 1)
    if usual and (value := canonical_number(usual[1])):
        return Reading(value, None)
    text = simplified(text)
    lowered = text.lower()
    if any(word in lowered for word in _SECOND_THOUGHTS):  # far cheaper than the pattern
        mistaken = max((found.start() for found in _MISTAKEN.finditer(text)), default=0)
        if mistaken and (value := _concluded(text[mistaken:], lowered)):
            return Reading(value, None)
    value = _concluded(text, lowered)
    return Reading(value, None) if value else NOTHING


def _concluded(text: str, lowered: str) -> str | None:
    if any(word in lowered for word in _ANNOUNCED):
        recent = max(0, len(text) - RECENT)
        for start in (recent, 0) if recent else (0,):
            for answer in reversed(list(_ANSWER.finditer(text, start))):
                if answer[0].startswith("\\") and not _denied(text, answer):
                    return in_box(_box(text, answer.end()))
                statement = _statement(text, answer)
                if statement == "":
                    return None
                if statement and NUMBER.search(statement):
                    return stated(statement)
    return _alone(text) or _last_sentence(text)


def _statement(text: str, answer: re.Match[str]) -> str | None:
    """What follows the words that announce an answer; None when they deny or suppose one."""
    if _denied(text, answer):
        return None
    rest = text[answer.end() : answer.end() + 400].lstrip("\n\t *:")
    statement = next(filter(str.strip, _SENTENCE.split(rest)), "").strip()
    if instead := _INSTEAD.match(statement):
        return statement[instead.end() :]
    return None if _DENIED.match(statement) else statement


def _denied(text: str, answer: re.Match[str]) -> bool:
    """Whether the clause denies or supposes the answer, or only shows how one is to look."""
    line = text.rfind("\n", 0, answer.start()) + 1
    near = max(line, answer.end() - NEAR)
    if answer[0] == "####":
        return _SHOWN.search(text, near, answer.start()) is not None
    ends = _CLAUSE_ENDS.finditer(text, near, answer.end())
    clause = max((found.end() for found in ends), default=near)
    return _DENIED.search(text, clause, answer.end()) is not None


def _box(text: str, opened: int) -> str:
    depth = 1
    for brace in _BRACE.finditer(text, opened):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return text[opened : brace.start()].strip()
    return ""


def _alone(text: str) -> str | None:
    """A first or a last line that is nothing but a number; not the mark of a list's next item."""
    first, last = text.find("\n"), text.rfind("\n")
    if first < 0:
        return None
    if (value := canonical_number(text[:first].strip(" *#$"))) is not None:
        return value
    value = canonical_number(text[last:].strip(" \n*#$"))
    if value and value.isdecimal() and _item(int(value) - 1).search(text):
        return None
    return value


def _item(number: int) -> re.Pattern[str]:
    return re.compile(rf"^\W{{0,6}}(?:step )?{number}\s?[.):、]", re.IGNORECASE | re.MULTILINE)


def _last_sentence(text: str) -> str | None:
    sentences = [
        sentence for sentence in _SENTENCE.split(text[-1_500:]) if sentence.strip(" *#-_.")
    ]
    while len(sentences) > 1 and _COURTESY.search(sentences[-1]):
        sentences.pop()
    if not sentences or sentences[-1].rstrip().endswith("?"):
        return None
    sentence = sentences[-1].strip()
    if any(_denied(sentence, answer) for answer in _ANSWER.finditer(sentence)):
        return None
    concludes = _CONCLUDES.search(sentence) is not None
    if _STEP.match(sentence) or (len(sentences) > 1 and not _states_result(sentence, concludes)):
        return None
    return result(sentence, concludes)


def _states_result(sentence: str, concludes: bool) -> bool:
    """Whether a last sentence can be the end: neither a premise nor one that breaks off."""
    whole = sentence[-1] in ".!?)*" or ":" in sentence
    return "=" in sentence or (not _PREMISE.match(sentence) and (concludes or whole))
