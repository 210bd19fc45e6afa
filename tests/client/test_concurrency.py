import asyncio
from pathlib import Path

import pytest

from evaluator.client import concurrency, failures
from evaluator.client.concurrency import ConcurrencyController, Counts, Observation, observe, steer
from evaluator.client.pool import Pool
from evaluator.client.server_metrics import ServerMetrics
from evaluator.client.transport import NoEndpoint
from evaluator.client.wire import Wire
from evaluator.dashboard.background import background
from evaluator.types import Request
from tests.stub import Fault, StubServer


def busy(limit: int, tokens: float, **others: float) -> Observation:
    return Observation(limit, int(tokens), tokens, running=limit, **others)  # type: ignore[arg-type]


def steered(steering: ConcurrencyController, throughput, steps: int = 60) -> list[int]:  # type: ignore[no-untyped-def]
    limits = []
    for _ in range(steps):
        limits.append(steering.step(busy(steering.limit, throughput(steering.limit))))
    return limits


def test_the_limit_grows_while_throughput_does_and_settles_at_the_knee() -> None:
    limits = steered(ConcurrencyController(), lambda limit: 10.0 * min(limit, 300))

    assert limits[0] == 64
    assert max(limits) == 1024
    assert limits[-1] == limits[-20] == 512


def test_a_server_that_is_still_busy_with_its_first_prompts_is_waited_for() -> None:
    steering = ConcurrencyController()
    silent = [steering.step(Observation(64, running=64)) for _ in range(30)]

    assert set(silent) == {64}
    assert steering.knee is None
    assert max(steered(steering, lambda limit: 10.0 * min(limit, 300))) == 1024


def test_a_client_that_never_fills_its_slots_is_left_alone() -> None:
    steering = ConcurrencyController()

    assert {steering.step(Observation(10, 5, 50.0, running=10)) for _ in range(20)} == {64}
    assert steering.knee is None


def test_a_queue_at_the_server_sets_the_limit_to_what_it_runs_and_a_little_more() -> None:
    steering = ConcurrencyController(limit=512)
    steering.step(Observation(512, 100, 1000.0, running=256, waiting=256))

    assert steering.limit == steering.knee == 282
    assert "queues" in steering.reason


def test_a_short_queue_is_welcome() -> None:
    steering = ConcurrencyController(limit=270, knee=270)

    assert steering.step(Observation(270, 100, 1000.0, running=256, waiting=14)) == 270


@pytest.mark.parametrize("trouble", [{"preempted": 3}, {"kv_cache_use": 0.97}])
def test_a_full_cache_shrinks_the_limit(trouble: dict[str, float]) -> None:
    steering = ConcurrencyController(limit=200)

    assert steering.step(busy(200, 1000.0, **trouble)) == 180


def test_a_restarted_server_has_no_full_cache() -> None:
    pool = Pool("stub", [NoEndpoint(Path())])
    before = Counts(10, 100, 5.0, ServerMetrics(preemptions=7, output_tokens=1000))
    now = Counts(20, 200, 9.0, ServerMetrics(running=64, preemptions=0, output_tokens=50))
    reading = observe(pool, before, now)

    assert (reading.preempted, reading.tokens) == (0, 0.0)
    assert ConcurrencyController(limit=200).step(reading) == 200


def test_refusals_shrink_the_limit_again_and_again() -> None:
    steering = ConcurrencyController(limit=100)

    assert [steering.step(Observation(100, refused=5)) for _ in range(3)] == [70, 49, 34]


def test_lost_connections_that_repeat_shrink_the_limit() -> None:
    steering = ConcurrencyController(limit=100)
    limits = [steering.step(Observation(100, replies=3, lost=lost)) for lost in (1, 1, 9, 1, 1)]

    assert limits == [100, 70, 49, 49, 34]
    assert steering.reason == "connections were lost"


def test_a_connection_that_is_lost_now_and_then_changes_nothing() -> None:
    steering = ConcurrencyController(limit=100, knee=100)
    lost = [steering.step(busy(100, 50.0, lost=second % 10 == 0)) for second in range(60)]

    assert set(lost) == {100}


