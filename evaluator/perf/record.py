"""perf.json: the points of a run and what they come to, written again after every point."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from evaluator.client.transport import without_password
from evaluator.errors import UsageError
from evaluator.perf.compare import against, comparison, pareto, summary
from evaluator.perf.knee import Knee
from evaluator.perf.load import Load
from evaluator.perf.options import Options
from evaluator.perf.server import Server
from evaluator.perf.workload import fingerprint

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
        """Notes what an arm is."""
        arm = server.arm
        self.data["arms"][arm.name] = {
            "model": arm.model,
            "base_url": without_password(arm.base_url),
            "flags": list(arm.flags),
        }

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

    def knee(self, arm: str, knee: Knee) -> None:
        """Keeps the result of a search."""
        self.data["knees"][arm] = {"best": knee.best, "worse": knee.worse}
        self.write()

    def write(self) -> None:
        """Writes the file whole.  Raises UsageError where that cannot be done."""
        draft = self._path.with_suffix(".tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
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
            self.data["comparison"] += against(
                self.data["points"], self._earlier["points"], self._earlier["run"]
            )
        self.write()


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
            "accuracy": sum(p["accuracy"]["value"] for p in group) / len(group),
            "ci95": group[0]["accuracy"]["ci95"],
            "samples": group[0]["accuracy"]["samples"],
            "output_tokens_per_s": sum(p["output_tokens_per_s"] or 0.0 for p in group) / len(group),
        }
        for (arm, load), group in groups.items()
    ]
    best = pareto([(row["accuracy"], row["output_tokens_per_s"]) for row in rows])
    return [{**row, "front": ahead} for row, ahead in zip(rows, best, strict=True)]


def read(folder: Path) -> dict[str, Any]:
    """perf.json of a run.  Raises UsageError when there is none."""
    try:
        data: dict[str, Any] = orjson.loads((folder / "perf.json").read_bytes())
    except OSError as error:
        raise UsageError(f"no throughput run in {str(folder)!r}: it has no perf.json") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{folder / 'perf.json'} is not JSON: {error}") from error
    return data
