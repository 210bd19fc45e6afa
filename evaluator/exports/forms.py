"""All forms of an export: as text for standard output, and as files."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from evaluator.errors import UsageError
from evaluator.exports import inspect_log, lm_eval, model_card, rows
from evaluator.exports.exported import ExportedRun
from evaluator.locale import N_
from evaluator.report.latex import latex
from evaluator.report.markdown import markdown
from evaluator.report.tables import Cells, benchmarks


def text(run: ExportedRun, form: str) -> Iterable[str]:
    """The export in pieces of text.  Raises UsageError for a form that is no single text."""
    if form == "csv":
        return rows.csv(run)
    if form == "latex":
        return [latex(table(run), [f"{run.report.model}, run {run.report.run}"])]
    if form == "markdown":
        return [markdown(run.report)]
    if form == "lm-eval":
        return [orjson.dumps(lm_eval.results(run), option=orjson.OPT_INDENT_2).decode() + "\n"]
    if form == "model-card":
        return [model_card.block(run)]
    if form == "inspect" and len(run.report.benchmarks) == 1:
        return (f"{log.content.decode()}\n" for log in inspect_log.logs(run))
    needed = "FILE" if form == "parquet" else N_("FOLDER, or --benchmark NAME for one log")
    raise UsageError(
        N_("--to {form} is no single text; give -o {needed}", form=form, needed=needed)
    )


def table(run: ExportedRun) -> Cells:
    """The benchmarks, as the report has them."""
    return benchmarks(run.report)


def write(run: ExportedRun, form: str, out: Path) -> None:
    """Writes the export.  Raises UsageError where that cannot be done."""
    try:
        if form == "inspect":
            inspect_log.write_logs(run, out)
        elif form == "lm-eval":
            lm_eval.write(run, out)
        elif form == "parquet":
            rows.write_parquet(run, out)
        elif form == "model-card":
            model_card.write(run, out)
        else:
            with out.open("w", encoding="utf-8", newline="") as file:
                file.writelines(encodable(text(run, form)))
    except (OSError, ValueError) as error:
        raise UsageError(N_("cannot write {out!r}: {error}", out=str(out), error=error)) from error


def encodable(pieces: Iterable[str]) -> Iterator[str]:
    """Texts without halves of surrogate pairs, which no file can hold."""
    return (each.encode("utf-8", "replace").decode() for each in pieces)
