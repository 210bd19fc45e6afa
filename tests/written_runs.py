"""Folders of runs as `evaluator run` leaves them, made from outcomes that a test thinks up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True)
class Said:
    """One sample's outcome, and the reply behind it."""

    id: str
    value: float | None = 1.0
    answer: str | None = "B"
    group: str = "main"
    status: str = "scored"
    target: str = "B"
    text: str = "Answer: B"
    finish_reason: str = "stop"
    prompt: str = "00"
    dimensions: Mapping[str, float] = field(default_factory=dict)


ABOUT: Mapping[str, Any] = {
    "metric": "accuracy",
    "scale": [0.0, 1.0],
    "shots": 0,
    "repeats": 1,
    "params": {"temperature": 0.0, "max_tokens": 512},
    "data": "some/exam test via the hub",
    "categories": {},
    "about": [],
    "language": "",
}


def write_run(folder: Path, said: Iterable[Said], judge: str | None = None, **about: Any) -> Path:
    """A run of one benchmark, called exam, by a model called as the folder is."""
    samples = list(said)
    run = {
        "schema_version": 1,
        "run": folder.name,
        "model": folder.name,
        "judge": judge,
        "started_at": "2026-01-01T00:00:00+00:00",
        "seconds": 1.0,
        "requests": len(samples),
        "replayed": 0,
        "faults": {},
        "benchmarks": {"exam": {**ABOUT, "samples": len(samples), **about}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_bytes(orjson.dumps(run))
    write_lines(folder / "outcomes.jsonl", map(outcome, samples))
    write_lines(folder / "responses.jsonl", map(response, samples))
    return folder


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def key(said: Said) -> str:
    return said.id.encode().hex().rjust(32, "0")[-32:]


def outcome(said: Said) -> dict[str, Any]:
    kept = ("id", "group", "status", "value", "answer", "target", "prompt", "dimensions")
    values = {name: getattr(said, name) for name in kept}
    error = "status 400: too long" if said.status == "error" else ""
    further = {"note": "", "error": error, "response_keys": [key(said)]}
    return {"benchmark": "exam", **values, **further}


def response(said: Said) -> dict[str, Any]:
    return {
        "key": key(said),
        "benchmark": "exam",
        "sample_id": said.id,
        "role": "model",
        "nth": 0,
        "text": said.text,
        "finish_reason": said.finish_reason,
        "prompt_tokens": 10,
        "output_tokens": 5,
        "sent_at": 1000.0,
        "ttft": None,
        "latency": 2.0,
        "attempts": 1,
    }
