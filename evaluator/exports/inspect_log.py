"""A log of inspect_ai for each benchmark, which `inspect view` opens and `read_eval_log` reads.

A log holds scores, prompts and replies as they are. What only inspect_ai knows, such as its solver
steps, is not made up.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from evaluator.digest import content_digest
from evaluator.exports.exported import ExportedRun, ExportedSample
from evaluator.results.report import BenchmarkResult
from evaluator.types import Json

SCORER = "evaluator"
STOPS = {"length": "max_tokens", "stop": "stop", "tool_calls": "tool_calls"}


class Log(NamedTuple):
    """A log, and the name of its file."""

    name: str
    content: bytes


def logs(run: ExportedRun) -> Iterator[Log]:
    """The log of each benchmark."""
    by_benchmark: dict[str, list[ExportedSample]] = {}
    for sample in run.samples():
        by_benchmark.setdefault(sample.outcome.benchmark, []).append(sample)
    for name, result in run.report.benchmarks.items():
        made = log(run, name, result, by_benchmark.get(name, []))
        started = datetime.fromisoformat(run.report.started_at).strftime("%Y-%m-%dT%H-%M-%S+00-00")
        task = "".join(each if each.isalnum() else "-" for each in name)
        yield Log(f"{started}_{task}_{made['eval']['task_id']}.json", orjson.dumps(made))


def log(
    run: ExportedRun, name: str, result: BenchmarkResult, samples: Sequence[ExportedSample]
) -> Json:
    """One log, of version 2 of inspect_ai's form."""
    report = run.report
    named = content_digest(f"{report.run} {report.model} {name} {report.started_at}")
    ids = [each.outcome.id for each in samples]
    return {
        "version": 2,
        "status": "success" if result.samples == result.planned else "cancelled",
        "eval": {
            "eval_id": named,
            "run_id": named,
            "created": report.started_at,
            "task": name,
            "task_id": named,
            "tags": list(report.tags),
            "dataset": {"name": result.data, "samples": len(ids), "sample_ids": ids},
            "model": report.model,
            "model_generate_config": sampling(result),
            "config": {"epochs": 1},
            "packages": {"evaluator": run.info.evaluator},
            "scorers": [{"name": SCORER, "metrics": [{"name": result.metric}]}],
        },
        "plan": {"steps": [], "config": sampling(result)},  # `inspect view` reads no log without
        "results": results(result),
        "stats": {"started_at": report.started_at, "completed_at": report.started_at},
        "samples": [logged(report.model, each) for each in samples],
    }


def sampling(result: BenchmarkResult) -> Json:
    """The sampling fields that inspect_ai knows by the same name."""
    known = ("temperature", "top_p", "top_k", "max_tokens", "seed", "frequency_penalty")
    return {name: result.params[name] for name in known if result.params.get(name) is not None}


def results(result: BenchmarkResult) -> Json:
    """The score with its interval."""
    low, high = result.ci95 or (None, None)
    figures = {result.metric: result.value, "ci95_low": low, "ci95_high": high}
    metrics = {
        name: {"name": name, "value": value} for name, value in figures.items() if value is not None
    }
    measured = result.scored + result.unparsed + result.truncated
    return {
        "total_samples": result.samples,
        "completed_samples": measured,
        "scores": [
            {
                "name": SCORER,
                "scorer": SCORER,
                "scored_samples": measured,
                "unscored_samples": result.samples - measured,
                "metrics": metrics,
            }
        ],
    }


def logged(model: str, sample: ExportedSample) -> Json:
    """One sample; one that was not measured has no score, but what went wrong."""
    outcome, last = sample.outcome, sample.last
    stop = STOPS.get(last.finish_reason if last else "", "unknown")
    said: list[object] = [{"type": "text", "text": sample.reply}]
    if last and last.thinking:
        said.insert(0, {"type": "reasoning", "reasoning": last.thinking})
    reply = {"role": "assistant", "source": "generate", "model": model, "content": said}
    made = {
        "id": outcome.id,
        "epoch": 1,
        "input": sample.transcript.question,
        "choices": list(sample.transcript.options.values()) or None,
        "target": outcome.target,
        "messages": [*map(plain, sample.messages), reply],
        "output": {"model": model, "choices": [{"message": reply, "stop_reason": stop}]},
        "scores": {} if outcome.value is None else {SCORER: score(sample)},
        "metadata": {"group": outcome.group, "status": outcome.status, **outcome.dimensions},
    }
    if outcome.error:
        made["error"] = {"message": outcome.error, "traceback": "", "traceback_ansi": ""}
    return made


def score(sample: ExportedSample) -> Json:
    """The score of one sample."""
    outcome = sample.outcome
    return {"value": outcome.value, "answer": outcome.answer, "explanation": outcome.note or None}


def plain(message: Mapping[str, object]) -> Json:
    """A turn with a role and a text: calls of tools are not part of the log."""
    role = message["role"] if message["role"] in ("system", "user", "assistant") else "user"
    return {"role": role, "content": str(message.get("content") or "")}


def write_logs(run: ExportedRun, folder: Path) -> None:
    """Writes the logs to a folder, for `inspect view --log-dir FOLDER`.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in logs(run):
        (folder / name).write_bytes(content)
