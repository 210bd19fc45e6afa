"""C-Eval from a hub that takes 200 ms a request, from the start of the process to its end."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.hub import Hub, made
from tests.hub.layouts import HUB, repositories

from .runs import EVALUATOR, finished
from .table import Row, Target

LATENCY = 0.2
DATASET = "ceval/ceval-exam"
WORDS = ("run", "ceval", "--data", "hub", "--dry-run", "--model", "m", "--base-url", "http://x/v1")


def measure(folder: Path) -> Iterator[Row]:
    """All 52 subjects in two splits, fetched; then once more, from the hub's cache."""
    layout = {DATASET: HUB[DATASET]}
    with Hub(repositories(made.mirror(folder / "mirror"), layout), latency=LATENCY) as hub:
        os.environ["HF_ENDPOINT"], os.environ["HF_HUB_CACHE"] = hub.url, str(folder / "cache")
        for what, bound in (("C-Eval from a hub", 8.0), ("again, from its cache", 2.0)):
            hub.requests.clear()
            ended = finished([EVALUATOR, *WORDS, "--out", str(folder / "run")])
            note = f"{len(hub.requests)} requests of 200 ms"
            yield Row(what, ended.seconds, "s", target=Target("ours", "<=", bound), note=note)
