"""The words that make a letter the answer, in English and Chinese.

A cue is looked for right before and right after a letter, and holds unless its clause denies,
supposes or quotes it.
"""

import re
from typing import NamedTuple

_NOUN = (
    r"(?:\b(?:answer(?! (?:choices|options|(?:choice|option)(?! is\b)|key|explanation"
    r"|analysis)\b)|boxed"
    r"|(?:correct|right|best|final|only|remaining|my|appropriate|suitable)"
    r" (?:one|option|choice|pick|selection|match|fit)"
    r"|ans\b\.?|(?:correct|correction|edit|my pick)(?= ?:)"
    r"|final(?: decision| verdict)?(?= ?:)|(?<=[\"'])(?:choice|option)(?=[\"'] ?:)"
    r")(?!\w)|(?:更正|纠正)(?=\s?:)|答案(?!解析|分析|选项|中|里)|结论|^答|(?<=\n)答|正确的?(?:选项|选择|说法|一项|是)"
    r"|(?:最佳|最终|合适|恰当)的?(?:选项|选择)|(?:符合(?:题意|要求|题干)|恰当|合适|准确)的[是为]?"
    r"|\b(?:solution|response|output|letter)(?=\W{0,3}(?:is\b|:)))"
)
_COLON = r"(?<![由析因明]如下)(?<!理由)(?<!原因)(?<!解析)(?<!分析):"
_LINK = rf"(?:\b(?:is|be|was|are)\b|{_COLON}|>|(?<!还)是|为|选择?)"
_ELSEWHERE = (  # the answer is, in other languages
    r"(?:\b(?:antwort|lösung|richtig(?= ist\b)|réponse|respuesta|opción|risposta|resposta|ответ)\b"
    r"|정답|(?:^|(?<=\W))답(?=\s?[:은])|答え|正解)[^\n.;!?]{0,40}?(?:\b(?:ist|est|es|è|é)\b|:|(?<!또)[은는は])"
)
_VERB = (
    r"(?:\b(?:choos(?:e|ing)|chose|pick(?:ing|ed)?|select(?:ed|ing)?|go(?:ing)? (?:with|for)"
    r"|opt for|vote for|guess|say|settle on|answer with|conclude|think|believe"
    r"|leav(?:es|ing)(?: us with)?|left with|gives? us|what remains is|lean(?:ing)? to(?:wards?)?"
    r"|inclined to say|I'd put|(?:elimination|exclusion),)(?!\w)"
    r"|\b(?:it|that|this)(?:'s| is| must be| has to be| should be| would be)\b"
    r"|选(?!项|手|取|中)择?|只有|只剩|猜|应[为是填]|那就[是选]|排除法,?\s?(?:可?得到?|可知)?)"
)
_THEREFORE = (
    r"(?:\b(?:so|therefore|thus|hence|conclusion|actually|no|only|definitely|clearly|probably)\b"
    r"|所以|因此|综上|因而|故|可得|可知|得出)"
)
_FILLER = (
    r"(?:(?:the|is|are|be|to|must|should|would|that|it|it's|clearly|definitely|probably|likely"
    r"|most|indeed|still|therefore|thus|then|either|both|correct|right|best|final|answer|option"
    r"|options|choice|letter|statement|number|also|la|el|le|die)\b"
    r"|应该?|当然|显然|就|只能|可能|一定|必然|仍然?|选项|选择|选|答案|项|第|的|是|为|了)"
)
_OPEN = r"[ \t\"'(\[【「『《<>:,=]"
_LEAD = rf"(?:{_OPEN}|{_FILLER}|[-~] ){{0,12}}"
_GAP = r"(?:[^\n.;!?]|[.!?](?=[\"')])){0,60}?"
CLOSE = r"[)\]\"'】」』》>]{0,3}"
END = rf"{CLOSE}\s*(?:[.,;!]|\n|$)"

