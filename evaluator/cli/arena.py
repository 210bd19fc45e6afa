"""`evaluator arena`: recorded answers against each other."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.locale import N_
from evaluator.options.commands import ArenaOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from evaluator.arena.matchups import Matchups
    from evaluator.options.settings import Settings


def arena(given: Given) -> int:
    """Judges the battles, and shows and writes the leaderboard."""
    from evaluator.arena.matchups import plan_matchups
    from evaluator.arena.run import preview
    from evaluator.data import source
    from evaluator.options.given import checked, one_source
    from evaluator.options.settings import Settings
    from evaluator.runs.unused import refuse_ineffective, refuse_unused

    options = read(ArenaOptions, given)
    one_source(given)
    kept = {key: value for key, value in options.given().items() if key in Settings.model_fields}
    kept["concurrency"] = options.judge.concurrency  # the judges' is the only one
    chosen = checked({**kept, "benchmarks": ["arena"], "model": "arena", "out": options.out})
    refuse_unused(given, chosen, recipe=False)
    refuse_ineffective(given, chosen)
    moved = source(chosen.data_dir, chosen.data) if options.data_dir or options.data else None
    matchups = plan_matchups(
        options.runs, options.baseline, options.budget, options.benchmark, moved
    )
    if options.dry_run:
        tell(preview(matchups, chosen))
        return 0
    return judge(matchups, chosen)


def judge(matchups: "Matchups", chosen: "Settings") -> int:
    """Runs the arena, shows the leaderboard, and returns the exit code."""
    from rich.console import Console

    from evaluator.arena.run import run_arena
    from evaluator.arena.tables import on_terminal

    result = run_arena(matchups, chosen, Console(stderr=True))
    Console().print(on_terminal(result.report))
    tell(N_("results in {folder}/", folder=chosen.out))
    return result.exit_code


app = command("arena", arena, ArenaOptions)
