"""`evaluator gate`: whether a run passes, as an exit code."""

from pathlib import Path

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import GateOptions

CODES = {"passes": 0, "fails": 1, "cannot tell": 4}


def gate(given: Given) -> int:
    """Shows the answers, writes them where asked to, and returns the exit code."""
    from rich.console import Console

    from evaluator.gates import shown
    from evaluator.gates.judge import Demands, judged
    from evaluator.gates.junit import write_junit
    from evaluator.gates.requirement import together
    from evaluator.report.terminal import table

    options = read(GateOptions, given)
    check(options)
    demands = Demands(options.min, options.max_drop, options.benchmark, options.confidence)
    found = judged(options.folder, demands, options.base, options.force)
    Console().print(table(shown.cells(found)))
    for line in shown.lines(found):
        tell(line)
    tell(shown.conclusion(options.folder, found, options.confidence))
    if options.junit:
        write_junit(options.junit, options.folder, found)
    if options.markdown:
        append(options.markdown, shown.markdown(options.folder, found, options.confidence))
    return CODES[together(found)]


def check(options: GateOptions) -> None:
    """Raises UsageError where nothing is asked, or half of it."""
    if options.base and options.max_drop is None:
        raise UsageError(N_("--base without --max-drop: how far may the run be below it?"))
    if options.max_drop is not None and not options.base:
        raise UsageError(N_("--max-drop without --base: below which run?"))
    if not options.min and not options.base:
        raise UsageError(
            N_("nothing is asked; give --min NAME=SCORE, or --base RUN --max-drop SHARE")
        )
    if options.benchmark and not options.base:
        raise UsageError(
            N_("--benchmark: it chooses what --max-drop is asked of; --min names its own")
        )


def append(path: Path, text: str) -> None:
    """Adds to a file, as $GITHUB_STEP_SUMMARY is one of all steps.  Raises UsageError."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            N_(
                "--markdown: cannot write {path!r}: {strerror}",
                path=str(path),
                strerror=error.strerror,
            )
        ) from error


app = command("gate", gate, GateOptions)
