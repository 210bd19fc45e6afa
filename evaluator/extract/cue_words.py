"""The words that cues are made of, in English, Chinese and further languages, as patterns.

Beside a pattern stand the words that a text it is found in must hold, as `NOUNS` beside `NOUN`:
looking for words is far cheaper than for patterns.
"""

NOUN = (
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
COLON = r"(?<![由析因明]如下)(?<!理由)(?<!原因)(?<!解析)(?<!分析):"
LINK = rf"(?:\b(?:is|be|was|are)\b|{COLON}|>|(?<!还)是|为|选择?)"
ELSEWHERE = (  # the answer is, in other languages
    r"(?:\b(?:antwort|lösung|richtig(?= ist\b)|réponse|respuesta|opción|risposta|resposta|ответ)\b"
    r"|정답|(?:^|(?<=\W))답(?=\s?[:은])|答え|正解)[^\n.;!?]{0,40}?(?:\b(?:ist|est|es|è|é)\b|:|(?<!또)[은는は])"
)
VERB = (
    r"(?:\b(?:choos(?:e|ing)|chose|pick(?:ing|ed)?|select(?:ed|ing)?|go(?:ing)? (?:with|for)"
    r"|opt for|vote for|guess|say|settle on|answer with|conclude|think|believe"
    r"|leav(?:es|ing)(?: us with)?|left with|gives? us|what remains is|lean(?:ing)? to(?:wards?)?"
    r"|inclined to say|I'd put|(?:elimination|exclusion),)(?!\w)"
    r"|\b(?:it|that|this)(?:'s| is| must be| has to be| should be| would be)\b"
    r"|选(?!项|手|取|中)择?|只有|只剩|猜|应[为是填]|那就[是选]|排除法,?\s?(?:可?得到?|可知)?)"
)
THEREFORE = (
    r"(?:\b(?:so|therefore|thus|hence|conclusion|actually|no|only|definitely|clearly|probably)\b"
    r"|所以|因此|综上|因而|故|可得|可知|得出)"
)
FILLER = (
    r"(?:(?:the|is|are|be|to|must|should|would|that|it|it's|clearly|definitely|probably|likely"
    r"|most|indeed|still|therefore|thus|then|either|both|correct|right|best|final|answer|option"
    r"|options|choice|letter|statement|number|also|la|el|le|die)\b"
    r"|应该?|当然|显然|就|只能|可能|一定|必然|仍然?|选项|选择|选|答案|项|第|的|是|为|了)"
)
OPEN = r"[ \t\"'(\[【「『《<>:,=]"
LEAD = rf"(?:{OPEN}|{FILLER}|[-~] ){{0,12}}"
GAP = r"(?:[^\n.;!?]|[.!?](?=[\"')])){0,60}?"
CLOSE = r"[)\]\"'】」』》>]{0,3}"
END = rf"{CLOSE}\s*(?:[.,;!]|\n|$)"

SUBJECT = (  # what may stand before the X of "X is correct": not the Vitamin of "Vitamin C"
    r"(?:^|[^\w\s'-]\s*|\n\s*|[\u4e00-\u9fff]\s*|\b(?:option|choice|answer|statement|letter|that|so"
    r"|then|because|but|and|only|think|believe|say|therefore|thus|hence|since|as|while|clearly|is"
    r"|actually|remains?)[:,]? )[(\[\"']?"
)
THE_ANSWER = (
    r"\s?(?:选?项)?\s?(?:(?:is|was|(?:would|must|should) be|(?:seems|appears)(?: to be)?)"
    r" (?:\w+ly |indeed )?(?:the|your|my|our)(?: (?:most )?(?:correct|right|best|only|final|proper"
    r"|closest|accurate|appropriate|suitable|logical|valid|likely|plausible|possible|remaining|one)"
    r"){0,3} (?:answer|choice|option|one|response|match|fit|pick)\b|,? it is\b"
    r"|(?:为|才?是|就是)?(?:(?:正确|最佳|最终|合适)的?(?:答案|选项|选择)|答案|当选"
    r"|最?符合(?:题意|题目|要求)|[最更]为?(?:恰当|合适|准确|全面|贴切|完整|合理|妥当|符合|佳|优)))"
)
CORRECT = (
    r"\s?(?:选?项)?(?: (?:is|was|must be|would be|seems|looks|appears|fits)"
    r"(?: \w+ly| indeed| to be| the| more)?"
    r" (?:correct|right|true|best|better(?! known)|accurate|appropriate|likely)\b"
    r"|\s?[:-]\s*[^\w\n]?(?:correct|right|true)\b"
    r"|[^不未没错误非选,.;:，；都均\x00-\x7f]{0,10}(?:正确|是对的|为真))"
)
WRONG = (
    r"\s?(?:选?项)?(?: (?:is|was|seems|looks)(?: also| \w+ly)? (?:incorrect|wrong|false|untrue"
    r"|inaccurate|not (?:\w+ly )?(?:true|correct|right|accurate))\b"
    r"|\s?[:-]\s*[^\w\n]?(?:incorrect|wrong|false)\b"
    r"|[^未没非,.;:，；都均\x00-\x7f]{0,10}?(?:错误|不正确|有误|不对|不准确|不成立|是错的))"
)
LINE = r"(?:^|[\n,;])[^\w\n]{0,6}(?:option |选项 ?)?"  # before a mark that an item begins with
SAYING = r"(?:(?:这个|该|此)?(?:选项|说法|描述|表述|叙述))?是?"


# What the patterns above begin with, in lower case.
NOUNS = (
    *("ans", "boxed", "correct", "right", "best", "final", "only", "remaining", "my", "suitable"),
    *("appropriate", "edit", "choice", "option", "solution", "response", "output", "letter"),
    *("答", "更正", "纠正", "结论", "正确", "最佳", "最终", "合适", "恰当", "符合", "准确"),
)
ELSEWHERES = (
    *("antwort", "lösung", "richtig", "réponse", "respuesta", "opción", "risposta", "resposta"),
    *("ответ", "정답", "답", "答", "正解"),
)
VERBS = (
    *("choos", "chose", "pick", "select", "go ", "going ", "opt for", "vote for", "guess", "say"),
    *("settle on", "answer with", "conclude", "think", "believe", "leav", "left with", "give"),
    *("what remains", "lean", "inclined", "i'd put", "elimination", "exclusion", "it", "that"),
    *("this", "选", "只有", "只剩", "猜", "应", "那就", "排除法"),
)
THEREFORES = (
    *("so", "therefore", "thus", "hence", "conclusion", "actually", "no", "only", "definitely"),
    *("clearly", "probably", "since", "because"),
    *("所以", "因此", "综上", "因而", "故", "可得", "可知", "得出"),
)
NOTS = "not", "isn't", "instead of", "不是", "并非", "而非"
