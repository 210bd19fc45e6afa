"""`evaluator arena`: recorded answers against each other."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.options.commands import ArenaOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from evaluator.arena.matchups import Contest
    from evaluator.options.settings import Settings


def arena(given: Given) -> int:
    """Judges the battles, and shows and writes the leaderboard."""
    from evaluator.arena.matchups import enter
    from evaluator.arena.run import preview
    from evaluator.data import source
    from evaluator.options.given import checked, one_source
    from evaluator.options.settings import Settings
    from evaluator.runs.unused import refuse_unused

    options = read(ArenaOptions, given)
    one_source(given)
    kept = {key: value for key, value in options.given().items() if key in Settings.model_fields}
    kept["concurrency"] = options.judge.concurrency  # the judges' is the only one
    chosen = checked({**kept, "benchmarks": ["arena"], "model": "arena", "out": options.out})
    refuse_unused(given, chosen, recipe=False)
    moved = source(chosen.data_dir, chosen.data) if options.data_dir or options.data else None
    contest = enter(options.runs, options.baseline, options.budget, options.benchmark, moved)
    if options.dry_run:
        tell(preview(contest, chosen))
        return 0
    return show(contest, chosen)


def show(contest: "Contest", chosen: "Settings") -> int:
    """Holds the arena, shows the leaderboard, and returns the exit code."""
    from rich.console import Console

    from evaluator.arena.run import hold
    from evaluator.arena.tables import on_terminal
    from evaluator.runs.run import exit_code

    board, report = hold(contest, chosen, Console(stderr=True))
    Console().print(on_terminal(board))
    tell(f"results in {chosen.out}/")
    return exit_code(report, chosen)


app = command("arena", arena, ArenaOptions)
