"""`evaluator import`: what another tool recorded, as a run."""

from pathlib import Path

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.commands import ImportOptions
from evaluator.options.complaints import read

KEPT = ("data_dir", "data", "lang")  # what goes on to the settings as it is


def imports(given: Given) -> int:
    """Makes the run, shows its report, and says what was left out."""
    from rich.console import Console

    from evaluator.imports.run import imported
    from evaluator.imports.tools import read as recorded
    from evaluator.options.given import one_source, settings
    from evaluator.report.terminal import terminal

    options = read(ImportOptions, given)
    one_source(given)
    model, tasks = recorded(options.tool, options.folder, options.model)
    name = options.folder.resolve().name.removesuffix(options.folder.suffix)
    chosen = settings(
        {
            **{key: given[key] for key in KEPT if key in given},
            "benchmarks": ["arc"],  # those of the import take its place
            "model": model,
            "replay": True,
            "progress": "none",
            "out": options.out or Path("runs") / f"{options.tool}-{name}",
        }
    )
    made = imported(options.tool, tasks, chosen, options.as_recorded)
    Console().print(terminal(made.report))
    for line in made.told:
        tell(line, err=True)
    tell(N_("results in {out}/", out=chosen.out))
    return made.code


app = command("import", imports, ImportOptions)
