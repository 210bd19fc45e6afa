"""Cleans a reply: removes thinking, tokens of a chat template and further turns.

Every reader cleans a reply first. One table holds what a wrong chat template or stop token leaves
in replies.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

# How models mark their thinking: what opens it, what closes it.
_THINKING = (
    (r"<(?:think|thinking|reasoning|thought|scratchpad|(?:seed|mm|longcat)[:_]think)\s*>",) * 2,
    ("◁think▷",) * 2,
    (r"\[THINK\]",) * 2,
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (r"<unused94>(?:thought)?", "<unused95>"),
)
# What stands around an answer beside it, and is neither thinking nor a fault.
_WRAPPED = re.compile(r"<\|(?:begin|end)_of_solution\|>|<\|(?:START|END)_RESPONSE\|>")
_BOX = {"<|begin_of_box|>": "\\boxed{", "<|end_of_box|>": "}"}

# The tokens of chat templates. In quotation marks or backticks they are only mentioned.
_NAMES = (
    r"im_start|im_end|im_sep|endoftext|end_of_text|begin_of_text|start_header_id|end_header_id"
    r"|eot|eot_id|eom_id|end|start|return|call|message|user|assistant|system|observation"
    r"|endofprompt|endofturn|end_of_role|start_of_role|eod|pad|END_OF_TURN_TOKEN"
    r"|START_OF_TURN_TOKEN|USER_TOKEN|CHATBOT_TOKEN|SYSTEM_TOKEN|end▁of▁sentence"
    r"|begin▁of▁sentence|end_of_sentence"
)
_BARE = (
    r"</?s>|<(?:eos|bos|eoa|eoh|eot|eom|eop|eod|sop|pad|unk|(?:end|start)_of_(?:turn|utterance)"
    r"|reserved_\d{1,4}|\|turn|turn\|)>"
    r"|\[(?:/?INST|PAD|EOS|BOS|gMASK|\|(?:endofturn|user|assistant|system)\|)\]"
)
_TOKEN = rf"(?:<[|｜](?:{_NAMES})[|｜]>|{_BARE})"
_TOKENS = re.compile(
    rf"(?<![`\"'“‘「])(?:(?P<struck><s>[^\n<]{{1,200}}</s>)|(?P<token>{_TOKEN}))", re.IGNORECASE
)
_ROLES = "user|human|system|tool|observation|question"
_ANY_TOKEN = re.compile(_TOKEN, re.IGNORECASE)
_OTHERS_TURN = re.compile(
    rf"(?:<[|｜](?:user|system|observation|USER_TOKEN)[|｜]>|\[\|user\|\]|\[INST\]|{_TOKEN}(?:{_ROLES})\b)",
    re.IGNORECASE,
)
_OWN_TURN = re.compile(rf"{_TOKEN}(?:(?:assistant|model)\b)?\s*", re.IGNORECASE)

# Turns whose tokens were dropped: `Answer: B.user\n\nNext?assistant\n\n`.
_HEADED = re.compile(r"assistant[ \t]*\n\s*")
_DROPPED = re.compile(
    r"(?:(?:^|(?<=[^\s-]))assistant[ \t]*\n|(?<=\S)assistant(?:analysis|commentary)(?=\S)"
    r"|(?P<asked>(?:^|(?<=[^\s-]))user[ \t]*\n))",
    re.MULTILINE,
)
_ANSWERING = re.compile(r"(?:assistant|model)[ \t]*(?:\n|\Z)")

# gpt-oss writes in channels, of which only the final one is for the reader.
_FINAL = re.compile(r"<\|channel\|>\s*final\b[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>")
_FINAL_GLUED = re.compile(r"(?<=\S)assistantfinal(?=\S)")
_ANALYSIS_GLUED = re.compile(r"(?:analysis|commentary)(?=[^\sa-z_:,.])")

# A question of the model's own making after its answer.
_NEXT_QUESTION = re.compile(
    r"\n[ \t#*\[【(]{0,6}(?:(?:(?:Question|Q|Problem|Human|User|问题|题目|用户|问|例题)"
    r"\s*\d{0,3}|(?:Example|例)\s*\d{1,3})\s*[\]】)]?\**\s*[:：]"
    r"|Instruction\s*:|(?:问题|题目|例题)[\]】])",
    re.IGNORECASE,
)
_NEXT_OPTIONS = re.compile(  # without such a word: it ends as a question does, options follow
    r"\n[^\n]{4,300}[?？：:_）)][ \t]{0,8}\n\s{0,8}A\s?[.．、:：)][^\n]{0,300}"
    r"\n\s{0,8}B\s?[.．、:：)](?=(?s:.){0,600}?(?:Answer|答案))",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"(?:\banswer\b[^\n]{0,30}?(?:\bis\b|[:：])|答案\s?(?:[\]】]|[是为选]|[:：])|(?:^|\n)答\s?[:：]"
    r"|####|\\boxed|故选)[\s:：]*[^\s:：]",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\W{0,6}(?:[A-Za-z]\b|\d|yes\b|no\b|true\b|false\b)[^\n]{0,60}", re.IGNORECASE)
_QUOTED = re.compile(
    r"question|problem|example|dialog|conversation|\b(?:user|human|assistant|Q)\s*:"
    r"|问题|题目|示例|例题|例子|对话|(?:用户|助手|问)\s?[:：]",
    re.IGNORECASE,
)

# How a model talks to itself; the opening tag may have stood in its prompt.
_THINKS = re.compile(
    r"\s*(?:(?:okay|ok|alright),? (?:so,? (?:i|we|the|let)\b|the (?:user|question)|i (?:need|have))"
    r"|hmm+\b|the user (?:is|asks|wants|gave)\b|嗯|好的?[,，](?:用户|我现在)"
    r"|用户(?:问|想|要|让|希望|的)|首先[,，](?:我需要|我得|用户)|我现在(?:需要|要|得))",
    re.IGNORECASE,
)
_SELF_TALK = re.compile(
    r"\b(?:wait|hmm+|maybe|let me (?:see|check|re-?\w+|think))\b|等等|嗯|不对|让我", re.IGNORECASE
)
NONE: frozenset[str] = frozenset()
_MUCH = 4  # words to itself that make a cut-off reply one of thinking


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`text` is the reply proper; `leaked`: tokens of the chat template stood in the reply;
    `ran_on`: it went on with a turn or a question that nobody asked for."""

    text: str
    leaked: bool = False
    ran_on: bool = False


