"""Values of settings in words."""

import pytest

from evaluator.report.values import in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not given"),
        (True, "on"),
        (False, "off"),
        (0.5, "0.5"),
        ("chat", "chat"),
        (["a", "b"], "a, b"),
        ([], "none"),
        ({"stop": ["x", "y"], "seed": None}, "stop = x, y, seed = not given"),
    ],
)
def test_no_value_is_shown_in_python_s_signs(value: object, words: str) -> None:
    assert in_words(value) == words


def test_a_text_may_stand_in_quotes() -> None:
    assert in_words(["chat", None, 1], repr) == "'chat', not given, 1"
