"""`evaluator export`: a run in the form of another tool."""

import sys

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import ExportOptions


def export(given: Given) -> None:
    """Writes the export to its file or folder, or prints it."""
    from evaluator.exports.exported import read_exported
    from evaluator.exports.forms import text, write

    options = read(ExportOptions, given)
    run = read_exported(options.folder, options.benchmark)
    if options.out:
        write(run, options.to, options.out)
        tell(N_("written to {out}", out=options.out))
    else:
        sys.stdout.writelines(text(run, options.to))


app = command("export", export, ExportOptions)
