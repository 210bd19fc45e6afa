"""perf.json: the points of a run and what they come to, written again after every point."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import orjson

from evaluator.client.urls import without_password
from evaluator.errors import UsageError
from evaluator.perf.compare import (
    GOODPUT,
    against,
    by_load,
    comparison,
    pareto,
    summary,
    unmatched,
)
from evaluator.perf.knee import Knee
from evaluator.perf.load import Load
from evaluator.perf.options import Options
from evaluator.perf.server import Server
from evaluator.perf.workload import fingerprint
from evaluator.statistics.intervals import wilson

SCHEMA_VERSION = 1


class Record:
    """The run's file.  Opened again, it goes on where it ended."""

    def __init__(self, options: Options, about: Mapping[str, Any]) -> None:
        self._path = options.out / "perf.json"
        self._options = options
        protocol = {
            "seed": options.seed,
            "requests": options.requests,
            "seconds": options.seconds,
            "warmup": options.warmup,
            "warm_cache": options.warm_cache,
        }
        workload = {**about, **protocol}
        self.data: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "run": options.out.name,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "evaluator": version("evaluator"),
            "workload": {**workload, "fingerprint": fingerprint(workload)},
            "slo": dict(options.slo),
            "arms": {},
            "points": [],
            "knees": {},
        }
        self._earlier = self._read_earlier()
        self._go_on()

    def _read_earlier(self) -> dict[str, Any] | None:
        if self._options.against is None:
            return None
        earlier = read(self._options.against)
        self._same_workload(earlier, self._options.against)
        return earlier

    def _go_on(self) -> None:
        if self._path.exists():
            kept = read(self._options.out)
            self._same_workload(kept, self._options.out)
            if kept["slo"] != self.data["slo"]:
                raise UsageError(f"{self._options.out} has another --slo; choose another --out")
            self.data |= {key: kept[key] for key in ("started_at", "arms", "points", "knees")}

    def _same_workload(self, other: Mapping[str, Any], folder: Path) -> None:
        ours, theirs = self.data["workload"], other["workload"]
        if ours["fingerprint"] != theirs["fingerprint"]:
            differ = ", ".join(
                f"{key} {theirs.get(key)!r} there and {ours.get(key)!r} here"
                for key in sorted(ours.keys() | theirs.keys())
                if key != "fingerprint" and ours.get(key) != theirs.get(key)
            )
            raise UsageError(f"{folder} was measured with another workload ({differ})")

    def introduce(self, server: Server) -> None:
        """Notes what an arm is.  Raises UsageError where there are points of another so named."""
        arm, url = server.arm, without_password(server.arm.base_url)
        ours = {"model": arm.model, "base_url": url, "flags": list(arm.flags)}
        kept = self.data["arms"].setdefault(arm.name, ours)
        # A server that was launched has another port each time.
        for key in ours if self._options.base_url else ("model", "flags"):
            if kept[key] != ours[key]:
                raise UsageError(
                    f"{self._options.out} has points of {arm.name} with another {key} "
                    f"({kept[key]!r}, and {ours[key]!r} here); choose another --out"
                )
        self.data["arms"][arm.name] = ours

    def check_against(self, loads: Sequence[Load]) -> None:
        """Raises UsageError where none of these loads can be compared with the earlier run."""
        if not self._earlier:
            return
        asked = {load.label: self.data["arms"] for load in loads}
        here = {**by_load(self.data["points"]), **asked}
        there = by_load(self._earlier["points"])
        if len(unmatched(here, there)) == sum(map(len, here.values())):
            raise UsageError(
                f"--against {str(self._options.against)!r}: nothing there to compare with; it has "
                f"{listed(there) or 'no points'}, and this run has {listed(here)}"
            )

    def find(self, arm: str, load: Load, repeat: int) -> Mapping[str, Any] | None:
        """A finished point."""
        for point in self.data["points"]:
            if (point["arm"], point["load"], point["repeat"]) == (arm, load.label, repeat):
                found: Mapping[str, Any] = point
                return found
        return None

    def add(self, point: Mapping[str, Any]) -> None:
        """Keeps a finished point, whatever becomes of the others."""
        self.data["points"].append(point)
        self.write()

    def knee(self, arm: str, knee: Knee, met: int, repeats: int) -> None:
        """Keeps the result of a search, and in how many repeats the best met the SLO."""
        found = {"best": knee.best, "worse": knee.worse, "met": met, "repeats": repeats}
        self.data["knees"][arm] = found
        self.write()

    def write(self) -> None:
        """Writes the file whole.  Raises UsageError where that cannot be done."""
        draft = self._path.with_suffix(".tmp")
        try:
            draft.write_bytes(orjson.dumps(self.data, option=orjson.OPT_INDENT_2))
            draft.replace(self._path)
        except OSError as error:
            raise UsageError(
                f"cannot write {str(self._path)!r}: {error.strerror}; choose another --out"
            ) from error

    def conclude(self) -> None:
        """Puts what the points come to beside them in the file."""
        self.data |= conclusions(self.data)
        if self._earlier:
            rows = against(self.data["points"], self._earlier["points"], self._earlier["run"])
            same = self._earlier["slo"] == self.data["slo"]
            self.data["comparison"] += [row for row in rows if same or row["figure"] != GOODPUT]
            here = by_load(self.data["points"])
            self.data["against"] = self._earlier["run"]
            self.data["unmatched"] = unmatched(here, by_load(self._earlier["points"]))
        self.write()


