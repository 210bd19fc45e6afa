import asyncio
import time
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.server_metrics import parse
from evaluator.client.wire import Wire
from evaluator.dashboard.background import background
from evaluator.dashboard.lines import clock, plain_line
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import Screen, dashboard
from evaluator.dashboard.screen import drawn as how
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.types import Outcome, Request, Response, Score
from tests.stub import Reply, StubServer

PAGE = """
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting{engine="0",model_name="m"} 7.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.5
vllm:prefix_cache_queries_total{engine="0",model_name="m"} %d
vllm:prefix_cache_hits_total{engine="0",model_name="m"} %d
vllm:prompt_tokens_by_source_total{engine="0",model_name="m"} 99.0
"""


def meter_after_four_samples() -> Meter:
    meter = Meter({"arc": 10, "gsm8k": 2}, {})
    meter(Response("k", "Answer: A", output_tokens=50))
    for status in ("scored", "scored", "unparsed", "truncated"):
        score = Score(float(status == "scored"), "A" if status == "scored" else None)
        meter(Outcome("arc", "1", "", status, score))  # type: ignore[arg-type]
    meter(Outcome("gsm8k", "1", "", "error", None, "status 400"))
    return meter


def drawn(meter: Meter, width: int = 110) -> list[str]:
    console = Console(width=width, file=StringIO())
    console.print(Screen(meter))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


def test_the_table_shows_progress_score_interval_and_what_went_wrong() -> None:
    rows = [line.split() for line in drawn(meter_after_four_samples())]

    shown = [" ".join([row[0], *row[2:]]) for row in rows[1:3]]
    assert shown == ["arc 4/10 50.0% 15.0% - 85.0% 1 1 0", "gsm8k 1/2 - - 0 0 1"]


def test_on_a_narrow_screen_the_bar_gives_way() -> None:
    meter = Meter({"chinese_simpleqa": 1000, "gaokao": 1657}, {})
    for number in range(250):
        score = Score(float(number % 2), "A")
        meter(Outcome("chinese_simpleqa", str(number), "", "scored", score))

    head, *rows = drawn(meter, width=80)[:3]
    assert "95 % interval" in head and "truncated" in head
    assert [row.split()[0] for row in rows] == ["chinese_simpleqa", "gaokao"]
    assert "250/1000" in rows[0] and "43.8% - 56.2%" in rows[0]


def test_no_line_is_wider_than_80_columns() -> None:
    meter = meter_after_four_samples()
    meter.started -= 35_999
    meter.responses, meter.output_tokens = 10**8, 10**10
    meter.metrics.see(parse(PAGE % (1000, 1000)))
    lines = drawn(meter, width=80)

    assert len(lines) == 1 + 2 + 3  # heads, benchmarks; in flight, time, server
    assert "elapsed" in lines[-2] and "left" in lines[-2]


