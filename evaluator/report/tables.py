"""The report's words and cells, which the terminal and Markdown lay out each in its own way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.report import origins
from evaluator.report.replies import counted, partial, states, unread
from evaluator.report.template_faults import template_faults
from evaluator.types import MEASURED, SHARE

BOUND = 0.25  # a share of the run in which the client held things up, beyond which rates mislead
UNREAD = 0.05  # a share of unreadable verdicts beyond which the judge is in doubt
WIDE = 0.02  # a share of unread replies or errors beyond which the score needs a warning


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as text; the first column is a name, the others figures but for `wordy` ones."""

    columns: list[str]
    rows: list[list[str]]
    wordy: frozenset[str] = frozenset()


def score(value: float | None, scale: Sequence[float] = SHARE) -> str:
    """A share in per cent, a value on another scale as it is, a dash where nothing was measured."""
    if value is None:
        return "-"
    return f"{value:.1%}" if tuple(scale) == SHARE else f"{value:.2f}"


def ci(interval: Sequence[float] | None, scale: Sequence[float] = SHARE) -> str:
    """An interval, in the same way."""
    return "-" if interval is None else " - ".join(score(end, scale) for end in interval)


def benchmarks(report: Mapping[str, Any]) -> Cells:
    """One row a benchmark."""
    columns = ["benchmark", "n", "score", "95 % interval", "macro", "format"]
    columns += ["unread", "cut", "errors"]
    rows = [
        [
            name,
            str(row["samples"]),
            score(row["value"], row["scale"]),
            ci(row["ci95"], row["scale"]),
            score(row["macro"], row["scale"]),
            score(row["dimensions"].get("in_format", {}).get("value")),
            counted(row, unread(row)),
            counted(row, states(row).get("truncated", 0)),
            counted(row, states(row).get("error", 0)),
        ]
        for name, row in report["benchmarks"].items()
    ]
    return Cells(columns, rows)


def side_by_side(reports: Sequence[Mapping[str, Any]]) -> Cells:
    """A column a model: the score of every benchmark, of its totals, and of its categories."""
    names: dict[str, None] = {}
    columns: list[dict[str, str]] = []
    for report in reports:
        parts = (benchmarks(report), totals(report), categories(report))
        found = {row[0]: row[part.columns.index("score")] for part in parts for row in part.rows}
        columns.append(found)
        names |= dict.fromkeys(found)
    rows = [[name, *(found.get(name, "-") for found in columns)] for name in names]
    return Cells(["score", *(report["model"] for report in reports)], rows)


def totals(report: Mapping[str, Any]) -> Cells:
    """One row a further figure: the macro mean where it differs, a benchmark's own totals, what
    repeats came to, and the shares refused and unread where there are any."""
    rows: list[list[str]] = []
    for name, row in report["benchmarks"].items():
        n = sum(group["samples"] for group in row["groups"].values())
        macro = {"value": row["macro"], "ci95": row["macro_ci95"], "samples": n}
        further = {"macro": macro} if len(row["groups"]) > 1 else {}
        rows += figure_rows(name, further | row["totals"], row["scale"])
        shares = {
            part: of
            for part, of in row["dimensions"].items()
            if part.startswith(("pass@", "majority@"))
            or (part in ("refused", "unread") and of["value"])
        }
        rows += figure_rows(name, shares, SHARE)
    return Cells(["figure", "n", "score", "95 % interval"], rows)


def figure_rows(
    name: str, figures: Mapping[str, Any], scale: Sequence[float]
) -> Iterator[list[str]]:
    """Cells of figures of a benchmark; one that is on another scale says so."""
    for part, of in figures.items():
        yield [
            f"{name} / {part}",
            str(of["samples"]),
            score(of["value"], of.get("scale", scale)),
            ci(of["ci95"], of.get("scale", scale)),
        ]


def categories(report: Mapping[str, Any]) -> Cells:
    """One row a category, of the benchmarks that have them, else a row a group if few."""
    rows: list[list[str]] = []
    for name, row in report["benchmarks"].items():
        parts = row["categories"] or (row["groups"] if 1 < len(row["groups"]) <= 8 else {})
        rows += figure_rows(name, parts, row["scale"])
    return Cells(["category", "n", "score", "95 % interval"], rows)


def notes(report: Mapping[str, Any]) -> Iterator[str]:
    """What was measured, on what, and what serving it took."""
    yield from data(report)
    yield from origins.identity(report)
    yield serving(report)


def data(report: Mapping[str, Any]) -> Iterator[str]:
    """What each score was measured on, a line a benchmark."""
    for name, row in report["benchmarks"].items():
        repeated = f", each asked {row['repeats']} times" if row["repeats"] > 1 else ""
        yield f"{name}: {row['data']}, {row['shots']} shots{manner(row)}{repeated}"
        if stopped := row["stopped"]:
            yield (
                f"{name}: stopped at {row['planned']:,} of {row['available']:,} samples, drawn at "
                f"random: half the 95 % interval is {score(stopped['half_width'], row['scale'])}, "
                f"at most {score(stopped['wanted'], row['scale'])} was wanted"
            )
        yield from (f"{name}: {line}" for line in (*row["about"], *verdicts(row), *partial(row)))


def verdicts(row: Mapping[str, Any]) -> Iterator[str]:
    """How the verdicts on a benchmark's answers read, where it has a judge."""
    repaired = row["dimensions"].get("repaired", {"value": 0.0, "samples": 0})
    readable = repaired.get("replies", repaired["samples"])
    unreadable = states(row).get("judge_unparsed", 0)
    if judged := readable + unreadable:
        mended = round(repaired.get("sum", repaired["value"] * readable))
        yield (
            f"{judged} answers judged: {mended} verdicts readable only when asked for again, "
            f"{unreadable} not at all"
        )


