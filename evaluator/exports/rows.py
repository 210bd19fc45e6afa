"""A row for each sample: for spreadsheets, pandas and polars."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from evaluator.exports.exported import ExportedRun, ExportedSample
from evaluator.report.spreadsheet import csv_lines
from evaluator.results.report import TableRow
from evaluator.types import Message

TEXTS = (
    *("model", "benchmark", "id", "group", "status", "answer", "target", "question", "prompt"),
    *("reply", "thinking", "finish_reason", "note", "error", "run_tags", "run_note"),
)
DIMENSION = "dimension."  # + name: a further figure of the sample
BATCH = 1_000  # rows that are written together


def columns(run: ExportedRun) -> list[str]:
    """The names of the columns: texts, the value, and each dimension that a benchmark has."""
    names = dict.fromkeys(
        name for result in run.report.benchmarks.values() for name in result.dimensions
    )
    return [*TEXTS[:5], "value", *TEXTS[5:], *(f"{DIMENSION}{name}" for name in names)]


def rows(run: ExportedRun) -> Iterator[TableRow]:
    """The rows, in the order in which the samples ended."""
    for sample in run.samples():
        yield row(run, sample)


def row(run: ExportedRun, sample: ExportedSample) -> TableRow:
    """One sample."""
    outcome, last = sample.outcome, sample.last
    names = ("benchmark", "id", "group", "status", "value", "answer", "target", "note", "error")
    return {
        "model": run.report.model,
        **{name: getattr(outcome, name) for name in names},
        "question": sample.transcript.question,
        "prompt": "\n\n".join(map(turn, sample.messages)),
        "reply": sample.reply,
        "thinking": last.thinking if last else "",
        "finish_reason": last.finish_reason if last else "",
        "run_tags": ", ".join(run.report.tags),
        "run_note": run.report.note,
        **{f"{DIMENSION}{name}": value for name, value in outcome.dimensions.items()},
    }


def turn(message: Message) -> str:
    """A turn as text; who spoke is said where it was not the user."""
    said = str(message.get("content") or "")
    return said if message["role"] == "user" else f"[{message['role']}] {said}"


def csv(run: ExportedRun) -> Iterator[str]:
    """The rows as CSV, a line at a time."""
    return csv_lines(columns(run), rows(run))


def write_parquet(run: ExportedRun, path: Path) -> None:
    """The rows as a Parquet file.  Raises OSError."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    text, figure = pyarrow.string(), pyarrow.float64()
    kinds = [(name, text if name in TEXTS else figure) for name in columns(run)]
    schema, waiting = pyarrow.schema(kinds), rows(run)
    with ParquetWriter(path, schema) as writer:
        while batch := list(islice(waiting, BATCH)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))
