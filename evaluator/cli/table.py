"""`evaluator table`: runs side by side."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import TableOptions


def table(given: Given) -> None:
    """Prints the table, and says what differs in how the runs were asked."""
    from evaluator.comparison.scores import read_side_by_side, written

    options = read(TableOptions, given)
    found = read_side_by_side(options.runs)
    if options.to:
        tell(written(found, options.to).rstrip("\n"))
    else:
        from rich.console import Console

        from evaluator.report.terminal import table as laid_out

        Console().print(laid_out(found.cells))
    for line in found.differences:
        tell(N_("differs: {line}", line=line), err=True)


app = command("table", table, TableOptions)
