"""`evaluator compare`: what models gained and forgot against a base."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.results_commands import CompareOptions


def compare(given: Given) -> None:
    """Compares the runs, and shows and writes what was found."""
    from rich.console import Console

    from evaluator.comparison import compare as compare_runs
    from evaluator.comparison import default_folder, write
    from evaluator.comparison.terminal import terminal

    options = read(CompareOptions, given)
    if options.noise_floor:
        from evaluator.runs.rerun import ask_again

        for folder in (options.base, *options.others):
            ask_again(folder, options.noise_floor, Console(stderr=True))
    comparison = compare_runs(options.base, options.others, options.force, options.margin / 100)
    folder = options.out or default_folder(options.base, comparison)
    write(comparison, folder, options.lang)
    Console().print(terminal(comparison))
    tell(N_("results in {folder}/", folder=folder))


app = command("compare", compare, CompareOptions)