# A reply is cleaned when it comes, and by its readers right after: all give the arguments alike,
# or the cache would take them for others.
@lru_cache(maxsize=4)
def cleaned(text: str, one_answer: bool = False, wanted: frozenset[str] = NONE) -> Cleaned:
    """The reply proper, and what had to be left out. A reply without any of it stays as it is.

    A reply that is to hold `one_answer` also ends before a question that follows its answer;
    an essay may ask what it likes. Tokens that are `wanted` are part of it.
    """
    said, leaked, more, turn = _own_words(text, wanted)
    if turn is None and one_answer and "\n" in said:
        turn = _next_question(said)
    if turn is not None:
        said = said[:turn]
    said = said if said == text else said.strip()
    return Cleaned(said, leaked, more or turn is not None)


def template_tokens(question: str, reply: str) -> frozenset[str]:
    """The tokens of chat templates in a question, which a reply to it may well repeat."""
    if all("<" in text or "[" in text for text in (reply, question)):
        return frozenset(_ANY_TOKEN.findall(question))
    return NONE


@lru_cache(maxsize=4)
def _own_words(text: str, wanted: frozenset[str]) -> tuple[str, bool, bool, int | None]:
    """As `_without_tokens`, without thinking; and where a turn begins whose tokens were dropped."""
    said = _without_thinking(_final_channel(text))
    said, leaked, more = _without_tokens(said, wanted)
    turn = _dropped_header(said) if "assistant" in said or "user" in said else None
    return said, leaked, more, turn


def strip_thinking(text: str, question: str = "") -> str:
    """The reply proper, whatever it is to be; with the tokens that the question asks for."""
    return cleaned(text, False, template_tokens(question, text)).text


