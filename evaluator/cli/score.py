"""`evaluator score`: recorded replies, without any server."""

from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.digest import content_digest
from evaluator.locale import N_
from evaluator.options.commands import ScoreOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from evaluator.options.settings import Settings
    from evaluator.results.report import RunReport

ScoreResult = tuple["RunReport", dict[str, list[str]]]

MOST_IDS = 20  # ids named in a message


KEPT = (
    "data_dir",
    "data",
    "max_errors",
    "allow_code",
    "encoding",
    "fields",
    "lang",
)  # what goes on to the settings as it is


def score(given: Given) -> int:
    """Scores the file, and shows and writes the report."""
    from rich.console import Console

    from evaluator.benchmarks import of_a_file
    from evaluator.errors import UsageError
    from evaluator.options.given import one_source, settings
    from evaluator.report.terminal import terminal
    from evaluator.runs.run import exit_code

    options = read(ScoreOptions, given)
    recorded = options.responses or options.judgments
    if recorded is None or (options.responses and options.judgments):
        raise UsageError(N_("give either --responses FILE or --judgments FILE"))
    one_source(given)
    if options.fields and not of_a_file(options.benchmark):
        raise UsageError(
            N_(
                "--fields: {benchmark} is no file of your own (mcq:FILE, qa:FILE)",
                benchmark=options.benchmark,
            )
        )
    chosen = settings(
        {
            **{key: given[key] for key in KEPT if key in given},
            "benchmarks": [options.benchmark],
            "model": options.model or options.model_id or "recorded",
            "replay": True,
            "progress": "none",
            "out": options.out or Path("runs") / folder(recorded, options.model_id or ""),
        }
    )
    scored = of_judgments if options.judgments else of_responses
    report, listed = scored(chosen, recorded, options.model_id or "")
    Console().print(terminal(report))
    for what, ids in listed.items():
        if ids:
            shown = ", ".join(ids[:MOST_IDS]) + (", ..." if len(ids) > MOST_IDS else "")
            tell(N_(what, n=len(ids), shown=shown), err=True)
    tell(N_("results in {folder}/", folder=chosen.out))
    return exit_code(report, chosen)


def folder(recorded: Path, model_id: str) -> str:
    """The folder of a file's scores: each file, and each of its models, has its own.

    Below the working directory a file goes by its whole path, elsewhere by a digest of that.
    """
    whole, here = recorded.resolve(), Path.cwd().resolve()
    parts = [*(whole.relative_to(here) if whole.is_relative_to(here) else Path(whole.name)).parts]
    parts[-1] = parts[-1].removesuffix(".jsonl")
    if not whole.is_relative_to(here):
        parts.append(content_digest(str(whole), 2))
    return "-".join(["scored", *parts, *filter(None, model_id.split("/"))])


def of_responses(settings: "Settings", path: Path, model_id: str) -> ScoreResult:
    """The report on recorded replies, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.score import score

    scored = score(settings, path, Console(stderr=True), model_id)
    return scored.report, {
        N_("{n} {n:sample|samples} without a reply: {shown}"): scored.missing,
        N_("{n} unknown {n:id|ids}: {shown}"): scored.unknown,
    }


def of_judgments(settings: "Settings", path: Path, model_id: str) -> ScoreResult:
    """The report on recorded verdicts, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.judgments import reread

    found = reread(settings, path, Console(stderr=True), model_id)
    return found.report, {
        N_("{n} {n:question|questions} without a verdict: {shown}"): found.missing,
        N_("{n} unknown {n:id|ids}: {shown}"): found.unknown,
        N_(
            "{n} {n:id that is|ids that are} there twice, of which the last counts: {shown}"
        ): found.twice,
        N_(
            "{n} {n:verdict that reads|verdicts that read} otherwise than the file's own score: "
            "{shown}"
        ): found.otherwise,
    }


app = command("score", score, ScoreOptions)
