"""When requests are sent, in which order servers take turns, and the search for the knee."""

from itertools import pairwise
from math import inf

import pytest

from evaluator.perf.knee_search import Bracket, find_knee
from evaluator.perf.load.generator import Load
from evaluator.perf.load.schedule import arrivals, interleaved


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
    assert list(interleaved("AB", 3)) == [
        ("A", 1),
        ("B", 1),
        ("B", 2),
        ("A", 2),
        ("A", 3),
        ("B", 3),
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("limit", "most", "expected"),
    [
        (0, 1024, Bracket(None, 1)),
        (1, 1024, Bracket(1, 2)),
        (11, 1024, Bracket(11, 12)),
        (200, 1024, Bracket(200, 208)),
        (1000, 8, Bracket(8, None)),
    ],
)
async def test_the_knee_is_found_by_bisection(limit: int, most: int, expected: Bracket) -> None:
    asked = []

    async def meets_slo(concurrency: int) -> bool:
        asked.append(concurrency)
        return concurrency <= limit

    assert await find_knee(meets_slo, most) == expected
    assert len(asked) == len(set(asked)) < 16


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