@pytest.mark.anyio
async def test_a_server_that_takes_one_at_a_time_is_left_with_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "EVERY", 0.05)
    monkeypatch.setattr(failures, "FIRST_BACKOFF", 0.02)
    with StubServer(latency=0.02, metrics=False, record=False) as stub:
        stub.faults = lambda index, body: Fault("reset") if stub.in_flight > 1 else None
        pool = Pool("stub", [Wire(stub.base_url)], slots=8, most_slots=64, retries=200)

        async def ask(number: int) -> None:
            await pool.send(Request("b", str(number), "model", {"model": "stub"}))

        steering = ConcurrencyController(limit=8)
        async with background(steer(pool, steering)):
            await asyncio.gather(*map(ask, range(40)))
        await pool.close()

    assert steering.reason == "connections were lost"
    assert pool.slots < 8


def test_after_a_refusal_the_limit_feels_its_way_up_in_small_steps() -> None:
    steering = ConcurrencyController(limit=100)
    steering.step(Observation(100, refused=5))

    limits = [steering.step(Observation(steering.limit, steering.limit)) for _ in range(8)]
    assert limits == [70, 70, 70, 73, 73, 76, 76, 79]  # a second to fill up, a second to tell
    assert steering.step(Observation(10)) == 79  # nothing to learn from slots that are not used


@pytest.mark.anyio
async def test_a_server_with_room_for_so_many_is_kept_full_and_not_flooded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "EVERY", 0.1)
    with StubServer(capacity=100, latency=0.05, record=False) as stub:
        pool = Pool("stub", [Wire(stub.base_url)], slots=64, most_slots=1024)

        async def watch() -> None:
            while True:
                pool.server = await pool.metrics()
                await asyncio.sleep(0.05)

        async def ask(number: int) -> None:
            await pool.send(Request("b", str(number), "model", {"model": "stub"}))

        steering = ConcurrencyController()
        async with background(watch(), steer(pool, steering)):
            await asyncio.gather(*map(ask, range(3000)))
        await pool.close()

    assert 80 <= pool.slots <= 140
    assert steering.knee is not None


def test_without_the_servers_figures_a_trial_waits_for_whole_replies() -> None:
    steering = ConcurrencyController()
    limits = [steering.step(Observation(64, replies=10, tokens=100.0)) for _ in range(9)]

    assert limits[:7] == [64] * 7  # 64 replies take seven seconds, after one to fill up
    assert limits[-1] == 128


def test_a_limit_never_leaves_its_bounds() -> None:
    steering = ConcurrencyController(most=100)
    steered(steering, lambda limit: 10.0 * limit)
    assert steering.limit == 100

    for _ in range(50):
        steering.step(Observation(1, refused=9))
    assert steering.limit == 1


class Blind:
    """A server that shows nothing of itself: `room` at once, the others wait their turn."""

    def __init__(self, room: int, seconds: float) -> None:
        self.room, self.seconds = room, seconds

    def __call__(self, limit: int) -> Observation:
        latency = self.seconds * max(1.0, limit / self.room)
        replies = int(limit / latency)
        return Observation(limit, replies, 100.0 * replies * self.seconds, replies * latency)


def followed(steering: ConcurrencyController, server: Blind, steps: int = 400) -> list[int]:
    return [steering.step(server(steering.limit)) for _ in range(steps)][steps // 2 :]


def test_without_the_servers_figures_latency_bounds_what_is_in_flight() -> None:
    limits = followed(ConcurrencyController(), Blind(room=300, seconds=2.0))

    assert min(limits) >= 300
    assert max(limits) <= 3 * 300


def test_a_server_that_has_less_room_than_before_is_noticed_by_its_latency() -> None:
    steering, server = ConcurrencyController(), Blind(room=300, seconds=2.0)
    followed(steering, server)
    server.room = 100

    assert max(followed(steering, server, 2000)) <= 4 * 100
    assert "latency" in steering.reason


def test_longer_replies_are_not_mistaken_for_a_queue() -> None:
    steering, server = ConcurrencyController(), Blind(room=300, seconds=2.0)
    followed(steering, server)
    server.seconds = 8.0

    assert min(followed(steering, server, 2000)) >= 0.9 * 300
