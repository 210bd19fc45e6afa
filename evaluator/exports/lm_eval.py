"""Results and samples in the form of lm-eval (EleutherAI's lm-evaluation-harness) 0.4.

FOLDER/MODEL/results_DATE.json and samples_TASK_DATE.jsonl, as `--output_path` and `--log_samples`
write them.
"""

import re
from datetime import datetime
from pathlib import Path

import orjson

from evaluator.digest import content_digest
from evaluator.exports.exported import ExportedRun, ExportedSample
from evaluator.results.report import BenchmarkResult
from evaluator.types import Json

FILTER = "none"
Z95 = 1.96  # a 95 % interval is so many standard errors to each side


def results(run: ExportedRun) -> Json:
    """The aggregated results."""
    report, info = run.report, run.info
    results = report.benchmarks
    return {
        "results": {name: scores(name, each) for name, each in results.items()},
        "configs": {name: config(name, each) for name, each in results.items()},
        "versions": {name: info.evaluator for name in results},
        "n-shot": {name: each.shots for name, each in results.items()},
        "higher_is_better": {name: {metric(each): True} for name, each in results.items()},
        "n-samples": {
            name: {"original": each.available, "effective": each.samples}
            for name, each in results.items()
        },
        "config": {"model": "evaluator", "model_args": {"model": report.model}},
        "date": datetime.fromisoformat(report.started_at).timestamp(),
        "model_name": report.model,
        "model_name_sanitized": file_name(report.model),
        "total_evaluation_time_seconds": str(report.seconds),
    }


def metric(result: BenchmarkResult) -> str:
    """The name of the value: no space or comma, which have a meaning there."""
    return "acc" if result.metric == "accuracy" else re.sub(r"[\s,]+", "_", result.metric)


def scores(name: str, result: BenchmarkResult) -> Json:
    """A benchmark's value with its standard error, and its interval as it is."""
    low, high = result.ci95 or (None, None)
    error = (high - low) / 2 / Z95 if low is not None and high is not None else "N/A"
    key = metric(result)
    return {
        "alias": name,
        f"{key},{FILTER}": result.value,
        f"{key}_stderr,{FILTER}": error,
        f"ci95_low,{FILTER}": low,
        f"ci95_high,{FILTER}": high,
    }


def config(name: str, result: BenchmarkResult) -> Json:
    """How a benchmark was asked."""
    return {
        "task": name,
        "output_type": "generate_until",
        "num_fewshot": result.shots,
        "generation_kwargs": dict(result.params),
        "repeats": result.repeats,
        "metadata": {"data": result.data},
    }


def sample_line(sample: ExportedSample, number: int, key: str) -> Json:
    """One sample; one that was not measured has the value null."""
    outcome = sample.outcome
    turns = orjson.dumps(sample.messages).decode()
    doc = {"id": outcome.id, "question": sample.transcript.question, "group": outcome.group}
    return {
        "doc_id": number,
        "doc": {**doc, "options": dict(sample.transcript.options)},
        "target": outcome.target,
        "arguments": {"gen_args_0": {"arg_0": [turns], "arg_1": {}}},
        "resps": [[sample.reply]],
        "filtered_resps": [outcome.answer if outcome.answer is not None else "[invalid]"],
        "filter": FILTER,
        "metrics": [key],
        "doc_hash": content_digest(orjson.dumps(doc)),
        "prompt_hash": content_digest(turns),
        "target_hash": content_digest(outcome.target),
        key: outcome.value,
    }


def file_name(name: str) -> str:
    """A name as lm-eval makes one of a file of it."""
    return re.sub(r"[\"<>:/|\\?*\[\]]+", "__", name)


def write(run: ExportedRun, folder: Path) -> None:
    """Writes both kinds of file.  Raises OSError."""
    there = folder / file_name(run.report.model)
    there.mkdir(parents=True, exist_ok=True)
    date = datetime.fromisoformat(run.report.started_at).strftime("%Y-%m-%dT%H-%M-%S.%f")
    made = orjson.dumps(results(run), option=orjson.OPT_INDENT_2)
    (there / f"results_{date}.json").write_bytes(made)
    lines: dict[str, list[bytes]] = {name: [] for name in run.report.benchmarks}
    for sample in run.samples():
        name = sample.outcome.benchmark
        line = sample_line(sample, len(lines[name]), metric(run.report.benchmarks[name]))
        lines[name].append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    for name, of in lines.items():
        (there / f"samples_{file_name(name)}_{date}.jsonl").write_bytes(b"".join(of))
