"""report.json as data, from run.json, outcomes.jsonl and responses.jsonl of a run."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from evaluator.benchmarks import AUDITS, BENCHMARKS
from evaluator.errors import DataError, UsageError
from evaluator.journal import lines
from evaluator.judging.dimensions import scale_of
from evaluator.report.replies import Replies
from evaluator.report.template_faults import TEMPLATE_FAULTS
from evaluator.statistics.intervals import figure, macro, spread
from evaluator.types import MEASURED, SHARE, Outcome, Summarize

SCHEMA_VERSION = 1
MOST_MESSAGES = 5  # kinds of error that a report names


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """One line of outcomes.jsonl."""
    score = outcome.score
    repeated = {"states": outcome.states, "repeats": score.repeats if score else {}}
    return {
        "benchmark": outcome.benchmark,
        "id": outcome.sample_id,
        "group": outcome.group,
        "status": outcome.status,
        "value": score.value if score else None,
        "answer": score.answer if score else None,
        "target": outcome.target,
        "note": score.note if score else "",
        "error": outcome.error,
        "dimensions": score.dimensions if score else {},
        "response_keys": outcome.response_keys,
        "prompt": outcome.prompt,
        "leaked": outcome.leaked,
        "ran_on": outcome.ran_on,
        **(repeated if outcome.states else {}),
    }


def build(
    folder: Path, summarizers: Mapping[str, Summarize | None] | None = None
) -> dict[str, Any]:
    """The report of the run in `folder`.  Raises UsageError when there is no run.

    `summarizers` make the totals of benchmarks that the table of benchmarks may not know.
    """
    run = read_run(folder)
    known = summarizers or {}
    tallies = {name: Tally(known.get(name) or summarizer(name)) for name in run["benchmarks"]}
    keys: set[bytes] = set()
    for outcome in read_outcomes(folder):
        tallies[outcome["benchmark"]].add(outcome)
        keys.update(bytes.fromhex(key) for key in outcome["response_keys"])
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run["run"],
        "model": run["model"],
        "judge": run["judge"],
        "started_at": run["started_at"],
        "seconds": run["seconds"],
        "identity": run.get("identity", {}),
        "benchmarks": {
            name: benchmark_figures(tally, run["benchmarks"][name])
            for name, tally in tallies.items()
        },
        "serving": {
            "requests": run["requests"],
            "replayed": run["replayed"],
            "faults": run["faults"],
            "concurrency": run.get("concurrency"),
            "client": run.get("client"),
            "refused": run.get("refused", {}),
            "adapted": run.get("adapted", {}),
            "roles": run.get("roles", {}),
            **serving_figures(folder, keys),
        },
    }


def read_run(folder: Path) -> dict[str, Any]:
    """run.json."""
    try:
        run: dict[str, Any] = orjson.loads((folder / "run.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"no run in {str(folder)!r}: it has no run.json") from error
    except orjson.JSONDecodeError as error:
        raise DataError(f"{folder / 'run.json'} is damaged: {error}") from error
    return run


def outcomes_of(folder: Path, benchmark: str) -> Iterator[dict[str, Any]]:
    """The lines of one benchmark."""
    return (each for each in read_outcomes(folder) if each["benchmark"] == benchmark)


def read_outcomes(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of outcomes.jsonl; a torn last one, of a run that was killed, is left out."""
    with (folder / "outcomes.jsonl").open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                if line.endswith(b"\n"):
                    raise DataError(f"{folder / 'outcomes.jsonl'}:{number}: {error}") from error


def summarizer(benchmark: str) -> Summarize | None:
    """The benchmark's own further figures, where it has any."""
    known = (BENCHMARKS | AUDITS).get(benchmark)
    return known.summarize if known else None


@dataclass(slots=True)
class Tally:
    """The outcomes of one benchmark, small enough to hold for a million samples.

    Only a benchmark that summarizes needs the outcomes themselves.
    """

    summarize: Summarize | None = None
    outcomes: list[Mapping[str, Any]] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    groups: dict[str, "array[float]"] = field(default_factory=dict)
    dimensions: dict[str, "array[float]"] = field(default_factory=dict)
    replies: Replies = field(default_factory=Replies)
    template_faults: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Mapping[str, Any]) -> None:
        if self.summarize:
            self.outcomes.append(outcome)
        self.statuses[outcome["status"]] += 1
        self.replies.add(outcome)
        # an outcome of an older version does not say
        self.template_faults.update({fault: outcome.get(fault, 0) for fault in TEMPLATE_FAULTS})
        if outcome["status"] == "error":
            self.errors[outcome["error"]] += 1
        if outcome["status"] not in MEASURED:
            return
        self.groups.setdefault(outcome["group"], array("d")).append(outcome["value"])
        for name, value in outcome["dimensions"].items():
            self.dimensions.setdefault(name, array("d")).append(value)


