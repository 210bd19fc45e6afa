"""The command line: reads options and prints results; the work is done elsewhere.

One module a command; each imports what it needs only when it is called, so that --help is quick.
"""

import shlex
import sys
from typing import Annotated

import typer

from evaluator.cli.arena import arena
from evaluator.cli.check import check
from evaluator.cli.compare import compare
from evaluator.cli.data import app as data
from evaluator.cli.perf import perf
from evaluator.cli.run import run
from evaluator.cli.samples import samples
from evaluator.cli.schema import schema
from evaluator.cli.score import score
from evaluator.cli.shared import tell
from evaluator.cli.show import list_benchmarks, report
from evaluator.cli.streams import lasting_streams
from evaluator.errors import EvaluatorError, Interrupted

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(score)
app.command()(report)
app.command(name="show")(samples)
app.command()(arena)
app.command()(compare)
app.command()(perf)
app.command()(check)
app.command(name="list")(list_benchmarks)
app.command()(schema)
app.add_typer(data, name="data")


def told_version(asked: bool) -> None:
    """Shows the version, and ends."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"evaluator {version('evaluator')}")
        raise typer.Exit


@app.callback()
def every(
    version: Annotated[
        bool,
        typer.Option("--version", callback=told_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Evaluates language models that are served behind an OpenAI-compatible endpoint."""


def main() -> None:
    """Runs the command; an EvaluatorError becomes one line and its exit code."""
    with lasting_streams():
        try:
            app()
        except EvaluatorError as error:
            tell(f"error: {error}", err=True)
            if isinstance(error, Interrupted):
                given = [word for word in sys.argv[1:] if word not in error.less]
                again = shlex.join(["evaluator", *given, *error.more])
                tell(f"to go on, run the same command again:\n  {again}", err=True)
            sys.exit(error.exit_code)