_SUBJECT = (  # what may stand before the X of "X is correct": not the Vitamin of "Vitamin C"
    r"(?:^|[^\w\s'-]\s*|\n\s*|[\u4e00-\u9fff]\s*|\b(?:option|choice|answer|statement|letter|that|so"
    r"|then|because|but|and|only|think|believe|say|therefore|thus|hence|since|as|while|clearly|is"
    r"|actually|remains?)[:,]? )[(\[\"']?"
)
_THE_ANSWER = (
    r"\s?(?:选?项)?\s?(?:(?:is|was|(?:would|must|should) be|(?:seems|appears)(?: to be)?)"
    r" (?:\w+ly |indeed )?(?:the|your|my|our)(?: (?:most )?(?:correct|right|best|only|final|proper"
    r"|closest|accurate|appropriate|suitable|logical|valid|likely|plausible|possible|remaining|one)"
    r"){0,3} (?:answer|choice|option|one|response|match|fit|pick)\b|,? it is\b"
    r"|(?:为|才?是|就是)?(?:(?:正确|最佳|最终|合适)的?(?:答案|选项|选择)|答案|当选"
    r"|最?符合(?:题意|题目|要求)|[最更]为?(?:恰当|合适|准确|全面|贴切|完整|合理|妥当|符合|佳|优)))"
)
_CORRECT = (
    r"\s?(?:选?项)?(?: (?:is|was|must be|would be|seems|looks|appears|fits)"
    r"(?: \w+ly| indeed| to be| the| more)?"
    r" (?:correct|right|true|best|better(?! known)|accurate|appropriate|likely)\b"
    r"|\s?[:-]\s*[^\w\n]?(?:correct|right|true)\b"
    r"|[^不未没错误非选,.;:，；都均\x00-\x7f]{0,10}(?:正确|是对的|为真))"
)
_WRONG = (
    r"\s?(?:选?项)?(?: (?:is|was|seems|looks)(?: also| \w+ly)? (?:incorrect|wrong|false|untrue"
    r"|inaccurate|not (?:\w+ly )?(?:true|correct|right|accurate))\b"
    r"|\s?[:-]\s*[^\w\n]?(?:incorrect|wrong|false)\b"
    r"|[^未没非,.;:，；都均\x00-\x7f]{0,10}?(?:错误|不正确|有误|不对|不准确|不成立|是错的))"
)
_LINE = r"(?:^|[\n,;])[^\w\n]{0,6}(?:option |选项 ?)?"  # before a mark that an item begins with
_SAYING = r"(?:(?:这个|该|此)?(?:选项|说法|描述|表述|叙述))?是?"


class Cue(NamedTuple):
    """Words that give a mark a meaning: `before` ends at the mark, `after` begins behind it."""

    name: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    noun: bool = False  # the answer is called so


def _cue(name: str, before: str, after: str = "", noun: bool = False) -> Cue:
    return Cue(name, re.compile(rf"{before}\Z", re.I), re.compile(f"{CLOSE}{after}", re.I), noun)


NAMED = (
    _cue(
        "not X but Y",
        rf"(?:\bnot|isn't|instead of|不是|并非|而非)\s?(?:option )?{_OPEN}{{0,4}}[A-Z0-9]"
        rf"{CLOSE}\s?[,;.]?"
        rf"\s?(?:but(?: rather)?|rather|it is|it's|instead|而是|而?应该?[是为选]){_LEAD}",
    ),
    _cue("the answer is X", rf"{_NOUN}[\]】]?(?:{_GAP}{_LINK})?{_LEAD}", noun=True),
    _cue("the answer is:\\nX", rf"{_NOUN}{_GAP}{_LINK}\W{{0,3}}\s*{_LEAD}", noun=True),
    _cue(
        "### Answer\\nX",
        rf"(?:^|\n)\W{{0,6}}(?:(?:the|final|correct|my|最终|正确) ?){{0,2}}{_NOUN}\W*{_LEAD}",
        noun=True,
    ),
    _cue("I choose X", rf"{_VERB}{_LEAD}"),
    _cue(
        "... matches option X",
        r"\b(?:is|be|match(?:es)?|corresponds? to|fits|points? to|namely|i\.e\.)"
        rf"(?: \w+ly| still)?,? (?:option|choice)\b{_LEAD}",
        r"\s*(?:[.;!:)]|\n|\Z|,? (?:as|because|since)\b)",
    ),
    _cue(
        "so X.",
        rf"(?:{_THEREFORE}|\b(?:since|because)\b[^\n.;]{{5,100}},){_LEAD}",
        rf"(?:项)?{END}",
    ),
    _cue(
        "makes X the answer",
        rf"\bmak(?:es|ing) {_LEAD}",
        r" the (?:\w+ )?(?:answer|choice|option)\b",
    ),
    _cue("X is the answer", _SUBJECT, _THE_ANSWER),
    _cue("Antwort: X", rf"{_ELSEWHERE}{_LEAD}", noun=True),
    _cue("only X is left", rf"\bonly {_LEAD}", r" (?:is left|remains|survives)\b"),
)
VERDICT = _cue("X is correct", _SUBJECT, _CORRECT)
INCORRECT = _cue("X is wrong", _SUBJECT, _WRONG)
LISTED_RIGHT = _cue(
    "X. Correct",
    _LINE,
    r"\s?[.:、,]?\s?(?:(?:correct|right|true|yes)\b"
    rf"|{_SAYING}(?:正确|对(?!于|应)|符合题意))",
)
LISTED_WRONG = _cue(
    "X. Wrong",
    _LINE,
    r"\s?[.:、,]?\s?(?:(?:incorrect|wrong|false|no)\b"
    rf"|{_SAYING}(?:错|不正确|不对|不符合题意))",
)
STATES = re.compile(r"\b(?:statements?|true|false)\b|说法|描述|表述|叙述|陈述", re.I)

INSTEAD = re.compile(
    r"(?:\bnot\b|不是|并非)[^.;\n]{1,80}?(?:\bbut(?: rather)?\b|而是)[\s:]*(?:the )?", re.I
)
ANSWER_IS = re.compile(rf"{_NOUN}{_GAP}{_LINK}{_LEAD}", re.I)

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
    if not cue.after.match(after) or not (found := cue.before.search(before)):
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
