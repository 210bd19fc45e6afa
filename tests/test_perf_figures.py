"""The figures of a throughput run, by hand-made trips with results known beforehand."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf, log
from typing import Any

import pytest

from evaluator.client.server_metrics import Histogram, parse
from evaluator.perf import notes
from evaluator.perf.compare import against, comparison, pareto, summary
from evaluator.perf.figures import figures, meets
from evaluator.perf.knee import Knee, find_knee
from evaluator.perf.load import Load, Trip
from evaluator.perf.record import over_repeats
from evaluator.perf.schedule import arrivals, turns
from evaluator.statistics.intervals import wilson
from evaluator.statistics.student import t_interval, welch
from evaluator.types import Response


def reply(ttft: float | None, latency: float, tokens: int, prompt_tokens: int = 10) -> Response:
    return Response(
        "k", "x", prompt_tokens=prompt_tokens, output_tokens=tokens, ttft=ttft, latency=latency
    )


def trip(sent: float, response: Response, pieces: Sequence[float] = ()) -> Trip:
    """Pieces at their seconds after the sending."""
    arrivals_ = [sent + piece for piece in pieces]
    return Trip("0", sent, sent, sent + response.latency, response, arrivals_)


# Two slots, four requests of 3 tokens: first token after 1 s, then one a second: 3 s each.
PIECES = (1.0, 2.0, 3.0)
FOUR = [trip(sent, reply(1.0, 3.0, 3), PIECES) for sent in (0.0, 0.0, 3.0, 3.0)]


def test_rates_are_over_the_whole_time_with_the_drain() -> None:
    found = figures(FOUR, 2, {})

    assert found["seconds"] == 6.0
    assert found["requests_per_s"] == pytest.approx(4 / 6)
    assert found["output_tokens_per_s"] == pytest.approx(2.0)
    assert found["input_tokens_per_s"] == pytest.approx(40 / 6)
    assert found["total_tokens_per_s"] == pytest.approx(52 / 6)


def test_times_are_by_vllms_formulas() -> None:
    found = figures(FOUR, 2, {})

    assert found["ttft"]["p50"] == 1.0
    assert found["tpot"]["p50"] == 1.0  # (3 - 1) / (3 - 1)
    assert found["itl"]["mean"] == 1.0
    assert found["latency"]["p99"] == 3.0
    assert found["delay"]["p99"] == 0.0


def test_itl_pools_all_gaps_and_tpot_is_per_reply() -> None:
    uneven = trip(0.0, reply(1.0, 5.0, 3), (1.0, 4.0, 5.0))
    single = trip(0.0, reply(2.0, 2.0, 1), (2.0,))
    found = figures([uneven, single], 2, {})

    assert found["itl"] == {"mean": 2.0, "p50": 2.0, "p90": 2.8, "p95": 2.9, "p99": 2.98}
    assert found["tpot"]["mean"] == 2.0  # the reply of one token has none
    assert found["ttft"]["mean"] == 1.5


def test_the_steady_state_ends_with_the_last_request_sent_and_the_drain_is_apart() -> None:
    found = figures(FOUR, 2, {})

    assert found["steady"] == {
        "seconds": 3.0,
        "requests_per_s": pytest.approx(2 / 3),
        "output_tokens_per_s": pytest.approx(2.0),
    }
    assert found["drain"] == {"seconds": 3.0, "requests": 2}


def test_a_reply_counts_in_the_steady_state_for_what_was_made_until_its_end() -> None:
    long = trip(0.0, reply(1.0, 4.0, 8), (1.0, 2.0, 3.0, 4.0))  # two tokens a piece
    short = [trip(sent, reply(1.0, 1.0, 1), (1.0,)) for sent in (0.0, 1.0, 2.0)]
    steady = figures([long, *short], 2, {})["steady"]

    assert steady == {"seconds": 2.0, "requests_per_s": 1.0, "output_tokens_per_s": 3.0}


def test_there_is_no_steady_state_when_all_is_sent_at_once() -> None:
    assert figures([FOUR[0], FOUR[1]], 2, {})["steady"] is None


def test_without_usage_tokens_are_not_guessed() -> None:
    silent = trip(0.0, reply(1.0, 3.0, 0, prompt_tokens=0), PIECES)
    found = figures([silent], 1, {})

    assert found["output_tokens_per_s"] is None
    assert found["tpot"] == found["output_tokens"] == {}
    assert found["ttft"]["p50"] == found["itl"]["p50"] == 1.0
    assert figures([silent], 1, {"tpot": 0.001})["good_share"] is None
    assert figures([silent], 1, {"ttft": 1.0})["good_share"] == 1.0


def test_a_failed_request_counts_and_has_no_times() -> None:
    failed = Trip("1", 0.0, 0.0, 0.5, error="status 500: no")
    found = figures([FOUR[0], failed], 2, {"latency": 9.0})

    assert (found["requests"], found["completed"], found["failed"]) == (2, 1, 1)
    assert found["errors"] == {"status 500: no": 1}
    assert found["good_share"] == 0.5
    assert found["goodput_per_s"] == pytest.approx(1 / 3)


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


@pytest.mark.parametrize("burstiness", [0.5, 1.0, 4.0, inf])
def test_a_schedule_rises_to_the_time_that_its_rate_gives(burstiness: float) -> None:
    times = arrivals(200, 4.0, burstiness, seed=1)

    assert times == sorted(times)
    assert times[-1] == pytest.approx(50.0)
    assert times == arrivals(200, 4.0, burstiness, seed=1)


def test_burstiness_is_the_shape_of_the_gaps() -> None:
    def variation(burstiness: float) -> float:
        times = [0.0, *arrivals(4000, 4.0, burstiness, seed=2)]
        gaps = [b - a for a, b in pairwise(times)]
        mean = sum(gaps) / len(gaps)
        return float(sum((gap - mean) ** 2 for gap in gaps) / len(gaps) / mean**2)

    assert variation(1.0) == pytest.approx(1.0, rel=0.1)  # Poisson
    assert variation(4.0) == pytest.approx(0.25, rel=0.1)
    assert variation(0.25) == pytest.approx(4.0, rel=0.2)
    assert variation(inf) == pytest.approx(0.0, abs=1e-9)


def test_an_infinite_rate_sends_all_at_once() -> None:
    assert arrivals(3, inf, 1.0, seed=0) == [0.0, 0.0, 0.0]


def test_arms_take_turns_in_alternating_order() -> None:
    assert list(turns("AB", 3)) == [("A", 1), ("B", 1), ("B", 2), ("A", 2), ("A", 3), ("B", 3)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("limit", "most", "expected"),
    [
        (0, 1024, Knee(None, 1)),
        (1, 1024, Knee(1, 2)),
        (11, 1024, Knee(11, 12)),
        (200, 1024, Knee(200, 208)),
        (1000, 8, Knee(8, None)),
    ],
)
async def test_the_knee_is_found_by_bisection(limit: int, most: int, expected: Knee) -> None:
    asked = []

    async def meets_slo(concurrency: int) -> bool:
        asked.append(concurrency)
        return concurrency <= limit

    assert await find_knee(meets_slo, most) == expected
    assert len(asked) == len(set(asked)) < 16


def test_t_intervals() -> None:
    low, high = t_interval([1.0, 2.0, 3.0]) or (0, 0)

    assert (low, high) == pytest.approx((2 - 2.4841, 2 + 2.4841), abs=1e-3)  # 4.3027 / sqrt(3)
    assert t_interval([1.0]) is None
    # Welch: difference 3, error^2 1/3 + 1/3, 4 degrees of freedom: 2.7764 * 0.8165
    assert welch([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]) == pytest.approx((0.7330, 5.2670), abs=1e-3)
    assert welch([1.0], [2.0, 3.0]) is None


def point(arm: str, repeat: int, rate: float, tokens: float = 100.0) -> dict[str, Any]:
    return {
        "arm": arm,
        "load": "8 at once",
        "concurrency": 8,
        "repeat": repeat,
        "completed": 48,
        "output_tokens_per_s": rate,
        "prompt_tokens": {"mean": 256.0, "min": 256.0, "max": 256.0},
        "output_tokens": {"mean": tokens, "min": tokens, "max": tokens},
    }


def goodputs(**values: Sequence[float]) -> list[dict[str, Any]]:
    """Points of these arms, a value a repeat."""
    return [
        point(arm, repeat, 100.0) | {"goodput_per_s": value}
        for arm, of in values.items()
        for repeat, value in enumerate(of, 1)
    ]


RATES = {"A": (100.0, 110.0, 105.0), "B": (120.0, 132.0, 126.0)}
POINTS = [point(arm, i + 1, rate) for arm, rates in RATES.items() for i, rate in enumerate(rates)]


def test_a_ratio_is_taken_within_each_repeat() -> None:
    (row,) = comparison(POINTS, "A")

    assert row["figure"] == "output tokens/s"
    assert row["ratio"] == pytest.approx(1.2)
    assert row["ci95"] == pytest.approx((1.2, 1.2))  # the drift of both arms cancels
    assert row["verdict"] == "better"


def test_a_summary_is_the_mean_with_its_interval() -> None:
    of_a = summary(POINTS)[0]

    assert (of_a["arm"], of_a["repeats"]) == ("A", 3)
    assert of_a["figures"]["output tokens/s"]["mean"] == 105.0
    assert of_a["figures"]["output tokens/s"]["ci95"] == t_interval(RATES["A"])


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([POINTS[0], POINTS[3]], "one repeat: cannot tell"),
        ([point("A", 1, 1.0), point("A", 2, 2.0), point("B", 1, 2.0), point("B", 2, 1.0)], "no "),
        ([point("A", 1, 1.0), point("B", 1, 2.0, tokens=90.0)], "not comparable: replies of 90"),
    ],
)
def test_a_verdict_is_only_as_strong_as_its_grounds(
    points: list[dict[str, Any]], words: str
) -> None:
    (row,) = comparison(points, "A")

    assert row["verdict"].startswith(words)


def test_a_goodput_of_0_is_neither_left_out_nor_a_ratio() -> None:
    """Repeats picked by their outcome would call a server that failed twice as good as another."""
    rows = comparison(goodputs(A=(9.0, 10.0, 11.0), B=(0.0, 9.8, 0.0)), "A")
    (row,) = [row for row in rows if row["figure"] == "goodput/s"]

    assert (row["ratio"], row["ci95"], row["verdict"]) == (None, None, "0 in 2 of 3 of B")


def test_lengths_may_differ_by_chance_where_one_side_was_asked_more() -> None:
    lengths = {"mean": 15.0, "min": 1, "max": 30}
    base = point("A", 1, 1.0) | {"output_tokens": lengths}
    other = point("B", 1, 2.0) | {"output_tokens": lengths | {"mean": 14.0}}
    same = comparison([base, other], "A")
    fewer = comparison([base, other | {"completed": 40}], "A")

    assert same[0]["verdict"] == "not comparable: replies of 14 and 15 tokens"
    assert fewer[0]["verdict"] == "one repeat: cannot tell"


def test_an_earlier_run_is_compared_without_pairing() -> None:
    (row,) = against(POINTS[3:], POINTS[:3], "before")

    assert (row["base"], row["other"]) == ("A in before", "B")
    assert row["ratio"] == pytest.approx(1.2)
    spread = welch(list(map(log, RATES["B"])), list(map(log, RATES["A"])))
    assert spread
    assert list(map(log, row["ci95"])) == pytest.approx(list(spread))


def test_what_has_no_rate_is_not_on_the_front() -> None:
    assert pareto([(0.5, 10.0), (0.9, None)]) == [True, False]


def test_a_client_at_a_whole_core_is_the_bottleneck_however_short_the_point() -> None:
    of_point = {
        **figures(FOUR, 2, {}),
        "cache": "warm",
        "rate": None,
        "server": None,
        "client": {"cpu": 0.99, "lag": 0.0, "bound_share": 0.0},
    }
    (found,) = notes.of_point(of_point, {"kind": "file"})

    assert found == (
        "the client was the bottleneck (99% of a core, 0 ms behind at worst): "
        "the figures are its own",
        True,
    )


def test_the_score_of_repeats_is_as_sure_as_its_questions() -> None:
    found = over_repeats([{"value": value, "samples": 40} for value in (1.0, 1.0, 0.25)])

    assert found == {"accuracy": 0.75, "ci95": wilson(30, 40), "samples": 40}


def test_the_pareto_front() -> None:
    assert pareto([(0.5, 10.0), (0.6, 9.0), (0.5, 9.0), (0.6, 9.0), (0.4, 11.0)]) == [
        *(True, True, False, True, True)
    ]


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


@pytest.mark.parametrize(
    ("load", "label", "requests"),
    [
        (Load(8), "8 at once", 64),
        (Load(1), "1 at once", 20),
        (Load(rate=2.5), "2.5/s", 75),
        (Load(rate=20.00001, burstiness=0.5), "20.00001/s, burstiness 0.5", 600),
        (Load(rate=inf), "all at once", 100),
    ],
)
def test_a_load_names_itself_and_its_usual_length(load: Load, label: str, requests: int) -> None:
    assert (load.label, load.usual_requests) == (label, requests)
