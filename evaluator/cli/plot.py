"""`evaluator plot`: a chart of results as a file, for papers and slides."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import PlotOptions


def plot(given: Given) -> None:
    """Draws the chart."""
    from evaluator.plots.drawing import check, draw
    from evaluator.plots.kinds import plotted

    options = read(PlotOptions, given)
    check(options.out)
    draw(plotted(options.kind, options.runs, options.benchmark), options.out)
    tell(N_("drawn in {out}", out=options.out))


app = command("plot", plot, PlotOptions)
