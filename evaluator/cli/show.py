"""`evaluator show`: single samples of a run, as they were asked, answered and read."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import ShowOptions


def show(given: Given) -> None:
    """Shows the samples that were chosen."""
    from evaluator.runs.show import Choice, chosen, shown

    options = read(ShowOptions, given)
    choice = Choice(
        options.wrong,
        options.unparsed,
        options.forgotten,
        tuple(options.id),
        tuple(options.benchmark),
    )
    count = 0
    for count, sample in enumerate(chosen(options.folder, choice), 1):
        for line in shown(sample, options.whole):
            tell(line)
        if count == options.limit:
            break
    if not count:
        tell(N_("no such sample in {folder}", folder=options.folder), err=True)


app = command("show", show, ShowOptions)
