"""`evaluator arena`: recorded answers against each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from evaluator.cli.run import UNSET

if TYPE_CHECKING:
    from evaluator.arena.contest import Contest
    from evaluator.settings import Settings


def arena(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    judge_model: Annotated[
        list[str] | None, Option(help="Judge's name; repeat it for several.")
    ] = None,
    judge_base_url: Annotated[
        list[str] | None, Option(help="Where it is: one for all judges, or one each.")
    ] = None,
    judge_api_key_env: Annotated[
        list[str] | None, Option(help="Variable that holds its API key.")
    ] = None,
    judge_param: Annotated[list[str] | None, Option(help="Its sampling, KEY=VALUE.")] = None,
    judge_prompt: Annotated[Path | None, Option(help="A judge prompt of your own.")] = None,
    judge_pooled: Annotated[str | None, Option(help="Of several: mean or median. [mean]")] = None,
    judge_concurrency: Annotated[str | None, Option(help="In flight: N or auto.")] = None,
    judge_rpm: Annotated[float | None, Option(help="Requests per minute at most.")] = None,
    judge_tpm: Annotated[float | None, Option(help="Tokens per minute at most.")] = None,
    baseline: Annotated[Path | None, Option(help="Run that all others are set against.")] = None,
    budget: Annotated[int | None, Option(min=1, help="Battles at most: the most telling.")] = None,
    benchmark: Annotated[list[str] | None, Option(help="Only its questions.")] = None,
    data_dir: Annotated[Path | None, Option(help="Where the data is now, if moved.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin, instead.")] = None,
    transport: Annotated[str | None, Option(help="auto, wire or sdk.")] = None,
    timeout: Annotated[float | None, Option(help="Seconds for one reply. [600]")] = None,
    retries: Annotated[int | None, Option(help="After a passing failure. [8]")] = None,
    out: Annotated[Path, Option(help="Folder of the arena.")] = Path("runs/arena"),
    progress: Annotated[str | None, Option(help="auto, live, plain or none.")] = None,
    max_errors: Annotated[float | None, Option(help="Errors to bear: a count or a share.")] = None,
    replay: Annotated[bool, Option("--replay", help="Answer from the journal only.")] = False,
) -> None:
    """Judge the answers of runs in pairs, and rate the models.  Needs no model, only a judge."""
    from evaluator.arena.contest import enter
    from evaluator.data import source
    from evaluator.settings import checked

    options = {
        "judge_model": judge_model,
        "judge_base_url": judge_base_url,
        "judge_api_key_env": judge_api_key_env,
        "judge_param": judge_param,
        "judge_prompt": judge_prompt,
        "judge_pooled": judge_pooled,
        "judge_concurrency": judge_concurrency,
        "concurrency": judge_concurrency,
        "judge_rpm": judge_rpm,
        "judge_tpm": judge_tpm,
        "transport": transport,
        "timeout": timeout,
        "retries": retries,
        "progress": progress,
        "max_errors": max_errors,
        "replay": replay,
        "data_dir": data_dir,
        "data": data,
    }
    given = {key: value for key, value in options.items() if value not in UNSET}
    chosen = checked({**given, "benchmarks": ["arena"], "model": "arena", "out": out})
    moved = source(chosen.data_dir, chosen.data) if data_dir or data else None
    contest = enter(runs, baseline, budget, benchmark or (), moved)
    raise typer.Exit(show(contest, chosen))


def show(contest: "Contest", chosen: "Settings") -> int:
    """Holds the arena, shows the leaderboard, and returns the exit code."""
    from rich.console import Console

    from evaluator.arena.hold import hold
    from evaluator.arena.words import on_terminal
    from evaluator.run import exit_code

    board, report = hold(contest, chosen, Console(stderr=True))
    Console().print(on_terminal(board))
    typer.echo(f"results in {chosen.out}/")
    return exit_code(report, chosen)