def listed(by_load: Mapping[str, Mapping[str, Any]]) -> str:
    """Loads, and the servers they were put on, in words."""
    return "; ".join(f"{load} on {', '.join(arms)}" for load, arms in by_load.items())


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Makes the folder, and locks it against a second run, which would lose points.

    Raises UsageError, also where nothing can be written in it.  Left empty, it goes again.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with TemporaryFile(dir=folder):
            pass
    except BlockingIOError:
        os.close(lock)
        raise UsageError(
            f"another run is writing to {str(folder)!r}; wait for it to end or choose another --out"
        ) from None
    except OSError as error:
        raise UsageError(
            f"cannot write to {str(folder)!r}: {error.strerror}; choose another --out"
        ) from error
    try:
        yield
    finally:
        os.close(lock)
        with suppress(OSError):
            folder.rmdir()


def conclusions(data: Mapping[str, Any]) -> dict[str, Any]:
    """Means, ratios to the first arm, and the Pareto front."""
    points, arms = data["points"], list(data["arms"])
    return {
        "summary": summary(points),
        "comparison": comparison(points, arms[0]) if arms else [],
        "pareto": front(points),
    }


def front(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Score and rate of each arm and load, over the repeats, and whether another is ahead of it."""
    measured = [p for p in points if p["accuracy"] and p["accuracy"]["value"] is not None]
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for point in measured:
        groups.setdefault((point["arm"], point["load"]), []).append(point)
    rows = [
        {
            "arm": arm,
            "load": load,
            "benchmark": group[0]["accuracy"]["benchmark"],
            **over_repeats([point["accuracy"] for point in group]),
            "output_tokens_per_s": mean([point["output_tokens_per_s"] for point in group]),
        }
        for (arm, load), group in groups.items()
    ]
    best = pareto([(row["accuracy"], row["output_tokens_per_s"]) for row in rows])
    return [{**row, "front": ahead} for row, ahead in zip(rows, best, strict=True)]


def over_repeats(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean score of the repeats.  Their questions are the same: as many as in one of them.

    So Wilson's interval, which is rather too wide for means of repeats, is taken of those.
    """
    samples = min(score["samples"] for score in scores)
    value = sum(score["value"] for score in scores) / len(scores)
    return {"accuracy": value, "ci95": wilson(value * samples, samples), "samples": samples}


def mean(values: Sequence[float | None]) -> float | None:
    """None where one of the values is not known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def read(folder: Path) -> dict[str, Any]:
    """perf.json of a run.  Raises UsageError when there is none."""
    try:
        data = orjson.loads((folder / "perf.json").read_bytes())
    except OSError as error:
        raise UsageError(f"no throughput run in {str(folder)!r}: it has no perf.json") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{folder / 'perf.json'} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(f"{folder / 'perf.json'} is not of a throughput run of this version")
    return data