def manner(row: Mapping[str, Any]) -> str:
    """How the model was asked, where it is not the usual way."""
    words = {
        f", by {row['mode']}": row["mode"] != "generate",
        f", {row['api']} API": row["api"] != "chat",
        ", with a system prompt": bool(row["system"]),
    }
    return "".join(word for word, said in words.items() if said)


def serving(report: Mapping[str, Any]) -> str:
    """What serving it took, in one line."""
    row = report["serving"]
    line = (
        f"{row['requests']} requests sent, {row['replayed']} replayed, {row['retries']} retries · "
        f"{row['requests_per_s']:.1f} requests/s · {row['output_tokens_per_s']:.0f} output tokens/s"
    )
    if latency := row["latency"]:
        line += f" · latency p50 {latency['p50']:.2f} s, p99 {latency['p99']:.2f} s"
    if ttft := row["ttft"]:
        line += f" · first token p50 {ttft['p50'] * 1000:.0f} ms"
    if (steered := row["concurrency"]) and steered["reason"] != "given":
        line += f" · {steered['slots']} slots: {steered['reason']}"
    for role, other in row.get("roles", {}).items():
        line += f" · {role} {other['model']}: {other['replies']} replies, {other['slots']} slots"
    return f"{line} · {report['seconds']:.1f} s in all"


def alarms(report: Mapping[str, Any]) -> Iterator[str]:
    """What makes the figures those of something else than was measured."""
    client = report["serving"]["client"]
    if client and client["bound_share"] > BOUND:
        yield (
            f"the client was the bottleneck for {client['bound_share']:.0%} of the run: "
            "the rates above are its own, not the server's"
        )


def warnings(report: Mapping[str, Any]) -> Iterator[str]:
    """What a reader must know before believing a score or a rate."""
    for kind, count in report["serving"]["faults"].items():
        yield f"{count} x {kind}: asked again"
    if damaged := report["serving"]["damaged"]:
        yield f"damaged lines of responses.jsonl, passed over as if never answered: {damaged}"
    yield from origins.cautions(report)
    for url, fields in report["serving"]["refused"].items():
        words = " / ".join(dict.fromkeys(fields.values()))
        yield f"{url} refuses {', '.join(fields)}, and was asked without: {words}"
    for url, fields in report["serving"].get("adapted", {}).items():
        yield f"{url}: {'; '.join(f'{field}: {note}' for field, note in fields.items())}"
    for name, row in report["benchmarks"].items():
        yield from doubts(name, row)


def doubts(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What a reader must know before believing the score of one benchmark."""
    n = row["samples"]
    if n < row["planned"]:
        yield f"{name}: only {n} of {row['planned']} samples were reached"
    yield from cautions(name, row)
    yield from mistrust(name, row)
    yield from origins.totals(name, row)
    yield from template_faults(name, row)
    for message, count in row["error_messages"].items():
        yield f"{name}: {count} x {message}"
    if n and n - measured(row) + without_answer(row) > WIDE * n:
        low, high = bounds(row)
        replies = states(row)
        of = f"{sum(replies.values())} replies" if row.get("replies") else str(n)
        yield (
            f"{name}: {unread(row)} unread, {replies.get('truncated', 0)} cut "
            f"off and {replies.get('error', 0)} failed of {of}: the score lies between "
            f"{score(low, row['scale'])} (all of them wrong) and "
            f"{score(high, row['scale'])} (all right)"
        )


def mistrust(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What speaks against a benchmark's judge."""
    for figure, of in row["totals"].items():
        low, high = of.get("expected", row["scale"])
        if of["value"] is not None and not low <= of["value"] <= high and "expected" in of:
            yield (
                f"{name}: {figure} is at {of['value']:.2f}, where a judge that can be trusted "
                f"is at {low:g} to {high:g}"
            )
    unreadable, every = states(row).get("judge_unparsed", 0), sum(states(row).values())
    if unreadable > UNREAD * every:
        yield (
            f"{name}: {unreadable / every:.1%} of the verdicts stayed "
            "unreadable; another judge, or --judge-param max_tokens=N with more of them, may help"
        )


def cautions(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What can be said of how a benchmark is asked before it is."""
    yield from (f"{name}: {line}" for line in row.get("deviations", ()))
    if row["repeats"] > 1 and row["params"].get("temperature") == 0:
        yield (
            f"{name}: {row['repeats']} repeats at temperature 0, which say little more than one; "
            "give --param temperature=0.7, or what suits the model"
        )


def bounds(row: Mapping[str, Any]) -> tuple[float, float]:
    """The score if every sample that was not read or not measured was wrong, and if it was right.

    An unread reply counts as the least of the scale in the value.
    """
    n, (least, most) = row["samples"], row["scale"]
    total = (row["value"] or 0.0) * measured(row) - least * without_answer(row)
    missed = n - measured(row) + without_answer(row)
    return (total + least * missed) / n, (total + most * missed) / n


def measured(row: Mapping[str, Any]) -> int:
    """Samples that count in the mean."""
    return int(sum(row[status] for status in MEASURED))


def without_answer(row: Mapping[str, Any]) -> float:
    """Of these, how many had no answer; of a sample with repeats, the share of them."""
    if of := row["dimensions"].get("unread"):
        return float(of["value"] * measured(row))
    return float(row["unparsed"] + row["truncated"])
