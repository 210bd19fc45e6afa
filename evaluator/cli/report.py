"""`evaluator report`: what a run, a comparison, an arena or a throughput run came to."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import UsageError
from evaluator.locale import N_, Language
from evaluator.options.complaints import read
from evaluator.options.results_commands import ReportOptions

if TYPE_CHECKING:
    from rich.console import RenderableType


def report(given: Given) -> None:
    """Makes all reports of the folder again, shows them, and says what could not be made."""
    from rich.console import Console

    options = read(ReportOptions, given)
    folder = options.folder
    kinds = [name for name in REMAKERS if (folder / name).exists()]
    if not kinds:
        raise UsageError(
            N_(
                "no results in {folder!r}: it has none of {names}; name the folder of a run, a "
                "comparison, an arena or a throughput run",
                folder=str(folder),
                names=", ".join(REMAKERS),
            )
        )
    for name in kinds:
        if made := REMAKERS[name].make(folder, options.lang):
            Console().print(made)
    for line in not_made(folder):
        tell(line, err=True)


def of_run(folder: Path, lang: Language | None) -> "RenderableType | None":
    """Makes a run's report; that of an arena's battles is not shown."""
    from evaluator.report.terminal import terminal
    from evaluator.results.arena import NAME
    from evaluator.runs.reporting import write_report

    made = write_report(folder, lang=lang)
    return None if (folder / NAME).exists() else terminal(made)


def of_arena(folder: Path, lang: Language | None) -> "RenderableType":
    """Makes an arena's files for people."""
    from evaluator.arena.files import rewrite
    from evaluator.arena.tables import on_terminal

    return on_terminal(rewrite(folder, lang))


def of_comparison(folder: Path, lang: Language | None) -> "RenderableType":
    """Makes a comparison's files for people."""
    from evaluator.comparison.files import rewrite
    from evaluator.comparison.terminal import terminal

    return terminal(rewrite(folder, lang))


def of_perf(folder: Path, lang: Language | None) -> "RenderableType":
    """Makes a throughput run's files for people."""
    from evaluator.perf.report.render import rewrite, terminal

    return terminal(rewrite(folder, lang))


class Remaker(NamedTuple):
    """What makes the reports of a file again, and the page among them."""

    make: Callable[[Path, Language | None], "RenderableType | None"]
    page: str


REMAKERS: Mapping[str, Remaker] = {  # by the file they read
    "run.json": Remaker(of_run, "report.html"),
    "arena.json": Remaker(of_arena, "arena.html"),
    "compare.json": Remaker(of_comparison, "compare.html"),
    "perf.json": Remaker(of_perf, "perf.html"),
}


def not_made(folder: Path) -> Iterator[str]:
    """What could not be made again of what lies in the folder, and what would make it."""
    for name, (_, page) in REMAKERS.items():
        if (folder / page).exists() and not (folder / name).exists():
            yield f"{page} is left as it was: there is no {name} to make it of"
    if (folder / "run.json").exists() and not (folder / "samples.jsonl").exists():
        yield (
            "report.html shows no samples, as there is no samples.jsonl: the command of the run "
            "again, with --replay, makes both"
        )
    if (folder / "compare.json").exists():
        yield "the figures are those of compare.json: evaluator compare reads the runs again"


app = command("report", report, ReportOptions)
