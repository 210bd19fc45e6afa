"""What changed in a run by itself, where some of its samples were asked again."""

from typing import Any

from evaluator.comparison.pairing import Paired, Run, pairing, read
from evaluator.statistics.intervals import wilson

AGAIN = "again"  # the folder, in a run's own, of the second asking


def noise(run: Run) -> dict[str, Any]:
    """For each benchmark, how many samples were worth something else the second time.

    `in_flight` is the number of requests at once, the first time and the second.
    """
    if not (run.folder / AGAIN / "run.json").exists():
        return {"in_flight": [], "benchmarks": {}}
    second = read(run.folder / AGAIN)
    pairs = [pairing(run, second, name) for name in second.outcomes if name in run.outcomes]
    return {
        "in_flight": [in_flight(run), in_flight(second)],
        "benchmarks": {made.benchmark: changes(made) for made in pairs if made.pairs},
    }


def in_flight(run: Run) -> int | None:
    """Requests at once, at the end of the run."""
    return (run.about.get("concurrency") or {}).get("slots")


def changes(made: Paired) -> dict[str, Any]:
    """How many samples changed, with the interval of their share."""
    n = len(made.pairs)
    changed = sum(bool(pair.difference) for pair in made.pairs)
    return {
        "samples": n,
        "changed": changed,
        "ci95": wilson(changed, n),
        "other_answer": sum(pair.base["answer"] != pair.other["answer"] for pair in made.pairs),
        "mean_change": sum(abs(pair.difference) for pair in made.pairs) / n,
    }
