"""Yes or no from a last sentence that restates the question: "So you do not return to the start".

It must hold the words of the question, and deny them once or not at all.
"""

import re

_ASKS = re.compile(
    r"\b(?:do|does|did|is|are|was|were|has|have|can|will|would)\b([^?.:\n]{3,160})\?", re.IGNORECASE
)
_SAME = (  # what says the same in other words
    (
        re.compile(r"\b(?:are|is|end up|ends up|get|arrive) (?:not )?back (?:at|to)\b", re.I),
        "return",
    ),
    (re.compile(r"\b(?:are|is|end up|ends up) (?=(?:not )?at the starting)", re.I), "return "),
    (re.compile(r"\bim(?=plausible\b)", re.I), "not "),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CONCLUDES = re.compile(r"\W*(?:so|therefore|thus|hence|in conclusion|overall|finally)\b", re.I)
_DENIES = re.compile(r"\b(?:not|never|no|cannot|neither|fails?)\b|n't\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:if|whether|unless|suppose|assum\w+|may|might|could|or|but|however|then|until|when|unclear"
    r"|before|after|except|without)\b",
    re.IGNORECASE,
)
_EMPTY = {
    *("a", "an", "the", "to", "of", "at", "in", "on", "for", "it", "that", "this", "by"),
    *("following", "you", "we", "i", "one"),
}
_ENDING = re.compile(r"(?:ing|ied|ies|ed|es|s|e|y)\Z")


def restated(text: str, question: str) -> str | None:
    """`yes` or `no`, where the last sentence asserts or denies what the question asks."""
    asked = _ASKS.findall(question)
    sentences = [each for each in _SENTENCE.split(text.strip()) if each.strip()]
    if not asked or not sentences:
        return None
    said = sentences[-1]
    if len(sentences) > 1 and not _CONCLUDES.match(said):
        return None
    if said[-1] not in ".!" or _OPEN.search(said):
        return None
    for pattern, words in _SAME:
        said = pattern.sub(words, said)
    denials = len(_DENIES.findall(said))
    if denials > 1 or not _content(asked[-1]) <= _content(said):
        return None
    return "no" if denials else "yes"


def _content(words: str) -> set[str]:
    """The words that matter, without their endings."""
    each = re.findall(r"[a-z]+", words.lower())
    return {_ENDING.sub("", word) or word for word in each if word not in _EMPTY}
