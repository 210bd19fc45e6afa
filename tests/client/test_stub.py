"""The stub behaves: shapes, timing, faults, restarts; through real HTTP."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families

from evaluator.runs.identity import QUESTIONS as IDENTITY
from tests.stub import NAMED, Fault, Reply, StubServer, first_attempts, random_faults, tokens
from tests.waiting import wait_until

QUESTION: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "Two plus two?"}],
}
CHAT = "/v1/chat/completions"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def events(self) -> list[Any]:
        """The events of a stream, without the closing [DONE]."""
        lines = [line[6:] for line in self.data.split(b"\n\n") if line]
        assert lines[-1] == b"[DONE]"
        return [json.loads(line) for line in lines[:-1]]


def fetch_all(
    stub: StubServer, bodies: list[Any], path: str = CHAT, **headers: str
) -> list[Answer]:
    """Sends all at once."""

    async def one(session: aiohttp.ClientSession, body: Any) -> Answer:
        method = "GET" if body is None else "POST"
        async with session.request(method, stub.root_url + path, json=body) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def run() -> list[Answer]:
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(30)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=headers
        ) as session:
            return await asyncio.gather(*(one(session, body) for body in bodies))

    return asyncio.run(run())


def fetch(stub: StubServer, body: Any = None, path: str = CHAT, **headers: str) -> Answer:
    return fetch_all(stub, [body], path, **headers)[0]


def ask(stub: StubServer, **more: Any) -> Answer:
    return fetch(stub, QUESTION | more)


@contextmanager
def sdk(stub: StubServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=stub.base_url, api_key="EMPTY", max_retries=0, timeout=30
    ) as client:
        yield client


def numbers(stub: StubServer) -> dict[str, float]:
    text = fetch(stub, path="/metrics").data.decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def text_of(answer: Answer) -> str:
    return str(answer.json["choices"][0]["message"]["content"])


# what it says


def test_says_the_constant_reply() -> None:
    with StubServer() as stub:
        answer = ask(stub)

    assert text_of(answer) == "Answer: B"
    assert answer.json["choices"][0]["finish_reason"] == "stop"
    assert answer.json["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def test_reply_is_a_function_of_the_request() -> None:
    with StubServer(reply=lambda body: body["messages"][0]["content"].upper()) as stub:
        assert text_of(ask(stub)) == "TWO PLUS TWO?"


def test_a_failing_reply_function_fails_the_test() -> None:
    with pytest.raises(ZeroDivisionError), StubServer(reply=lambda body: str(1 / 0)) as stub:
        assert ask(stub).status == 500


@pytest.mark.parametrize("name", NAMED)
def test_named_replies_follow_from_the_question(name: str) -> None:
    with StubServer(reply=NAMED[name]) as stub:
        first, second = fetch_all(stub, [QUESTION, QUESTION])

    assert first.json["choices"] == second.json["choices"]


def test_words_takes_all_tokens_allowed() -> None:
    with StubServer(reply=NAMED["words"]) as stub:
        answer = ask(stub, max_tokens=7).json

    assert answer["usage"]["completion_tokens"] == 7
    assert answer["choices"][0]["finish_reason"] == "length"


def test_reasoning_comes_with_null_content() -> None:
    with StubServer(reply=Reply("", reasoning="Let me see")) as stub:
        message = ask(stub).json["choices"][0]["message"]

    assert message == {"role": "assistant", "content": None, "reasoning_content": "Let me see"}


def test_usage_can_be_told() -> None:
    with StubServer(reply=Reply("x", prompt_tokens=11, output_tokens=22)) as stub:
        assert ask(stub).json["usage"]["total_tokens"] == 33


@pytest.mark.parametrize("text", ["", " ", "a  b\n", "\nyes", "答案是 B。", "x 12\ty"])
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


# the SDK understands it


def test_sdk_reads_chat_with_logprobs() -> None:
    reply = Reply("B", top_logprobs=[{"A": -2.0, "B": -0.2}])
    with StubServer(reply=reply) as stub, sdk(stub) as client:
        answer = client.chat.completions.create(**QUESTION, logprobs=True, top_logprobs=2)

    assert answer.choices[0].logprobs is not None
    (position,) = answer.choices[0].logprobs.content or []
    assert position.token == "B"
    assert {each.token: each.logprob for each in position.top_logprobs} == {"A": -2.0, "B": -0.2}


def test_sdk_reads_a_stream() -> None:
    with StubServer(reply="Answer: 答案 B") as stub, sdk(stub) as client:
        chunks = [*client.chat.completions.create(**QUESTION, stream=True)]

    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "Answer: 答案 B"
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_sdk_reads_completions_with_echo_and_logprobs() -> None:
    with StubServer(reply=Reply(" yes", prompt_logprobs=[None, -0.5])) as stub, sdk(stub) as client:
        answer = client.completions.create(model="m", prompt="Is it?", echo=True, logprobs=1)

    (choice,) = answer.choices
    assert choice.text == "Is it? yes"
    assert choice.logprobs is not None
    assert choice.logprobs.tokens == ["Is", " it?", " yes"]
    assert choice.logprobs.text_offset == [0, 2, 6]
    assert choice.logprobs.token_logprobs == [None, -0.5, -0.1]
    assert choice.logprobs.top_logprobs == [None, {" it?": -0.5}, {" yes": -0.1}]


def test_sdk_reads_models() -> None:
    with StubServer(models=["a", "b"], max_model_len=4096) as stub, sdk(stub) as client:
        cards = client.models.list().data

    assert [(card.id, card.owned_by) for card in cards] == [("a", "vllm"), ("b", "vllm")]
    assert cards[0].model_dump()["max_model_len"] == 4096


def test_sdk_names_a_refused_key() -> None:
    with (
        StubServer(api_key="secret") as stub,
        sdk(stub) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.chat.completions.create(**QUESTION)

    assert stub.count == 1


def test_sdk_reads_tool_calls() -> None:
    function = {"name": "add", "arguments": '{"a": 2}'}
    reply = Reply("", tool_calls=[{"id": "call-0", "type": "function", "function": function}])
    with StubServer(reply=reply) as stub, sdk(stub) as client:
        choice = client.chat.completions.create(**QUESTION).choices[0]

    assert choice.finish_reason == "tool_calls"
    assert [call.function.name for call in choice.message.tool_calls or ()] == ["add"]


# streams


def test_stream_ends_with_usage_when_asked() -> None:
    with StubServer() as stub:
        events = ask(stub, stream=True, stream_options={"include_usage": True}).events

    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] == 2


def test_stream_has_no_usage_unless_asked() -> None:
    with StubServer() as stub:
        events = ask(stub, stream=True).events

    assert not any("usage" in event for event in events)


def test_stream_carries_reasoning_before_text() -> None:
    with StubServer(reply=Reply("B", reasoning="Let me")) as stub:
        deltas = [each["choices"][0]["delta"] for each in ask(stub, stream=True).events]

    assert deltas[1:4] == [
        {"reasoning_content": "Let"},
        {"reasoning_content": " me"},
        {"content": "B"},
    ]


def test_stream_carries_tool_calls_in_pieces() -> None:
    function = {"name": "add", "arguments": '{"a": 2}'}
    reply = Reply("", tool_calls=[{"id": "call-0", "type": "function", "function": function}])
    with StubServer(reply=reply) as stub:
        deltas = [each["choices"][0]["delta"] for each in ask(stub, stream=True).events]

    calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert calls[0]["id"] == "call-0"
    assert "".join(call["function"]["arguments"] for call in calls) == '{"a": 2}'


def test_stream_carries_logprobs_with_their_tokens() -> None:
    with StubServer(reply="Answer: B") as stub:
        events = ask(stub, stream=True, logprobs=True).events

    said = [each["choices"][0]["logprobs"] for each in events]
    assert [each["content"][0]["token"] for each in said if each] == ["Answer:", " B"]


# the other endpoints


def test_completions_take_several_prompts_and_token_ids() -> None:
    with StubServer(reply=NAMED["repeat"]) as stub:
        ids = fetch(stub, {"prompt": "one two"}, "/tokenize").json["tokens"]
        answer = fetch(stub, {"model": "m", "prompt": [ids, "three"]}, "/v1/completions").json

    assert [choice["text"] for choice in answer["choices"]] == ["one two", "three"]


def test_completions_with_no_tokens_only_echo() -> None:
    body = {"model": "m", "prompt": "one two", "echo": True, "max_tokens": 0, "logprobs": 1}
    with StubServer() as stub:
        answer = fetch(stub, body, "/v1/completions").json

    assert answer["choices"][0]["text"] == "one two"
    assert answer["choices"][0]["logprobs"]["tokens"] == ["one", " two"]
    assert answer["usage"]["completion_tokens"] == 0


def test_tokenize_counts_messages() -> None:
    with StubServer(max_model_len=99) as stub:
        answer = fetch(stub, QUESTION, "/tokenize").json

    assert answer["count"] == len(answer["tokens"]) == 3
    assert answer["max_model_len"] == 99


def test_health_is_well() -> None:
    with StubServer() as stub:
        assert fetch(stub, path="/health").status == 200


def test_unknown_path_is_not_found() -> None:
    with StubServer() as stub:
        assert fetch(stub, path="/v2").status == 404


def test_metrics_are_true() -> None:
    with StubServer(models=["m"]) as stub:
        fetch_all(stub, [QUESTION] * 3)
        found = numbers(stub)

    assert found["vllm:prompt_tokens_total"] == 9
    assert found["vllm:generation_tokens_total"] == 6
    assert found["vllm:num_requests_running"] == found["vllm:num_requests_waiting"] == 0


def test_metrics_count_a_shared_prefix() -> None:
    long = {"model": "m", "messages": [{"role": "user", "content": "word " * 40}]}
    with StubServer() as stub:
        fetch_all(stub, [long, long])
        found = numbers(stub)

    assert found["vllm:prefix_cache_queries_total"] == 80
    assert found["vllm:prefix_cache_hits_total"] == 32


def test_metrics_can_be_overridden() -> None:
    with StubServer() as stub:
        stub.overrides["vllm:num_preemptions_total"] = 5
        assert numbers(stub)["vllm:num_preemptions_total"] == 5


def test_metrics_can_be_switched_off() -> None:
    with StubServer(metrics=False) as stub:
        assert fetch(stub, path="/metrics").status == 404


# what it remembers


def test_records_requests_apart_from_probes() -> None:
    with StubServer() as stub:
        fetch(stub, path="/health")
        fetch(stub, QUESTION, Authorization="Bearer k")

    (request,) = stub.requests
    assert (request.path, request.body) == (CHAT, QUESTION)
    assert request.headers["authorization"] == "Bearer k"
    assert time.monotonic() - 30 < request.received < time.monotonic()
    assert [probe.path for probe in stub.probes] == ["/health"]


@pytest.mark.parametrize("streamed", [False, True])
def test_who_it_is_is_answered_apart(streamed: bool) -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": IDENTITY[0]}]}
    with StubServer(faults=[500], latency=60.0) as stub:
        answer = fetch(stub, {**asked, "stream": streamed})

    assert answer.status == 200
    assert b"B" in answer.data
    assert (stub.count, len(stub.identified), stub.probes) == (0, 1, [])


def test_a_model_has_a_root_and_the_server_a_version_when_told() -> None:
    with StubServer(root="/ckpt", version="0.11.0") as stub, StubServer() as other:
        assert fetch(stub, path="/v1/models").json["data"][0]["root"] == "/ckpt"
        assert fetch(stub, path="/version").json == {"version": "0.11.0"}
        assert fetch(other, path="/version").status == 404


def test_counts_without_recording() -> None:
    with StubServer(record=False) as stub:
        fetch_all(stub, [QUESTION] * 3)

    assert (stub.count, stub.requests) == (3, [])


def test_peak_in_flight_is_what_was_open_at_once() -> None:
    with StubServer(latency=60.0) as stub, ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connected(stub)).sendall(raw(QUESTION))
        wait_until(lambda: stub.in_flight == 300)

    assert stub.peak_in_flight == 300


# time


def test_latency_is_kept() -> None:
    with StubServer(latency=0.1) as stub:
        started = time.perf_counter()
        ask(stub)

    assert time.perf_counter() - started > 0.099


def test_jitter_follows_from_seed_and_index() -> None:
    one, same = (StubServer(latency=1.0, jitter=0.5, seed=3) for _ in range(2))
    latencies = [one.latency_of(i) for i in range(100)]

    assert latencies == [same.latency_of(i) for i in range(100)]
    assert 0.5 <= min(latencies) < 0.6 < 1.4 < max(latencies) <= 1.5


def test_stream_keeps_the_times_of_its_tokens() -> None:
    async def arrivals(stub: StubServer) -> list[float]:
        async with aiohttp.ClientSession() as session:
            started = time.perf_counter()
            body = QUESTION | {"stream": True}
            async with session.post(stub.root_url + CHAT, json=body) as answer:
                return [time.perf_counter() - started async for _ in answer.content.iter_any()]

    with StubServer(reply="a b c d", first_token=0.1, inter_token=0.05) as stub:
        times = asyncio.run(arrivals(stub))

    # never early; how late is the machine's affair
    assert all(at >= 0.099 + 0.05 * k for k, at in enumerate(times[-4:]))


def test_plain_reply_comes_with_its_last_token() -> None:
    with StubServer(reply="a b c", first_token=0.1, inter_token=0.05) as stub:
        started = time.perf_counter()
        ask(stub)

    assert time.perf_counter() - started > 0.199


def test_capacity_makes_the_others_wait() -> None:
    with StubServer(latency=60.0, capacity=2) as stub, ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(connected(stub)).sendall(raw(QUESTION))
        wait_until(lambda: stub.in_flight == 5)
        found = numbers(stub)

    assert (found["vllm:num_requests_running"], found["vllm:num_requests_waiting"]) == (2, 3)
    assert found["vllm:kv_cache_usage_perc"] == 1.0


def test_capacity_serves_in_turns() -> None:
    with StubServer(latency=0.1, capacity=2) as stub:
        started = time.perf_counter()
        fetch_all(stub, [QUESTION] * 5)

    assert time.perf_counter() - started > 0.299


def test_capacity_without_latency_serves_all() -> None:
    with StubServer(capacity=1) as stub:
        answers = fetch_all(stub, [QUESTION] * 200)

    assert {answer.status for answer in answers} == {200}


def test_places_of_clients_that_left_are_free_again() -> None:
    with StubServer(capacity=1, latency=30.0) as stub:
        for _ in range(2):
            with connected(stub) as line:
                line.sendall(raw(QUESTION))
                wait_until(lambda: stub.in_flight == 1)
            wait_until(lambda: stub.in_flight == 0)


@contextmanager
def connected(stub: StubServer, timeout: float = 30.0) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", stub.port), timeout)) as line:
        yield line


# HTTP itself


def raw(body: Any, *headers: str) -> bytes:
    data = json.dumps(body).encode()
    lines = [f"POST {CHAT} HTTP/1.1", "Host: stub", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def closed(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def read_to_end(line: socket.socket) -> bytes:
    return b"".join(iter(lambda: line.recv(65536), b""))


def test_pipelined_requests_are_answered_in_order() -> None:
    bodies = [{"messages": [{"content": f"{i}"}]} for i in range(3)]
    sent = b"".join(map(raw, bodies[:2])) + raw(bodies[2], "Connection: close")
    with StubServer(reply=NAMED["repeat"], latency=0.02) as stub, connected(stub) as line:
        line.sendall(sent)
        received = read_to_end(line)

    said = [part.split(b'"', 1)[0] for part in received.split(b'"content":"')[1:]]
    assert said == [b"0", b"1", b"2"]


def test_a_request_may_come_in_pieces() -> None:
    with StubServer() as stub, connected(stub) as line:
        for byte in raw(QUESTION, "Connection: close"):
            line.sendall(bytes([byte]))
        assert b"Answer: B" in read_to_end(line)


def test_a_body_that_is_no_json_is_the_clients_mistake() -> None:
    request = f"POST {CHAT} HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\n{{".encode()
    with StubServer() as stub, connected(stub) as line:
        line.sendall(request)
        assert read_to_end(line).startswith(b"HTTP/1.1 400 ")


# refusals


def test_wrong_key_is_unauthorized_everywhere_under_v1() -> None:
    with StubServer(api_key="right") as stub:
        wrong = fetch(stub, QUESTION, Authorization="Bearer wrong")
        probe = fetch(stub, path="/v1/models")
        right = fetch(stub, QUESTION, Authorization="Bearer right")

    assert (wrong.status, probe.status, right.status) == (401, 401, 200)
    assert wrong.json == {"error": "Unauthorized"}


def test_a_model_that_is_not_served_does_not_exist() -> None:
    with StubServer(models=["served"]) as stub:
        answer = ask(stub)

    assert answer.status == 404
    assert answer.json["error"]["message"] == "The model `m` does not exist."


def test_a_prompt_longer_than_the_context_is_refused() -> None:
    with StubServer(max_model_len=2) as stub:
        answer = ask(stub)

    assert answer.status == 400
    assert "maximum context length is 2 tokens. However, your prompt" in str(answer.json)


# faults


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503])
def test_fault_status(status: int) -> None:
    with StubServer(faults=[status]) as stub:
        answers = [ask(stub), ask(stub)]

    assert [answer.status for answer in answers] == [status, 200]
    assert answers[0].json["error"]["code"] == status


def test_fault_retry_after_in_seconds() -> None:
    with StubServer(faults=[Fault(429, retry_after=1.5)]) as stub:
        assert ask(stub).headers["Retry-After"] == "1.5"


def test_fault_retry_after_as_a_date() -> None:
    when = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    with StubServer(faults=[Fault(503, retry_after=when)]) as stub:
        assert parsedate_to_datetime(ask(stub).headers["Retry-After"]) == when


def test_fault_reset_sends_rst() -> None:
    with StubServer(faults=["reset"]) as stub, connected(stub) as line:
        line.sendall(raw(QUESTION))
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_fault_hang_never_answers() -> None:
    with StubServer(faults=["hang"]) as stub, connected(stub, timeout=0.1) as line:
        line.sendall(raw(QUESTION))
        with pytest.raises(TimeoutError):
            line.recv(1)
        assert stub.in_flight == 1


def test_fault_cut_breaks_a_stream() -> None:
    with (
        StubServer(faults=["cut"], reply="a b c d") as stub,
        pytest.raises(aiohttp.ClientPayloadError),
    ):
        ask(stub, stream=True)


@pytest.mark.parametrize("kind", ["cut", "short"])
def test_fault_breaks_a_plain_reply(kind: Any) -> None:
    with StubServer(faults=[kind]) as stub, pytest.raises(aiohttp.ClientPayloadError):
        ask(stub)


def test_fault_html_has_status_200() -> None:
    with StubServer(faults=["html"]) as stub:
        answer = ask(stub)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.data.startswith(b"<html>")


@pytest.mark.parametrize("streamed", [False, True])
def test_fault_null_choices(streamed: bool) -> None:
    with StubServer(faults=["null_choices"]) as stub:
        answer = ask(stub, stream=streamed)

    assert (answer.events[0] if streamed else answer.json)["choices"] is None


def test_fault_truncated_is_half_the_json() -> None:
    with StubServer(faults=["truncated"]) as stub:
        answer = ask(stub)

    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json


def test_fault_truncated_event_in_a_stream() -> None:
    with StubServer(faults=["truncated"]) as stub:
        answer = ask(stub, stream=True)

    with pytest.raises(json.JSONDecodeError):
        _ = answer.events


def test_fault_stream_error_comes_in_the_stream() -> None:
    with StubServer(faults=["stream_error"], reply="a b c d") as stub:
        answer = ask(stub, stream=True)

    assert answer.status == 200
    assert answer.events[-2]["choices"][0]["delta"] == {"content": " b"}
    assert answer.events[-1]["error"]["code"] == 500


def test_fault_too_long_is_told_in_vllms_words() -> None:
    with StubServer(faults=["too_long"], max_model_len=4096) as stub:
        answer = ask(stub)

    error = answer.json["error"]
    assert (answer.status, error["type"], error["code"]) == (400, "BadRequestError", 400)
    assert error["message"].startswith("This model's maximum context length is 4096 tokens. How")


def test_fault_may_be_late() -> None:
    with StubServer(faults=[Fault(500, delay=0.1)]) as stub:
        started = time.perf_counter()
        answer = ask(stub)

    assert answer.status == 500
    assert time.perf_counter() - started > 0.099


def test_fault_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault is called 'hangs'"):
        Fault("hangs")  # type: ignore[arg-type]  # the mistake under test


def test_faults_may_be_a_function() -> None:
    with StubServer(faults=lambda index, body: Fault(503) if body.get("n") else None) as stub:
        answers = [ask(stub), ask(stub, n=1)]

    assert [answer.status for answer in answers] == [200, 503]


def test_random_faults_follow_from_the_seed() -> None:
    one, same, other = (random_faults(0.2, (429, "reset"), seed) for seed in (1, 1, 2))
    struck = [one(i, {}) for i in range(2000)]

    assert struck == [same(i, {}) for i in range(2000)]
    assert struck != [other(i, {}) for i in range(2000)]
    assert 340 < sum(fault is not None for fault in struck) < 460


def test_first_attempts_of_each_body_fail() -> None:
    with StubServer(faults=first_attempts(500, 2)) as stub:
        statuses = [ask(stub, seed=seed).status for seed in (1, 2, 1, 2, 1, 2)]

    assert statuses == [500, 500, 500, 500, 200, 200]


# coming and going


def test_restarts_on_the_same_port() -> None:
    with StubServer() as stub:
        url = stub.base_url
        ask(stub)
        stub.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            ask(stub)
        stub.start()

        assert text_of(ask(stub)) == "Answer: B"
        assert (stub.base_url, stub.count) == (url, 2)


def test_stopping_drops_what_is_in_flight() -> None:
    with StubServer(latency=30.0) as stub:
        with connected(stub) as line:
            line.sendall(raw(QUESTION))
            wait_until(lambda: stub.in_flight == 1)
            stub.stop()

            assert closed(line)
        assert stub.in_flight == 0


def test_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.stub", "--reply", "gsm8k", "--max-model-len", "512"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        base_url = json.loads(process.stdout.readline())["base_url"]
        with openai.OpenAI(base_url=base_url, api_key="EMPTY") as client:
            answer = client.chat.completions.create(**QUESTION)
        process.terminate()
        assert process.wait(timeout=10) == 0

    assert "#### " in (answer.choices[0].message.content or "")
