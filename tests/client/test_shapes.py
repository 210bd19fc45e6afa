"""What servers send beside the usual shape, whole or streamed: read, or a failure that may pass."""

from typing import Any

import orjson
import pytest

from evaluator.client import reply
from evaluator.client.stream import Assembly
from evaluator.errors import Transient
from evaluator.types import Request, Response

ASKED = Request("b", "1", "model", {"model": "m", "messages": []})


def whole(choice: Any, **more: Any) -> Response:
    payload = reply.parse(orjson.dumps({"choices": [choice], **more}))
    return reply.response(ASKED, payload, "", 0.0, 0.0)


def streamed(*events: bytes) -> Response:
    assembly = Assembly(0.0)
    for event in events:
        assembly.line(b"data: " + event)
    return assembly.response(ASKED, "", 0.0)


def event(content: bytes = b'""', reason: str = "stop") -> bytes:
    return b'{"choices": [{"delta": {"content": %b}, "finish_reason": "%b"}]}' % (
        content,
        reason.encode(),
    )


PARTS = [{"type": "text", "text": "Answer"}, {"type": "thinking"}, {"type": "text", "text": ": A"}]


@pytest.mark.parametrize(
    ("content", "text"), [(PARTS, "Answer: A"), ([], ""), (None, ""), ("Answer: A", "Answer: A")]
)
def test_a_text_may_come_in_parts(content: Any, text: str) -> None:
    assert whole({"message": {"content": content}, "finish_reason": "stop"}).text == text
    assert streamed(event(orjson.dumps(content))).text == text


ODD_CHOICES: list[Any] = [
    None,
    "text",
    {"message": "text"},
    {"message": {"content": 5}},
    {"message": {"content": {"text": "A"}}},
    {"message": {"content": ["A"]}},
    {"message": {"content": "A", "reasoning": {"effort": "high"}}},
    {"message": {"content": "A", "tool_calls": ["look"]}},
    {"message": {"content": "A"}, "finish_reason": 1},
    {"message": {"content": "A"}, "logprobs": {"content": [None]}},
]


@pytest.mark.parametrize("choice", ODD_CHOICES)
def test_a_choice_of_another_shape_may_pass(choice: Any) -> None:
    with pytest.raises(Transient, match="not of a reply's shape") as raised:
        whole(choice)

    assert raised.value.kind == "malformed"


@pytest.mark.parametrize("choice", ODD_CHOICES)
def test_a_streamed_choice_of_another_shape_may_pass(choice: Any) -> None:
    if isinstance(choice, dict):
        choice = {"delta" if key == "message" else key: value for key, value in choice.items()}

    with pytest.raises(Transient, match="not of a reply's shape"):
        streamed(orjson.dumps({"choices": [choice]}), event())


@pytest.mark.parametrize("usage", ["12", [12], {"prompt_tokens": "many"}])
def test_usage_of_another_shape_may_pass(usage: Any) -> None:
    with pytest.raises(Transient, match="not of a reply's shape"):
        whole({"message": {"content": "A"}}, usage=usage)
    with pytest.raises(Transient, match="not of a reply's shape"):
        streamed(orjson.dumps({"usage": usage}), event())


def test_an_error_of_null_is_none() -> None:
    assert streamed(b'{"error": null, "choices": []}', event(b'"A"')).text == "A"


@pytest.mark.parametrize("data", [b"null", b"5", b"[]", b"<html>", b'{"a": "\\ud83d'])
def test_an_event_that_is_no_object_may_pass(data: bytes) -> None:
    with pytest.raises(Transient, match="not JSON") as raised:
        streamed(event(), data)

    assert raised.value.kind == "not JSON"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((b'"ok \\ud83d"', b'"\\ude00"'), "ok 😀"),
        ((b'"\\ud83d"', b'" and \\uD83D"', b'"\\uDE00!"'), "? and 😀!"),
        ((b'"\\ude00"', b'"\\ud83d"'), "??"),
    ],
)
def test_the_halves_of_a_character_meet_over_events(pieces: tuple[bytes, ...], text: str) -> None:
    assert streamed(*map(event, pieces)).text == text


def test_all_that_a_stream_says_can_be_written() -> None:
    call = rb'{"index": 0, "function": {"name": "look", "arguments": "\ud83d"}}'
    place = rb'{"token": "\ud83d", "logprob": -1.0}'
    said = rb'{"reasoning": "\ud83d", "content": "\ud83d", "tool_calls": [%b]}' % call
    got = streamed(
        rb'{"choices": [{"delta": %b, "logprobs": {"content": [%b]}}]}' % (said, place), event()
    )

    assert (got.text, got.reasoning, got.top_logprobs) == ("?", "?", [{"?": -1.0}])
    assert got.tool_calls[0]["function"]["arguments"] == "?"