def benchmark_figures(tally: Tally, about: Mapping[str, Any]) -> dict[str, Any]:
    """Value, interval, macro mean, counts of every status, and the same by group."""
    least, most = about.get("scale", SHARE)
    scale = least, most
    groups = {name: figure([values], scale=scale) for name, values in tally.groups.items()}
    by_group = macro(tally.groups.values(), scale)
    categories: dict[str, list[array[float]]] = {}
    for name, values in tally.groups.items():
        if name in about["categories"]:
            categories.setdefault(about["categories"][name], []).append(values)
    counts = tally.statuses
    stopped = about.get("stopped")
    return {
        "metric": about["metric"],
        "scale": scale,
        **figure(tally.groups.values(), scale=scale),
        "macro": by_group["value"],
        "macro_ci95": by_group["ci95"],
        "samples": counts.total(),
        "planned": stopped["samples"] if stopped else about["samples"],
        "available": about["samples"],
        "stopped": stopped,
        "scored": counts["scored"],
        "unparsed": counts["unparsed"],
        "truncated": counts["truncated"],
        "judge_unparsed": counts["judge_unparsed"],
        "errors": counts["error"],
        "error_messages": dict(tally.errors.most_common(MOST_MESSAGES)),
        **{fault: tally.template_faults[fault] for fault in TEMPLATE_FAULTS},
        "shots": about["shots"],
        "mode": about.get("mode", "generate"),
        "api": about.get("api", "chat"),
        "system": about.get("system", ""),
        "repeats": about.get("repeats", 1),
        "data": about["data"],
        "origin": about.get("origin"),
        "deviations": about.get("deviations", []),
        "params": about["params"],
        "about": about.get("about", []),
        "groups": dict(sorted(groups.items())),
        "categories": {name: figure(parts, scale=scale) for name, parts in categories.items()},
        "dimensions": tally.replies.beside(
            {
                name: figure([values], scale=scale_of(name, values, scale))
                for name, values in tally.dimensions.items()
            }
        ),
        "replies": tally.replies.states,
        **own_totals(tally, about),
    }


def own_totals(tally: Tally, about: Mapping[str, Any]) -> dict[str, Any]:
    """A benchmark's further figures, and where they are from.

    They are made of the outcomes where the benchmark is known; else they are those that its run
    left, if any.
    """
    if tally.summarize:
        return {"totals": tally.summarize(tally.outcomes), "totals_from": "outcomes"}
    if not about.get("summarizes"):
        return {"totals": {}, "totals_from": None}
    kept = about.get("totals")
    return {"totals": kept or {}, "totals_from": "nothing" if kept is None else "run"}


def serving_figures(folder: Path, keys: set[bytes]) -> dict[str, Any]:
    """What serving the model's replies took, from the journal: sent now or in an earlier session.

    `seconds` is the time in which at least one request was in flight.  TPOT by vLLM's formula,
    (latency - ttft) / (output tokens - 1), for streamed replies.
    """
    latency, ttft, tpot = array("d"), array("d"), array("d")
    sent_at = array("d")
    prompt_tokens = output_tokens = retries = damaged = 0
    for record in lines(folder / "responses.jsonl"):
        if record is None:
            damaged += 1
            continue
        if record["role"] != "model" or bytes.fromhex(record["key"]) not in keys:
            continue
        sent_at.append(record["sent_at"])
        latency.append(record["latency"])
        retries += record["attempts"] - 1
        prompt_tokens += record["prompt_tokens"]
        output_tokens += record["output_tokens"]
        if record["ttft"] is not None:
            ttft.append(record["ttft"])
            if record["output_tokens"] > 1:
                tpot.append((latency[-1] - ttft[-1]) / (record["output_tokens"] - 1))
    seconds = busy(sent_at, latency)
    return {
        "damaged": damaged,
        "retries": retries,
        "seconds": seconds,
        "requests_per_s": len(latency) / seconds if seconds else 0.0,
        "prompt_tokens": prompt_tokens,
        "output_tokens": output_tokens,
        "output_tokens_per_s": output_tokens / seconds if seconds else 0.0,
        "ttft": spread(ttft),
        "tpot": spread(tpot),
        "latency": spread(latency),
    }


def busy(starts: Iterable[float], lengths: Iterable[float]) -> float:
    """Seconds covered by at least one of the spans."""
    total, until = 0.0, float("-inf")
    for start, length in sorted(zip(starts, lengths, strict=True)):
        end = start + length
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total
