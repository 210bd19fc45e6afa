"""The line that a person watches while a sweep runs."""

from typing import NamedTuple

from evaluator.perf.load.generator import TrafficCounts
from evaluator.perf.progress import SweepProgress


class Shown(NamedTuple):
    """What is sent, as it stands."""

    counts: TrafficCounts
    bound: bool = False


def test_progress_says_where_a_run_is() -> None:
    progress = SweepProgress(points=4)
    first = progress.line()
    progress.begin("A, 8 at once, repeat 1", Shown(TrafficCounts(done=32)), 64)
    progress.done = 2
    progress.started -= 50.0

    assert first.startswith("point 1 of 4: starting · 0:00 elapsed")
    line = progress.line()
    assert "point 3 of 4: A, 8 at once, repeat 1 · 32 of 64 done, 0 in flight" in line
    assert line.endswith("0:50 elapsed · about 0:30 left")


def test_progress_has_no_rate_of_tokens_that_nobody_counts() -> None:
    progress = SweepProgress(points=1)
    progress.begin("A, 1 at once, repeat 1", Shown(TrafficCounts(uncounted=1)), 4)

    assert "0 in flight · the server does not count tokens · " in progress.line()


def test_progress_of_a_search_promises_no_end() -> None:
    progress = SweepProgress(points=None, done=2)

    assert progress.line().startswith("point 3: starting · 0:00 elapsed")
    assert "left" not in progress.line()
