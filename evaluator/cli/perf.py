"""`evaluator perf`: how fast servers serve, compared fairly."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import Interrupted
from evaluator.locale import N_
from evaluator.perf.options import SweepOptions, options


def perf(given: Given) -> int:
    """Measures, shows and writes the figures; 1 where a point failed."""
    from rich.console import Console

    from evaluator.perf.report.render import terminal, write_csv, write_shown
    from evaluator.perf.sweep import fresh_folder, run_sweep

    chosen = options(given if "out" in given else {**given, "out": fresh_folder()})
    try:
        report = run_sweep(chosen, Console(stderr=True))
    except Interrupted as error:
        more = () if "out" in given else ("--out", str(chosen.out))
        raise Interrupted(error.message, more) from None
    write_shown(chosen.out, report, chosen.lang)
    if chosen.csv:
        write_csv(report, chosen.csv)
    Console().print(terminal(report))
    tell(N_("results in {folder}/", folder=chosen.out))
    return int(any(point.failed for point in report.points))


app = command("perf", perf, SweepOptions)
