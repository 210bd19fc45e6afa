"""The figures of a throughput run, by hand-made requests with results known beforehand."""

from dataclasses import replace
from math import inf

import pytest

from evaluator.client.server_metrics import Histogram, parse
from evaluator.perf.load.generator import TimedRequest
from evaluator.perf.report.figures import meets
from evaluator.perf.report.warnings import PerfWarning, of_point
from evaluator.results.figures import Spread, Unmeasured
from evaluator.results.perf import RowsWorkload
from evaluator.results.perf_point import Drain, Steady

from .points import FOUR, IDLE, PIECES, figures, reply, timed

WORKLOAD = RowsWorkload(
    kind="file",
    name="w.json",
    rows=4,
    digest="",
    seed=0,
    requests=None,
    seconds=None,
    warmup=None,
    warm_cache=True,
    fingerprint="",
)


def test_rates_are_over_the_whole_time_with_the_drain() -> None:
    found = figures(FOUR, 2)

    assert found.seconds == 6.0
    assert found.requests_per_s == pytest.approx(4 / 6)
    assert found.output_tokens_per_s == pytest.approx(2.0)
    assert found.input_tokens_per_s == pytest.approx(40 / 6)
    assert found.total_tokens_per_s == pytest.approx(52 / 6)


def test_times_are_by_vllms_formulas() -> None:
    found = figures(FOUR, 2)

    assert found.ttft.p50 == 1.0
    assert found.tpot.p50 == 1.0  # (3 - 1) / (3 - 1)
    assert found.itl.mean == 1.0
    assert found.latency.p99 == 3.0
    assert found.delay.p99 == 0.0


def test_itl_pools_all_gaps_and_tpot_is_per_reply() -> None:
    uneven = timed(0.0, reply(1.0, 5.0, 3), (1.0, 4.0, 5.0))
    single = timed(0.0, reply(2.0, 2.0, 1), (2.0,))
    found = figures([uneven, single], 2)

    assert found.itl == Spread(mean=2.0, p50=2.0, p90=2.8, p95=2.9, p99=2.98)
    assert found.tpot.mean == 2.0  # the reply of one token has none
    assert found.ttft.mean == 1.5


def test_the_steady_state_ends_with_the_last_request_sent_and_the_drain_is_apart() -> None:
    found = figures(FOUR, 2)

    assert found.steady == Steady(
        seconds=3.0,
        requests_per_s=pytest.approx(2 / 3),
        output_tokens_per_s=pytest.approx(2.0),
    )
    assert found.drain == Drain(seconds=3.0, requests=2)


def test_a_reply_counts_in_the_steady_state_for_what_was_made_until_its_end() -> None:
    long = timed(0.0, reply(1.0, 4.0, 8), (1.0, 2.0, 3.0, 4.0))  # two tokens a piece
    short = [timed(sent, reply(1.0, 1.0, 1), (1.0,)) for sent in (0.0, 1.0, 2.0)]
    steady = figures([long, *short], 2).steady

    assert steady == Steady(seconds=2.0, requests_per_s=1.0, output_tokens_per_s=3.0)


def test_there_is_no_steady_state_when_all_is_sent_at_once() -> None:
    assert figures([FOUR[0], FOUR[1]], 2).steady is None


def test_without_usage_tokens_are_not_guessed() -> None:
    silent = timed(0.0, reply(1.0, 3.0, 0, prompt_tokens=0), PIECES)
    found = figures([silent], 1)

    assert found.output_tokens_per_s is None
    assert found.tpot == found.output_tokens == Unmeasured()
    assert found.ttft.p50 == found.itl.p50 == 1.0
    assert figures([silent], 1, {"tpot": 0.001}).good_share is None
    assert figures([silent], 1, {"ttft": 1.0}).good_share == 1.0


def test_a_failed_request_counts_and_has_no_times() -> None:
    failed = TimedRequest("1", 0.0, 0.0, 0.5, error="status 500: no")
    found = figures([FOUR[0], failed], 2, {"latency": 9.0})

    assert (found.requests, found.completed, found.failed) == (2, 1, 1)
    assert found.errors == {"status 500: no": 1}
    assert found.good_share == 0.5
    assert found.goodput_per_s == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("slo", "kept"),
    [
        ({"ttft": 1.0}, True),
        ({"ttft": 0.9}, False),
        ({"ttft": 1.0, "tpot": 0.9}, False),
        ({"tpot": 1.0, "latency": 3.0}, True),
        ({"latency": 2.9}, False),
    ],
)
def test_goodput_wants_every_bound_kept(slo: dict[str, float], kept: bool) -> None:
    assert meets(reply(1.0, 3.0, 3), slo) is kept


def test_a_reply_of_one_token_keeps_any_tpot() -> None:
    assert meets(reply(1.0, 1.0, 1), {"tpot": 0.001})


def test_a_client_at_a_whole_core_is_the_bottleneck_however_short_the_point() -> None:
    of_point_ = figures(FOUR, 2, client=replace(IDLE, cpu=0.99))
    (found,) = of_point(of_point_, WORKLOAD)

    assert found == PerfWarning(
        "the client was the bottleneck (99% of a core, 0 ms behind at worst): "
        "the figures are its own",
        spoils=True,
    )


def test_replies_that_come_in_one_piece_are_said_to() -> None:
    whole, streamed = timed(0.0, reply(3.0, 3.0, 3), (3.0, 3.0)), FOUR[0]
    (found,) = of_point(figures([whole, whole, streamed], 3), WORKLOAD)

    assert found.text.startswith("most replies came in one piece")
    assert not list(of_point(figures([whole, streamed, streamed], 3), WORKLOAD))
    one_token = timed(0.0, reply(3.0, 3.0, 1), (3.0,))
    assert not list(of_point(figures([one_token], 1), WORKLOAD))


def test_the_servers_own_histogram_over_a_stretch_of_time() -> None:
    before = Histogram({0.1: 1.0, 0.2: 1.0, inf: 1.0}, 0.05)
    after = Histogram({0.1: 3.0, 0.2: 5.0, inf: 5.0}, 0.65)
    between = after.since(before)

    assert (between.count, between.mean) == (4.0, pytest.approx(0.15))
    assert between.quantile(0.25) == pytest.approx(0.05)
    assert between.quantile(0.5) == pytest.approx(0.1)
    assert between.quantile(0.75) == pytest.approx(0.15)
    assert after.since(after).quantile(0.5) is None


def test_the_histogram_is_read_from_the_metrics_page() -> None:
    lines = [
        'vllm:num_requests_running{engine="0"} 0.0',
        *(
            f'vllm:time_to_first_token_seconds_bucket{{engine="{engine}",le="{le}"}} {count}'
            for engine in (0, 1)
            for le, count in (("0.5", 1.0), ("+Inf", 2.0))
        ),
        'vllm:time_to_first_token_seconds_sum{engine="0"} 1.5',
        'vllm:time_to_first_token_seconds_sum{engine="1"} 1.5',
    ]
    reading = parse("\n".join(lines))

    assert reading
    assert reading.ttft == Histogram({0.5: 2.0, inf: 4.0}, 3.0)
