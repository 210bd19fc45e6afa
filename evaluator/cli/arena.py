"""`evaluator arena`: recorded answers against each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from evaluator.cli import shared

if TYPE_CHECKING:
    from evaluator.arena.matchups import Matchups
    from evaluator.options.settings import Settings


def arena(
    context: typer.Context,
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    judge_model: shared.JudgeModel = None,
    judge_base_url: shared.JudgeBaseUrl = None,
    judge_api_key_env: shared.JudgeApiKeyEnv = None,
    judge_param: shared.JudgeParam = None,
    judge_param_unchecked: shared.JudgeParamUnchecked = None,
    judge_prompt: shared.JudgePrompt = None,
    judge_pooled: shared.JudgePooled = None,
    judge_concurrency: shared.JudgeConcurrency = None,
    judge_rpm: shared.JudgeRpm = None,
    judge_tpm: shared.JudgeTpm = None,
    baseline: Annotated[Path | None, Option(help="Run that all others are set against.")] = None,
    budget: Annotated[int | None, Option(min=1, help="Battles at most: the most telling.")] = None,
    benchmark: Annotated[list[str] | None, Option(help="Only its questions.")] = None,
    data_dir: Annotated[Path | None, Option(help="Where the data is now, if moved.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin, instead.")] = None,
    transport: shared.Transport = None,
    timeout: shared.Timeout = None,
    retries: shared.Retries = None,
    out: Annotated[Path, Option(help="Folder of the arena.")] = Path("runs/arena"),
    same_model: shared.SameModel = False,
    progress: shared.Progress = None,
    max_errors: shared.MaxErrors = None,
    replay: shared.Replay = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be sent.")] = False,
) -> None:
    """Judge the answers of runs in pairs, and rate the models.  Needs no model, only a judge."""
    from evaluator.arena.matchups import plan_matchups
    from evaluator.arena.run import preview
    from evaluator.data import source
    from evaluator.options.settings import Settings, checked, one_source
    from evaluator.runs.unused import refuse_unused

    given = {key: value for key, value in context.params.items() if key in Settings.model_fields}
    given = {key: value for key, value in given.items() if value not in shared.UNSET}
    one_source(given)
    if judge_concurrency:
        given["concurrency"] = judge_concurrency  # the judges' is the only one
    chosen = checked({**given, "benchmarks": ["arena"], "model": "arena"})
    refuse_unused(given, chosen, recipe=False)
    moved = source(chosen.data_dir, chosen.data) if data_dir or data else None
    matchups = plan_matchups(runs, baseline, budget, benchmark or (), moved)
    if dry_run:
        shared.tell(preview(matchups, chosen))
        return
    raise typer.Exit(judge(matchups, chosen))


def judge(matchups: "Matchups", chosen: "Settings") -> int:
    """Runs the arena, shows the leaderboard, and returns the exit code."""
    from rich.console import Console

    from evaluator.arena.run import run_arena
    from evaluator.arena.tables import on_terminal

    result = run_arena(matchups, chosen, Console(stderr=True))
    Console().print(on_terminal(result.report))
    shared.tell(f"results in {chosen.out}/")
    return result.exit_code
