"""What an endpoint refuses is learnt from its words, whatever its status, or guessed once."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluator.client.dialects import ONE_BEYOND, fitted, learnt
from evaluator.client.endpoint import Endpoint, attempt, named_fields
from evaluator.client.failures import failure
from evaluator.client.transport import Offline
from evaluator.errors import RequestError, Transient, Unauthorized
from evaluator.types import Body, Request, Response

OPTIONAL = {"top_p": 1.0, "top_k": -1, "min_p": 0.0}
SCHEMA = {"type": "object", "properties": {"rating": {"type": "integer"}}}
ECHO = {"prompt": "a: B", "echo": True, "logprobs": 1, "max_tokens": 0}
Refuses = Callable[[Body], RequestError | None]

NAMED = [  # what a server says, and the fields that it refuses
    ("Unrecognized request argument supplied: top_k", ["top_k"]),
    ("top_p and min_p are not supported", ["top_p", "min_p"]),
    (
        '{"detail":[{"loc":["body","top_k"],"msg":"extra","input":{"top_p":1.0,"min_p":0.0}}]}',
        ["top_k"],
    ),
    ("[{'loc': ('body', 'min_p'), 'input': {'top_k': -1}}]", ["min_p"]),
    ('{"error":{"message":"top_p is fine","param":"top_k"}}', ["top_k"]),
    ('{"error":{"message":"no top_k here","param":null}}', ["top_k"]),
    ("stop_top_k is wrong", []),
    ("try again later", []),
]


@pytest.mark.parametrize(("said", "fields"), NAMED)
def test_the_fields_that_a_refusal_names(said: str, fields: list[str]) -> None:
    assert named_fields(said, OPTIONAL) == fields


CAPS = [  # what is asked for, what the server says, what is asked for then
    (20, "top_logprobs must be between 0 and 5", 5),
    (20, "logprobs: Input should be less than or equal to 8 (pydantic.dev/2.12/v/le)", 8),
    (20, '{"code": 400, "message": "max allowed logprobs: 10"}', 10),
    (20, "logprobs are not supported", 5),
    (5, "logprobs are not supported", None),
    (20, "the context is too long", None),
]


@pytest.mark.parametrize(("asked", "said", "expected"), CAPS)
def test_the_cap_on_logprobs_that_a_refusal_names(
    asked: int, said: str, expected: int | None
) -> None:
    for body in ({"logprobs": True, "top_logprobs": asked}, {"logprobs": asked}):
        rule = learnt(body, said, [])
        got = fitted(body, [rule])[0] if rule else {}
        assert got.get("top_logprobs", got.get("logprobs")) == expected


class Server(Offline):
    """Answers what it does not refuse, and notes what it was asked."""

    def __init__(self, refuses: Refuses, output_tokens: int = 0) -> None:
        self.asked: list[Body] = []
        self._refuses = refuses
        self._output_tokens = output_tokens

    async def send(self, request: Request) -> Response:
        self.asked.append(request.sent)
        if error := self._refuses(request.sent):
            raise error
        return Response(request.key, "", output_tokens=self._output_tokens)


def asked_for(**more: Any) -> Request:
    return Request("b", "1", "judge", {"model": "m"}, **more)


def format_of(body: Body) -> str | None:
    return body.get("response_format", {}).get("type")


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 422, 500, 501])
@pytest.mark.parametrize("words", ["no", "response_format: Input should be 'text'"])
@pytest.mark.parametrize(
    ("taken", "formats"),
    [
        (("json_schema",), ["json_schema"]),
        (("json_object",), ["json_schema", "json_object"]),
        ((), ["json_schema", "json_object", None]),
    ],
)
async def test_a_schema_becomes_any_object_and_then_nothing(
    status: int, words: str, taken: tuple[str, ...], formats: list[str | None]
) -> None:
    def refuses(body: Body) -> RequestError | None:
        kind = Transient if status >= 500 else RequestError
        refused = format_of(body) not in (*taken, None)
        return kind(words, status=status, said=words) if refused else None

    server = Server(refuses)
    endpoint, request = Endpoint(server), asked_for(schema=SCHEMA)
    replies = [await attempt(endpoint, request) for _ in range(3)]

    assert [format_of(body) for body in server.asked] == [*formats, formats[-1], formats[-1]]
    assert {reply.key for reply in replies} == {request.key}


@pytest.mark.anyio
async def test_a_schema_that_was_taken_once_is_not_to_blame_later() -> None:
    failing: list[Transient] = []
    server = Server(lambda body: failing.pop() if failing else None)
    endpoint, request = Endpoint(server), asked_for(schema=SCHEMA)
    await attempt(endpoint, request)
    failing.append(Transient("a passing failure", status=500))

    with pytest.raises(Transient):
        await attempt(endpoint, request)
    await attempt(endpoint, request)
    assert {format_of(body) for body in server.asked} == {"json_schema"}


@pytest.mark.anyio
async def test_a_server_that_takes_no_tokens_for_no_limit_is_asked_for_one() -> None:
    server = Server(lambda body: None, output_tokens=300)
    endpoint = Endpoint(server)
    for _ in range(2):
        await attempt(endpoint, Request("b", "1", "model", ECHO, scored=2))

    assert [body["max_tokens"] for body in server.asked] == [0, 1]
    assert endpoint.rules == [ONE_BEYOND]


@pytest.mark.anyio
async def test_a_failure_without_words_of_a_field_teaches_nothing() -> None:
    server = Server(lambda body: Transient("connection lost: top_k", kind="connection lost"))
    endpoint = Endpoint(server)
    with pytest.raises(Transient):
        await attempt(endpoint, asked_for(optional=OPTIONAL))

    assert (len(server.asked), endpoint.refused, endpoint.rules) == (1, {}, [])


def test_what_is_denied_to_a_good_key_is_no_wrong_key() -> None:
    denied = b'{"error": {"message": "You may not ask for logprobs", "type": "%s"}}'

    assert isinstance(failure(403, denied % b"invalid_request_error", {}), RequestError)
    assert isinstance(failure(403, denied % b"forbidden", {}), Unauthorized)
    assert isinstance(failure(401, denied % b"invalid_request_error", {}), Unauthorized)
