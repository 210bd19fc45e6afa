"""The end of an echoed prompt is found whatever way a server writes its tokens."""

import pytest

from evaluator.client import reply
from evaluator.client.echo import first_token
from evaluator.errors import RequestError
from evaluator.types import Request

PARTS = [  # what it is, tokens, context, continuation, the tokens that are the continuation's
    ("words", ["Q", ":", " x", "\n", "Answer", ":", " B"], "Q: x\nAnswer:", " B", [" B"]),
    ("a long one", ["Answer", ":", " The", " sun", "."], "Answer:", " The sun.", 3),
    ("no space before", ["答", "案", "：", "B"], "答案：", "B", ["B"]),
    ("a token over the edge", ["答案", "：B"], "答案：", "B", ["：B"]),
    ("split characters as nothing", ["�", "", "答", "", "", "案", "：", "B"], "答案：", "B", 1),
    ("split characters as U+FFFD", ["�", "�", "答", "�", "�", "：", "B"], "某答案：", "B", 1),
    ("a split character before the edge", ["是", "�", "�", "�", "B"], "是鱻", "B", 1),
    ("a split character after it, as nothing", ["是", "：", "", "", "鱻", "。"], "是：", "鱻。", 4),
    ("a split character after it, as U+FFFD", ["是", "：", "�", "�", "。"], "是：", "鱻。", 3),
    ("two in a row", ["：", "�", "�", "�", "�"], "：", "鱻龘", 4),
    ("the space of a word is lost", ["Answer", ":", "A", "B"], "Answer:", " A B", 2),
    ("a beginning of its own", ["<s>", "Answer", ":", "B"], "Answer:", " B", 1),
    ("a repeated letter", ["B", " B", "B", " B"], "B BB", " B", 1),
    ("nothing before", ["a", "b"], "", "ab", 2),
]


@pytest.mark.parametrize(("what", "tokens", "context", "rest", "expected"), PARTS)
def test_the_tokens_of_a_continuation_are_told_from_its_context(
    what: str, tokens: list[str], context: str, rest: str, expected: list[str] | int
) -> None:
    found = tokens[first_token(tokens, context + rest, len(context)) :]

    assert found == (tokens[-expected:] if isinstance(expected, int) else expected)


def test_tokens_that_are_not_the_texts_are_refused() -> None:
    with pytest.raises(RequestError, match="do not spell the end"):
        first_token(["Answer", ":", " C"], "Answer: B", 7)
    with pytest.raises(RequestError, match="do not spell the end"):
        first_token(["�", "�"], "是：鱻", 2)


def echoed(prompt: str, scored: int, choice: dict[str, object], generated: int = 0) -> object:
    usage = {"completion_tokens": generated}
    asked = Request("b", "1", "model", {"model": "m", "prompt": prompt}, scored=scored)
    return reply.response(asked, {"choices": [choice], "usage": usage}, "", 0.0, 0.0).token_logprobs


def test_an_echo_without_what_is_needed_is_an_error_and_never_a_guess() -> None:
    logprobs = {"tokens": ["a", ":", " B"], "token_logprobs": [None, -1.0, -0.5]}

    assert echoed("a: B", 2, {"text": "a: B", "logprobs": logprobs}) == [(" B", -0.5)]
    for choice in (
        {"text": " C", "logprobs": logprobs},
        {"text": "a: B", "logprobs": None},
        {"text": "a: B", "logprobs": {"tokens": ["a"], "token_logprobs": []}},
    ):
        with pytest.raises(RequestError, match="did not echo the prompt"):
            echoed("a: B", 2, choice)
    with pytest.raises(RequestError, match="no logprobs for 'a: B'"):
        echoed("a: B", 4, {"text": "a: B", "logprobs": logprobs})


GENERATED = [  # what is behind the prompt, its tokens in the list, and how many the usage counts
    (" It", [" It"], 1),
    (" It", [" It"], 0),  # no usage
    (" It", [], 1),  # not listed
    ("", ["</s>"], 1),
    ("", [], 0),
    (" It boils", [" It", " boils"], 2),
    (" B B", [" B", " B"], 2),
    (" B", [], 1),
]


@pytest.mark.parametrize(("text", "tokens", "generated"), GENERATED)
def test_what_was_generated_behind_an_echo_is_cut_off(
    text: str, tokens: list[str], generated: int
) -> None:
    listed = ["a", ":", " B", *tokens]
    logprobs = {"tokens": listed, "token_logprobs": [None, -1.0, -0.5, -7.0, -8.0][: len(listed)]}

    found = echoed("a: B", 2, {"text": f"a: B{text}", "logprobs": logprobs}, generated)
    assert found == [(" B", -0.5)]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [(-1.0, -1.0, -0.307), (-9999.0, -9999.0, -9998.307), (-9999.0, -0.5, -0.5)],
)
def test_tokens_of_one_spelling_count_together(one: float, other: float, both: float) -> None:
    place = {"top_logprobs": [{"token": "A", "logprob": one}, {"token": "A", "logprob": other}]}
    (logprobs,) = reply.top_logprobs({"content": [place]})

    assert logprobs == {"A": pytest.approx(both, abs=1e-3)}
