"""What the order of prompts is worth: 5-shot C-Eval, four subjects, subject by subject or shuffled.

Needs a real vLLM server and C-Eval in EVALUATOR_DATA_DIR:

    python -m launch with --model demo -- python -m tests.speed.prefix
"""

import os
import random
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from evaluator.client.server_metrics import ServerMetrics, parse
from evaluator.engine.task import Task
from evaluator.options.given import settings
from evaluator.options.settings import Settings
from evaluator.runs.connect import pools
from evaluator.runs.plan import plan
from evaluator.runs.run import execute
from evaluator.types import Sample

SUBJECTS = ("law", "logic", "physician", "computer_network")
PER_SUBJECT = 12
IN_FLIGHT = 4  # few, so that the order of asking is the order of serving


def measured(url: str) -> ServerMetrics:
    page = urllib.request.urlopen(url.removesuffix("/v1") + "/metrics").read().decode()
    reading = parse(page)
    assert reading, f"{url} is no vLLM server"
    return reading


def salted(samples: Sequence[Sample], salt: str) -> list[Sample]:
    """The same prompts with a beginning of their own, so that no earlier round has cached them."""
    return [
        replace(s, fields={**s.fields, "subject": f"{salt}{s.fields['subject']}"}) for s in samples
    ]


def measure(chosen: Settings, task: Task, samples: list[Sample], folder: Path) -> dict[str, Any]:
    """Wall time and prefix-cache hit rate of one order."""
    own = chosen.model_copy(update={"out": folder})
    before, start = measured(own.base_url[0]), time.monotonic()
    execute(own, [replace(task, samples=samples)], lambda: pools(own), Console(stderr=True))
    rate = measured(own.base_url[0]).prefix_hit_rate(before)
    return {"seconds": round(time.monotonic() - start, 1), "prefix_hits": round(rate or 0.0, 3)}


def main() -> None:
    """Alternates the two orders, two rounds each, and prints a line of JSON for each."""
    if not os.environ.get("EVALUATOR_DATA_DIR"):
        sys.exit("EVALUATOR_DATA_DIR must name a mirror with ceval/ceval-exam")
    with tempfile.TemporaryDirectory() as place:
        given = {"benchmarks": ["ceval"], "out": Path(place), "progress": "none"}
        chosen = settings({**given, "param": {"max_tokens": 1}, "concurrency": IN_FLIGHT})
        (task,) = plan(chosen)
        ours = [s for s in task.samples if s.group in SUBJECTS]
        ours = [s for s in ours if int(s.id.partition("/")[2]) < PER_SUBJECT]
        task = replace(task, total=len(ours))
        for i, order in enumerate(("by subject", "shuffled", "shuffled", "by subject")):
            samples = salted(ours, f"{i}-{os.getpid()}-")
            if order == "shuffled":
                random.Random(0).shuffle(samples)
            figures = measure(chosen, task, samples, Path(place) / str(i))
            print(orjson.dumps({"order": order, "n": len(samples), **figures}).decode())  # noqa: T201


if __name__ == "__main__":
    main()
