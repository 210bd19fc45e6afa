"""The command line: reads options and prints results; the work is done elsewhere."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from evaluator.types import EvaluatorError, Interrupted

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evaluates language models that are served behind an OpenAI-compatible endpoint.",
)
Option = typer.Option
MOST_IDS = 20  # ids named in a message
UNSET: tuple[object, ...] = (None, (), [])  # what an option is that was not given


def main() -> None:
    """Runs the command; an EvaluatorError becomes one line and its exit code."""
    try:
        app()
    except EvaluatorError as error:
        typer.echo(f"error: {error}", err=True)
        if isinstance(error, Interrupted):
            again = shlex.join(["evaluator", *sys.argv[1:]])
            typer.echo(f"to go on, run the same command again:\n  {again}", err=True)
        sys.exit(error.exit_code)


@app.command()
def run(
    context: typer.Context,
    benchmarks: Annotated[list[str] | None, typer.Argument(help="Names; see `list`.")] = None,
    config: Annotated[Path | None, Option(help="TOML file with the same keys.")] = None,
    model: Annotated[str | None, Option(help="Name under which it is served.")] = None,
    base_url: Annotated[
        list[str] | None, Option(help="http://HOST:PORT/v1; repeat it for several endpoints.")
    ] = None,
    api_key_env: Annotated[str | None, Option(help="Variable that holds the API key.")] = None,
    data_dir: Annotated[Path | None, Option(help="Local mirror of the data sets.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin.")] = None,
    limit: Annotated[int | None, Option(help="Samples per benchmark.")] = None,
    shots: Annotated[int | None, Option(help="Worked examples in each prompt.")] = None,
    param: Annotated[list[str] | None, Option(help="Sampling field, KEY=VALUE.")] = None,
    concurrency: Annotated[str | None, Option(help="In flight per endpoint: N or auto.")] = None,
    rpm: Annotated[float | None, Option(help="Requests per minute at most.")] = None,
    tpm: Annotated[float | None, Option(help="Tokens per minute at most.")] = None,
    transport: Annotated[str | None, Option(help="auto, wire or sdk.")] = None,
    stream: Annotated[bool | None, Option("--stream/--no-stream", help="Time tokens.")] = None,
    timeout: Annotated[float | None, Option(help="Seconds for one reply. [600]")] = None,
    retries: Annotated[int | None, Option(help="After a passing failure. [8]")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/MODEL]")] = None,
    reuse: Annotated[list[Path] | None, Option(help="Run whose answers may be taken.")] = None,
    progress: Annotated[str | None, Option(help="auto, live, plain or none.")] = None,
    max_errors: Annotated[float | None, Option(help="Errors to bear: a count or a share.")] = None,
    replay: Annotated[bool, Option("--replay", help="Answer from the journal only.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be sent.")] = False,
) -> None:
    """Evaluate a model on benchmarks.  Running the same command again resumes it."""
    from rich.console import Console

    from evaluator.plan import preview
    from evaluator.report.terminal import terminal
    from evaluator.run import exit_code
    from evaluator.run import run as run_settings
    from evaluator.settings import Settings, settings

    given = {key: context.params[key] for key in Settings.model_fields}
    chosen = settings({key: value for key, value in given.items() if value not in UNSET}, config)
    if dry_run:
        typer.echo(preview(chosen))
        return
    report = run_settings(chosen, Console(stderr=True))
    Console().print(terminal(report))
    typer.echo(f"results in {chosen.out}/")
    raise typer.Exit(exit_code(report, chosen))


@app.command()
def score(
    benchmark: Annotated[str, typer.Argument(help="Name; see `list`.")],
    responses: Annotated[Path, Option(help='JSONL of {"id", "response"}.')],
    model: Annotated[str, Option(help="Name for the report.")] = "recorded",
    data_dir: Annotated[Path | None, Option(help="Local mirror of the data sets.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/scored-FILE]")] = None,
    max_errors: Annotated[float | None, Option(help="Missing replies to bear.")] = None,
) -> None:
    """Score recorded replies, without any server.  An id is a sample's, or its row number."""
    from rich.console import Console

    from evaluator.report.terminal import terminal
    from evaluator.run import exit_code
    from evaluator.score import score as score_replies
    from evaluator.settings import settings

    given = {"benchmarks": [benchmark], "model": model, "replay": True, "progress": "none"}
    options = {"data_dir": data_dir, "data": data, "max_errors": max_errors}
    given |= {key: value for key, value in options.items() if value is not None}
    chosen = settings({**given, "out": out or Path("runs") / f"scored-{responses.stem}"})
    scored = score_replies(chosen, responses, Console(stderr=True))
    Console().print(terminal(scored.report))
    for what, ids in (("samples without a reply", scored.missing), ("unknown ids", scored.unknown)):
        if ids:
            shown = ", ".join(ids[:MOST_IDS]) + (", ..." if len(ids) > MOST_IDS else "")
            typer.echo(f"{len(ids)} {what}: {shown}", err=True)
    typer.echo(f"results in {chosen.out}/")
    raise typer.Exit(exit_code(scored.report, chosen))


@app.command(name="list")
def list_benchmarks() -> None:
    """Show the benchmarks."""
    from evaluator.benchmarks import BENCHMARKS

    for name, b in BENCHMARKS.items():
        typer.echo(f"{name:<10}{b.title} · {b.shots} shots · {b.metric} · {b.licence}")
        typer.echo(f"{'':<10}{b.dataset} · {b.paper}")


@app.command()
def report(folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]) -> None:
    """Make a run's report again from its files, and show it."""
    from rich.console import Console

    from evaluator.report.terminal import terminal
    from evaluator.run import write_report

    Console().print(terminal(write_report(folder)))
