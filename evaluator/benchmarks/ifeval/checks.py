"""The 25 instructions of IFEval: each a function from a reply to whether it follows.

They count as the paper's program does, with one exception. That program splits sentences and words
with NLTK, whose trained model must be downloaded. Rules do it here, and counts may differ by one.
"""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Literal

CheckFunction = Callable[..., bool]
ComparisonRelation = Literal["at least", "less than"]

LANGUAGE_SAMPLE = 20_000  # characters; the detector itself stops at half of that
_ABBREVIATION = re.compile(
    r"mrs?|ms|messrs|dr|prof|st|[sj]r|gen|sen|reps?|col|lt|maj|adm|inc|ltd|corp|cos?|bros|vs|ave|ft"
    r"|mg|yr|jan|feb|aug|sept?|oct|nov|dec|tues|wed|fri|ph\.d|ct|pa|va|ga|fla|calif|mich"
)
_INITIALS = re.compile(r"(?!(?:e\.g|i\.e|(?:p\.)+s)$)[a-z](?:\.[a-z])*")  # as NLTK has it
_STARTER = re.compile(  # a sentence begins with it, also after an abbreviation
    r"Th(?:e|is|ese|ey|ere)|It|He|So|But|Since|However|While|When|I[fn]?|Although|Though|Most|Some"
    r"|Many|Even"
)
_STOP = re.compile(r".*[.!?](?=[)\";}\]*:@'({\[!?”’]|$)")
_TOKEN = re.compile(r"[^\s\"(){}\[\]<>;,:!?@#$%&“”]+")
_CONTRACTION = re.compile(r"(?=n't$|'(?:s|m|d|ll|re|ve)?$)", re.IGNORECASE)
_FENCE = re.compile(r"^```(?:json|Json|JSON)?|```$")
_SEPARATORS = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}


def compares(count: int, relation: ComparisonRelation, bound: int) -> bool:
    """Whether the count is on the right side of the bound."""
    return count >= bound if relation == "at least" else count < bound


def language(text: str) -> str | None:
    """The language's code by `langdetect`, always the same for the same text; None if in doubt."""
    from langdetect import (  # type: ignore[import-untyped]  # ships no py.typed
        DetectorFactory,
        LangDetectException,
        detect,
    )

    DetectorFactory.seed = 0
    try:
        return str(detect(text[:LANGUAGE_SAMPLE]))
    except LangDetectException:
        return None


def is_in(text: str, code: str) -> bool:
    """Whether the text is in that language; one without any letters is held to be."""
    return language(text) in (code, None)


def sentences(text: str) -> int:
    """How many sentences.  A number in a list ends one: "1. Boil water." are two."""
    words = text.split()
    return sum(_ends(word, following) for word, following in pairwise(words)) + bool(words)


def _ends(word: str, following: str) -> bool:
    """Whether a sentence ends with the word; not with an abbreviation, an initial or dots."""
    stop = _STOP.match(word)
    if not stop or stop[0][-1] in "!?":
        return stop is not None
    bare = stop[0][:-1].lstrip("([{\"'*_“").lower()
    if bare.endswith("."):
        return following[0].isupper()
    if bare.isdecimal():
        return not following[0].islower()
    if _ABBREVIATION.fullmatch(bare) or _INITIALS.fullmatch(bare):
        return _STARTER.fullmatch(following) is not None
    return True


def capital_words(text: str) -> int:
    """How many words without a small letter; "I'm" is two words, a hyphenated one is one."""
    parts = (part for token in _TOKEN.findall(text) for part in _CONTRACTION.split(token))
    return sum(part.isupper() for part in parts)


def keywords_existence(text: str, keywords: list[str]) -> bool:
    return all(re.search(re.escape(word), text, re.IGNORECASE) for word in keywords)


def keywords_frequency(
    text: str, keyword: str, frequency: int, relation: ComparisonRelation
) -> bool:
    found = re.findall(re.escape(keyword.strip()), text, re.IGNORECASE)
    return compares(len(found), relation, frequency)


def forbidden_words(text: str, forbidden_words: list[str]) -> bool:
    words = (rf"\b{re.escape(word)}\b" for word in forbidden_words)
    return not any(re.search(word, text, re.IGNORECASE) for word in words)


