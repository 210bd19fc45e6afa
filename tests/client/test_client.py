import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from typing import Any

import pytest

from evaluator.client import failures as failures_module
from evaluator.client import health as health_module
from evaluator.client.failures import backoff, failure, retry_after
from evaluator.client.pool import Pool
from evaluator.client.rates import Rates
from evaluator.client.reply import parse
from evaluator.client.wire import Wire
from evaluator.errors import RequestError, ServerError, Transient, Unauthorized, UsageError
from evaluator.types import Request
from tests.stub import Fault, Reply, StubServer, first_attempts, random_faults

pytestmark = pytest.mark.anyio


def request(number: int = 0, **body: Any) -> Request:
    messages = [{"role": "user", "content": f"question {number}"}]
    return Request("b", str(number), "model", {"model": "stub", "messages": messages, **body})


@asynccontextmanager
async def pool(*stubs: StubServer, timeout: float = 10.0, **options: Any) -> AsyncIterator[Pool]:
    made = Pool("stub", [Wire(stub.base_url, timeout=timeout) for stub in stubs], **options)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are there to be kind to servers; a stub needs no kindness."""
    monkeypatch.setattr(failures_module, "FIRST_BACKOFF", 0.01)
    monkeypatch.setattr(health_module, "PROBE_EVERY", 0.02)


PASSING = [408, 409, 425, 429, 500, 502, 503, "reset", "cut", "html", "null_choices", "truncated"]


@pytest.mark.parametrize("kind", [*PASSING, "short", "stream_error"])
async def test_a_passing_failure_is_retried_and_counted(stub: StubServer, kind: Any) -> None:
    stub.faults = first_attempts(kind, 2)
    async with pool(stub) as endpoints:
        got = await endpoints.send(request())

    assert (got.text, got.attempts, endpoints.faults.total()) == ("Answer: B", 3, 2)


async def test_a_reply_that_ran_out_of_time_is_asked_for_once_more(stub: StubServer) -> None:
    stub.latency = 1.0
    async with pool(stub, timeout=0.2, retries=8) as endpoints:
        with pytest.raises(RequestError, match=r"no sign of progress for 0\.2 s \(2 attempts\)"):
            await endpoints.send(request())

    assert stub.count == 2


async def test_a_server_that_never_answers_is_left_after_the_timeout(stub: StubServer) -> None:
    stub.faults = first_attempts("hang")
    async with pool(stub, timeout=0.2) as endpoints:
        got = await endpoints.send(request())

    assert got.attempts == 2


async def test_a_failure_that_does_not_pass_names_its_cause(stub: StubServer) -> None:
    stub.faults = lambda index, body: Fault(503)
    async with pool(stub, retries=2) as endpoints:
        with pytest.raises(RequestError, match=r"status 503.*\(3 attempts\)"):
            await endpoints.send(request())


async def test_a_prompt_that_is_too_long_is_not_asked_again(stub: StubServer) -> None:
    stub.faults = lambda index, body: Fault("too_long")
    async with pool(stub) as endpoints:
        with pytest.raises(RequestError, match="maximum context length"):
            await endpoints.send(request())

    assert stub.count == 1


async def test_a_wrong_key_stops_at_once(stub: StubServer) -> None:
    stub.api_key = "right"
    async with pool(stub) as endpoints:
        with pytest.raises(Unauthorized, match="refuses the API key"):
            await endpoints.send(request())

    assert stub.count == 1


async def test_many_faults_lose_nothing(stub: StubServer) -> None:
    stub.faults = random_faults(0.3, (429, 500, 503, "reset", "html", "truncated"))
    async with pool(stub, slots=32) as endpoints:
        got = await asyncio.gather(*(endpoints.send(request(i)) for i in range(200)))

    assert [response.key for response in got] == [request(i).key for i in range(200)]
    assert endpoints.in_flight == 0


async def test_slots_bound_what_is_in_flight_and_are_all_used(stub: StubServer) -> None:
    stub.latency = 0.05
    async with pool(stub, slots=7) as endpoints:
        await asyncio.gather(*(endpoints.send(request(i)) for i in range(30)))

    assert stub.peak_in_flight == 7


async def test_more_than_a_hundred_connections_are_no_problem(stub: StubServer) -> None:
    stub.latency = 0.3
    async with pool(stub, slots=300) as endpoints:
        await asyncio.gather(*(endpoints.send(request(i)) for i in range(300)))

    assert stub.peak_in_flight == 300


async def test_two_endpoints_share_the_load(stub: StubServer) -> None:
    with StubServer(latency=0.02) as other:
        stub.latency = 0.02
        async with pool(stub, other, slots=4) as endpoints:
            await asyncio.gather(*(endpoints.send(request(i)) for i in range(40)))

    assert stub.peak_in_flight == other.peak_in_flight == 4
    assert abs(stub.count - other.count) <= 8


async def test_the_death_of_one_endpoint_costs_only_what_was_in_flight_there(
    stub: StubServer,
) -> None:
    with StubServer(latency=0.02) as other:
        stub.latency = 0.02
        async with pool(stub, other, slots=4) as endpoints:
            asked = [asyncio.ensure_future(endpoints.send(request(i))) for i in range(80)]
            await asked[0]
            stub.stop()
            got = await asyncio.gather(*asked)

    assert len(got) == 80
    assert endpoints.faults["connection lost"] <= 4


async def test_a_server_that_restarts_is_waited_for(stub: StubServer) -> None:
    async with pool(stub, retries=3) as endpoints:
        await endpoints.send(request())
        stub.stop()
        waiting = asyncio.ensure_future(endpoints.send(request(1)))
        await asyncio.sleep(0.2)
        stub.start()

        assert (await waiting).text == "Answer: B"


async def test_a_server_that_stays_away_ends_the_run(stub: StubServer) -> None:
    stub.stop()
    async with pool(stub, patience=0.1) as endpoints:
        asked = [endpoints.send(request(i)) for i in range(100)]
        got = await asyncio.gather(*asked, return_exceptions=True)

    assert all(isinstance(error, ServerError) for error in got)
    assert "no endpoint has answered for 0.1 s" in str(got[0])


async def test_a_server_that_has_died_is_not_waited_for(stub: StubServer) -> None:
    """`launch` says so: the run ends at once, and not after the patience of minutes."""
    stub.stop()
    async with pool(stub, died=lambda url: f"out of memory at {url}") as endpoints:
        asked = [endpoints.send(request(i)) for i in range(100)]
        got = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 60)

    assert all(isinstance(error, ServerError) for error in got)
    assert f"the server at {stub.base_url} died: out of memory at {stub.base_url}" in str(got[0])


async def test_one_of_two_servers_that_has_died_ends_nothing(stub: StubServer) -> None:
    gone = "http://127.0.0.1:9/v1"
    made = Pool("stub", [Wire(gone), Wire(stub.base_url)], died=lambda url: "dead" * (url == gone))
    try:
        got = await asyncio.gather(*[made.send(request(i)) for i in range(20)])
    finally:
        await made.close()

    assert {response.text for response in got} == {"Answer: B"}


async def test_a_server_whose_proxy_is_up_before_it_is_waited_for(stub: StubServer) -> None:
    async with pool(stub) as endpoints:
        stub.stop()
        waiting = asyncio.ensure_future(endpoints.send(request()))
        await asyncio.sleep(0.05)
        stub.models_fault = "html"
        stub.start()
        await asyncio.sleep(0.1)
        stub.models_fault = None

        assert (await asyncio.wait_for(waiting, 5)).text == "Answer: B"


async def test_a_wrong_model_is_told_which_ones_there_are(stub: StubServer) -> None:
    stub.models = ["qwen", "llama"]
    async with pool(stub) as endpoints:
        with pytest.raises(UsageError, match="does not serve 'stub'; it serves 'qwen', 'llama'"):
            await endpoints.check()


async def test_an_endpoint_that_is_down_is_found_before_the_first_question() -> None:
    with StubServer() as gone:
        pass
    async with pool(gone) as endpoints:
        with pytest.raises(ServerError, match="no answer from http"):
            await endpoints.check()


async def test_an_endpoint_that_may_be_down_is_asked_once_it_is_back(stub: StubServer) -> None:
    with StubServer() as other:
        async with pool(stub, other, slots=1) as endpoints:
            other.stop()
            with pytest.raises(ServerError, match="no answer from http"):
                await endpoints.check([stub.base_url])
        async with pool(stub, other, slots=1) as endpoints:
            await endpoints.check([other.base_url])
            one = await endpoints.send(request())
            other.start()
            (probe,) = [each.probe for each in endpoints.endpoints if each.probe]
            await asyncio.wait_for(probe, 10)
            stub.latency = other.latency = 0.05
            await asyncio.gather(*(endpoints.send(request(i)) for i in range(4)))

    assert one.text == "Answer: B"
    assert other.count == 2


async def test_the_servers_own_figures_are_read(stub: StubServer) -> None:
    stub.overrides = {"vllm:num_requests_waiting": 5, "vllm:kv_cache_usage_perc": 0.25}
    async with pool(stub) as endpoints:
        reading = await endpoints.metrics()
        stub.metrics = False
        without = await endpoints.metrics()

    assert reading is not None
    assert (reading.waiting, reading.kv_cache_use) == (5, 0.25)
    assert without is None


async def test_a_rate_is_kept_however_many_wait(stub: StubServer) -> None:
    ended = []

    async def send(number: int) -> None:
        await endpoints.send(request(number))
        ended.append(monotonic() - began)

    async with pool(stub, slots=100, rates=Rates(rpm=1800)) as endpoints:
        began = monotonic()
        await asyncio.gather(*map(send, range(70)))

    # Thirty a second: a busy machine can only make it later, and never more.
    assert sum(when < 0.9 for when in ended) <= 30
    assert sum(when < 1.9 for when in ended) <= 60
    assert len(ended) == 70


async def test_a_rate_is_kept_when_a_slow_server_gets_quick(stub: StubServer) -> None:
    stub.latency = 1.5
    async with pool(stub, slots=4, rates=Rates(rpm=300)) as endpoints:
        asked = [asyncio.ensure_future(endpoints.send(request(i))) for i in range(15)]
        await asyncio.sleep(1.0)
        stub.latency = 0.0
        await asyncio.gather(*asked)

    times = [received.received for received in stub.requests]
    assert all(later - sooner > 0.8 for sooner, later in zip(times, times[5:], strict=False))


async def test_what_waits_for_its_rate_takes_no_slot(stub: StubServer) -> None:
    async with pool(stub, slots=4, rates=Rates(rpm=60)) as endpoints:
        asked = [asyncio.ensure_future(endpoints.send(request(i))) for i in range(8)]
        await asked[0]
        await asyncio.sleep(0.1)

        assert (endpoints.in_flight, endpoints.queued) == (0, 7)
        for waiting in asked[1:]:
            waiting.cancel()


async def test_replies_that_come_together_are_all_counted_for_the_rate(stub: StubServer) -> None:
    stub.reply = Reply("Answer: B", prompt_tokens=10, output_tokens=90)
    async with pool(stub, rates=Rates(tpm=180_000)) as endpoints:
        await asyncio.gather(*(endpoints.send(request(i)) for i in range(64)))
        began = monotonic()
        await endpoints.send(request(64))

    assert monotonic() - began > 1.2  # they took 6,400 tokens, and 3,000 pass in a second


async def test_a_rate_of_tokens_is_kept_by_what_the_endpoint_counts(stub: StubServer) -> None:
    stub.reply = Reply("Answer: B", prompt_tokens=50, output_tokens=50)
    async with pool(stub, rates=Rates(tpm=30_000)) as endpoints:
        for i in range(13):
            await endpoints.send(request(i))

    times = [received.received for received in stub.requests]
    assert times[-1] - times[0] > 1.0  # 12 replies of 100 tokens, 500 at once and 500 a second


async def test_a_rate_of_tokens_is_kept_where_the_endpoint_counts_none(stub: StubServer) -> None:
    stub.reply = Reply("word " * 42, prompt_tokens=0, output_tokens=0)  # 210 characters
    async with pool(stub, rates=Rates(tpm=30_000)) as endpoints:
        for i in range(13):
            await endpoints.send(request(i))

    assert endpoints.uncounted == 13
    times = [received.received for received in stub.requests]
    assert times[-1] - times[0] > 0.5  # 12 replies of 70 tokens, 500 at once and 500 a second


async def test_prompts_with_the_same_start_keep_to_one_endpoint(stub: StubServer) -> None:
    with StubServer(latency=0.01) as other:
        stub.latency = 0.01
        async with pool(stub, other, slots=16) as endpoints:
            for start in ("law " * 60, "logic " * 60, "physics " * 60, "music " * 60):
                asked = [asked_with(start, i) for i in range(4)]
                before = (stub.count, other.count)
                await asyncio.gather(*map(endpoints.send, asked[:2]))
                await asyncio.gather(*map(endpoints.send, asked[2:]))
                took = (stub.count - before[0], other.count - before[1])

                assert sorted(took) == [0, 4]


def asked_with(start: str, number: int) -> Request:
    messages = [{"role": "user", "content": f"{start}{number}"}]
    return Request("b", f"{start}{number}", "model", {"model": "stub", "messages": messages})


async def test_endpoints_that_serve_other_context_lengths_are_refused(stub: StubServer) -> None:
    with StubServer(max_model_len=4096) as other:
        async with pool(stub, other) as endpoints:
            with pytest.raises(UsageError, match="different context lengths"):
                await endpoints.check()


async def test_faults_are_counted_by_kind(stub: StubServer) -> None:
    stub.faults = [429, 503, 503, "html", "reset"]
    async with pool(stub) as endpoints:
        await endpoints.send(request())

    assert endpoints.faults == {
        "status 429": 1,
        "status 503": 2,
        "not JSON": 1,
        "idle connection closed by the server": 1,
    }


async def test_a_cancelled_wait_gives_its_turn_to_the_next(stub: StubServer) -> None:
    stub.latency = 0.05
    async with pool(stub, slots=1) as endpoints:
        first, second, third = (asyncio.ensure_future(endpoints.send(request(i))) for i in range(3))
        await asyncio.sleep(0.01)
        second.cancel()

        assert (await first).text == (await third).text == "Answer: B"


def test_retry_after_is_obeyed() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60))

    assert retry_after("7") == 7.0
    assert 55 < (retry_after(later) or 0) <= 60
    assert retry_after("soon") is None
    assert backoff(1, 7.0) >= 7.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("inf", 600.0), ("1e300", 600.0), ("Fri, 31 Dec 9999 23:59:59 GMT", 600.0), ("-5", 0.0)],
)
def test_no_retry_after_stops_a_run(header: str, seconds: float) -> None:
    assert retry_after(header) == seconds
    assert retry_after("nan") is None


def test_backoff_doubles_with_jitter_and_has_a_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures_module, "FIRST_BACKOFF", 0.5)

    for failures, longest in ((1, 0.5), (2, 1.0), (4, 4.0), (40, 30.0)):
        waits = {backoff(failures, None) for _ in range(50)}
        assert longest / 2 <= min(waits) <= max(waits) <= longest
        assert len(waits) > 1


def test_half_a_surrogate_pair_in_a_reply_is_replaced() -> None:
    assert parse(b'{"text": "a\\ud83d b", "other": "\\ud83d\\ude00"}') == {
        "text": "a? b",
        "other": "😀",
    }
    with pytest.raises(Transient, match="not JSON"):
        parse(b'{"text": "a\\ud83d')


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, b'{"error": {"message": "too long"}}', RequestError, "status 400: too long"),
        (404, b'{"detail": "Not Found"}', RequestError, "status 404: Not Found"),
        (429, b"slow down", Transient, "status 429: slow down"),
        (500, b'{"message": "oops"}', Transient, "status 500: oops"),
        (403, b"<html>", Unauthorized, "<html>"),
    ],
)
def test_an_error_keeps_the_servers_words(
    status: int, body: bytes, kind: type[Exception], words: str
) -> None:
    error = failure(status, body, {})

    assert type(error) is kind
    assert words in str(error)
