"""`evaluator show`: single samples of a run, as they were asked, answered and read."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
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
        tell("\n".join(shown(sample, options.whole)))
        if count == options.limit:
            break
    if not count:
        tell(f"no such sample in {options.folder}", err=True)


app = command("show", show, ShowOptions)
