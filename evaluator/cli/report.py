"""`evaluator report`: what a run came to."""

from evaluator.cli.command import Given, command
from evaluator.options.complaints import read
from evaluator.options.results_commands import ReportOptions


def report(given: Given) -> None:
    """Makes the report again, and shows it."""
    from rich.console import Console

    from evaluator.results.perf import NAME

    folder = read(ReportOptions, given).folder
    if (folder / NAME).exists():
        from evaluator.perf.report.render import rewrite
        from evaluator.perf.report.render import terminal as perf_terminal

        Console().print(perf_terminal(rewrite(folder)))
        return
    from evaluator.report.terminal import terminal
    from evaluator.runs.folder import write_report

    Console().print(terminal(write_report(folder)))


app = command("report", report, ReportOptions)