@pytest.mark.parametrize("mode", ["auto", "live"])
def test_a_dumb_terminal_gets_plain_lines(mode: Any) -> None:
    dumb = Console(file=StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    able = Console(file=StringIO(), force_terminal=True, _environ={"TERM": "xterm"})

    assert (how(mode, dumb), how(mode, able)) == ("plain", "live")
    assert how("none", dumb) == "none"


def test_the_servers_own_state_is_shown_with_hits_since_the_start() -> None:
    meter = meter_after_four_samples()
    meter.metrics.see(parse(PAGE % (1000, 900)))
    meter.metrics.see(parse(PAGE % (2000, 1150)))

    assert "server: 5 running, 7 waiting · KV cache 50% · prefix hits 25%" in drawn(meter)[-1]


@pytest.mark.anyio
async def test_without_metrics_the_replies_tell_of_the_prefix_cache(stub: StubServer) -> None:
    stub.metrics = False
    pool = Pool("stub", [Wire(stub.base_url)])
    meter = Meter({"arc": 2}, {"model": pool})
    before = plain_line(meter)
    for cached in (None, 4, 8):
        stub.reply = Reply("hello", prompt_tokens=16, cached_tokens=cached)
        await pool.send(Request("arc", str(cached), "model", {"model": "stub"}))
    await pool.close()

    assert "prefix hits" not in before
    assert "server: prefix hits 38%" in plain_line(meter)


def test_a_page_that_is_not_vllms_has_no_figures() -> None:
    assert parse("python_gc_objects_collected_total 5\n") is None
    assert parse("") is None


@pytest.mark.parametrize("value", ["", "many", "NaN", "1e999"])
def test_a_page_that_is_unreadable_has_no_figures(value: str) -> None:
    assert parse(f'vllm:num_requests_running{{engine="0"}} {value}\n') is None
    assert parse(f"vllm:num_requests_running{{engine= {value}\n") is None


def test_a_log_gets_the_same_numbers_in_a_line() -> None:
    line = plain_line(meter_after_four_samples())

    assert line.startswith("arc 4/10 50.0% | gsm8k 1/2 (1 error) | 0 of 0 in flight")
    assert "0:00 elapsed, 0:00 left" in line


def test_requests_in_flight_above_a_limit_that_fell_are_not_some_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for in_flight, said in ((57, "57 in flight, to become 23"), (12, "12 of 23 in flight")):
        monkeypatch.setattr(Meter, "in_flight", in_flight)
        monkeypatch.setattr(Meter, "slots", 23)

        assert said in plain_line(Meter({"arc": 10}, {}))


def test_a_rate_of_tokens_that_nobody_counts_is_not_shown_as_0() -> None:
    counted, uncounted = (Meter({"arc": 10}, {}) for _ in range(2))
    counted(Response("k", "Answer: A", prompt_tokens=9, output_tokens=50))
    uncounted(Response("k", "Answer: A"))

    assert " tokens/s" in plain_line(counted)
    assert "requests/s · the server does not count tokens · 0 retries" in plain_line(uncounted)


def test_the_last_reason_for_a_retry_is_shown() -> None:
    meter = meter_after_four_samples()
    assert "retry" not in plain_line(meter)
    pool = Pool("m", [])
    pool.last_fault = f"status 500:\nthe model is {'x' * 200}"
    meter.pools = {"model": pool}

    assert " | last retry: status 500: the model is xxx" in plain_line(meter)
    assert any(line.startswith("last retry: status 500") for line in drawn(meter))


def test_a_client_that_holds_things_up_says_so() -> None:
    meter = meter_after_four_samples()
    assert "bottleneck" not in plain_line(meter)

    meter.check.cpu, meter.check.lag = 0.99, 0.12

    assert "the client is the bottleneck: 99% of a core, 120 ms behind" in plain_line(meter)
    assert "the client is the bottleneck" in drawn(meter)[-1]


@pytest.mark.anyio
async def test_the_check_sees_a_blocked_loop() -> None:
    check = SelfCheck()
    async with background(check.watch()):
        await asyncio.sleep(0.7)
        calm = check.bound
        for _ in range(60):
            if check.bound_slices:
                break
            time.sleep(0.15)  # noqa: ASYNC251  what must never happen
            await asyncio.sleep(0)

    assert not calm
    assert check.bound_slices >= 1


def test_clock() -> None:
    assert [clock(s) for s in (5, 65.9, 3723)] == ["0:05", "1:05", "1:02:03"]


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["live", "plain", "none", "auto"])
async def test_every_mode_runs_and_only_none_is_silent(stub: StubServer, mode: str) -> None:
    console = Console(file=StringIO(), force_terminal=mode == "live", width=100)
    pool = Pool("stub", [Wire(stub.base_url)])
    meter = Meter({"arc": 1}, {"model": pool})
    async with dashboard(meter, mode, console):  # type: ignore[arg-type]
        meter(Outcome("arc", "1", "", "scored", Score(1.0, "A")))
        await asyncio.sleep(0.6)
    await pool.close()

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("1/1" in shown) == (mode != "none")