def letter_frequency(
    text: str, letter: str, let_frequency: int, let_relation: ComparisonRelation
) -> bool:
    return compares(text.lower().count(letter.strip().lower()), let_relation, let_frequency)


def number_sentences(text: str, num_sentences: int, relation: ComparisonRelation) -> bool:
    return compares(sentences(text), relation, num_sentences)


def number_words(text: str, num_words: int, relation: ComparisonRelation) -> bool:
    return compares(len(re.findall(r"\w+", text)), relation, num_words)


def number_paragraphs(text: str, num_paragraphs: int) -> bool:
    """Paragraphs are divided by ***; only the first and the last may be empty."""
    parts = divided(text, "***")
    return parts is not None and len(parts) == num_paragraphs


def two_responses(text: str) -> bool:
    parts = divided(text, "******")
    return parts is not None and len(parts) == 2 and parts[0] != parts[1]


def divided(text: str, mark: str) -> list[str] | None:
    """The parts between marks; None when one that is neither first nor last is empty."""
    parts = [part.strip() for part in text.split(mark)]
    if not all(parts[1:-1]):
        return None
    return [part for part in parts if part]


def nth_paragraph_first_word(
    text: str, num_paragraphs: int, nth_paragraph: int, first_word: str
) -> bool:
    """Here an empty line divides paragraphs."""
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n")]
    count = sum(map(bool, paragraphs))
    if count != num_paragraphs or nth_paragraph > count or not paragraphs[nth_paragraph - 1]:
        return False
    word = paragraphs[nth_paragraph - 1].split()[0].lstrip("'").lstrip('"')
    return re.split(r"[.,?!'\"]", word)[0].lower() == first_word.lower()


def number_placeholders(text: str, num_placeholders: int) -> bool:
    return len(re.findall(r"\[[^\[\]\n]*\]", text)) >= num_placeholders


def postscript(text: str, postscript_marker: str) -> bool:
    marker = _SEPARATORS.get(postscript_marker, re.escape(postscript_marker.lower()))
    return re.search(marker, text.lower()) is not None


def number_bullet_lists(text: str, num_bullets: int) -> bool:
    """A bullet is a line led by one asterisk or by a dash."""
    return len(re.findall(r"^[^\S\n]*(?:\*[^*]|-).*$", text, re.MULTILINE)) == num_bullets


def constrained_response(text: str) -> bool:
    return any(f"My answer is {word}." in text for word in ("yes", "no", "maybe"))


def number_highlighted_sections(text: str, num_highlights: int) -> bool:
    """*One* counts once, **two** counts for the bold part as a whole."""
    single = re.findall(r"\*([^\n*]*)\*", text)
    double = re.findall(r"\*\*([^\n*]*)\*\*", text)
    return sum(bool(part.strip()) for part in single + double) >= num_highlights


def multiple_sections(text: str, section_spliter: str, num_sections: int) -> bool:
    """A section begins with the word and a number; the name of the argument is the data's."""
    return len(re.findall(rf"{re.escape(section_spliter)}\s?\d+", text)) >= num_sections


def json_format(text: str) -> bool:
    """The whole reply is JSON, with or without a code fence around it."""
    try:
        json.loads(_FENCE.sub("", text.strip()).strip())
    except (ValueError, RecursionError):
        return False
    return True


def title(text: str) -> bool:
    """A title in <<double angular brackets>>."""
    lines = (line.partition("<<")[2].rpartition(">>")[0] for line in text.split("\n"))
    return any(line.strip("<> \t") for line in lines)


def repeat_prompt(text: str, prompt_to_repeat: str) -> bool:
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())


def end_checker(text: str, end_phrase: str) -> bool:
    return text.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def quotation(text: str) -> bool:
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


def capital_word_frequency(
    text: str, capital_frequency: int, capital_relation: ComparisonRelation
) -> bool:
    return compares(capital_words(text), capital_relation, capital_frequency)


CHECKS: dict[str, CheckFunction] = {
    "keywords:existence": keywords_existence,
    "keywords:frequency": keywords_frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": lambda text, language: is_in(text, language),
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:json_format": json_format,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": lambda text: text.isupper() and is_in(text, "en"),
    "change_case:english_lowercase": lambda text: text.islower() and is_in(text, "en"),
    "punctuation:no_comma": lambda text: "," not in text,
}
