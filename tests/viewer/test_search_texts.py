"""Texts as they are searched."""

import pytest

from evaluator.viewer.search_texts import SearchTexts

TEXTS = (
    "The Answer is B",
    "",
    "nothing\nof it: answer",
    "光合作用",
    "\ud800 half",
    "answer answer",
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ANSWER", [0, 2, 5]),
        ("nothing\nof", [2]),
        ("合作", [3]),
        ("half", [4]),
        ("no such words", []),
        ("", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_every_text_that_holds_the_words_is_found_once(words: str, found: list[int]) -> None:
    texts = SearchTexts()
    for text in TEXTS:
        texts.add(text)

    assert list(texts.find(words)) == found


def test_without_texts_nothing_is_found() -> None:
    assert list(SearchTexts().find("a")) == list(SearchTexts().find("")) == []