def until_answered(text: str) -> str:
    """The reply proper of a reply that is to hold one answer."""
    return cleaned(text, True, NONE).text


def only_thinks(text: str) -> bool:
    """Whether a reply that was cut off had not begun its answer, though no tag says so."""
    if _TAG.search(text):
        return False
    return _THINKS.match(text) is not None or len(_SELF_TALK.findall(text)) >= _MUCH


def _pattern() -> re.Pattern[str]:
    opening = "|".join(opens for opens, _ in _THINKING)
    closing = "|".join(
        re.sub(r"^(<|◁|\\\[)", r"\1/", opens) if opens == closes else closes
        for opens, closes in _THINKING
    )
    return re.compile(f"(?P<closes>{closing})|(?:{opening})", re.IGNORECASE)


_TAG = _pattern()


def _without_thinking(text: str) -> str:
    """The text without what is in paired tags, before a lone closing or after a lone opening one.

    A closing tag always ends the thinking, as an opening one within it is only mentioned there.
    """
    if "<" not in text and "◁" not in text and "[THINK" not in text and "[/THINK" not in text:
        return text
    kept: list[str] = []
    start, thinking = 0, False
    for tag in _TAG.finditer(text):
        if tag["closes"]:
            if not thinking:  # its opening tag stood in the prompt
                kept.clear()
            start, thinking = tag.end(), False
        elif not thinking:
            kept.append(text[start : tag.start()])
            thinking = True
    if not thinking:
        kept.append(text[start:])
    text = "".join(kept).strip() if start or thinking else text
    for token, plain in _BOX.items():
        text = text.replace(token, plain)
    return _WRAPPED.sub("", text) if "<|" in text else text


def _final_channel(text: str) -> str:
    """What a reply in channels says in the final one; nothing while it only thinks."""
    if "<|channel|>" in text:
        final = _FINAL.search(text)
        return text[final.end() :] if final else ""
    if "assistantfinal" in text and (glued := _FINAL_GLUED.search(text)):
        return text[glued.end() :]
    return "" if _ANALYSIS_GLUED.match(text) else text


def _without_tokens(text: str, wanted: frozenset[str]) -> tuple[str, bool, bool]:
    """The text up to the first token of a chat template; whether one was there, and text after it.

    The header of the model's own turn may stand first.
    """
    headed = _HEADED.match(text)
    start = headed.end() if headed else 0
    if "<" not in text and "[" not in text:
        return text[start:], start > 0, False
    if not headed:
        start = len(text) - len(text.lstrip())
        while not _OTHERS_TURN.match(text, start) and (own := _OWN_TURN.match(text, start)):
            start = own.end()
        start = start if _TOKENS.search(text, 0, start) else 0
    tokens = (each for each in _TOKENS.finditer(text, start) if each["token"])
    token = next((each for each in tokens if each["token"] not in wanted), None)
    if token is None:
        return text[start:], start > 0, False
    more = _ANY_TOKEN.sub("", text[token.start() :]).strip() != ""
    return text[start : token.start()], True, more


def _dropped_header(text: str) -> int | None:
    """Where a turn begins whose tokens were dropped."""
    last = max((each.start() for each in _ANSWERING.finditer(text)), default=-1)
    for header in _DROPPED.finditer(text):
        if not header["asked"] or header.end() <= last:
            return header.start()
    return None


def _next_question(text: str) -> int | None:
    """Where a question begins that follows an answer."""
    question = _NEXT_QUESTION.search(text, len(text) - len(text.lstrip()))
    if question is None and text.count("答案") + text.count("nswer") > 1:
        question = _NEXT_OPTIONS.search(text)
    if question and _is_answer(text[: question.start()].strip()):
        return question.start()
    return None


def _is_answer(head: str) -> bool:
    """Whether what comes before a question answers one, and does not itself quote one."""
    if not head or _QUOTED.search(head):
        return False
    return _ANSWERED.search(head) is not None or _ALONE.fullmatch(head) is not None
