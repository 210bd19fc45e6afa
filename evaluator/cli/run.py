"""`evaluator run`: measure a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer import Option

from evaluator.cli import shared

if TYPE_CHECKING:
    from evaluator.options.settings import Settings


def run(
    context: typer.Context,
    benchmarks: Annotated[list[str] | None, typer.Argument(help="Names; see `list`.")] = None,
    config: Annotated[Path | None, Option(help="TOML file with the same keys.")] = None,
    model: Annotated[str | None, Option(help="Name under which it is served.")] = None,
    models: Annotated[str | None, Option(help="Several, one after another: a,b,c.")] = None,
    base_url: Annotated[
        list[str] | None, Option(help="http://HOST:PORT/v1; repeat it for several endpoints.")
    ] = None,
    api_key_env: Annotated[str | None, Option(help="Variable that holds the API key.")] = None,
    data_dir: shared.DataDir = None,
    data: shared.Data = None,
    strict_data: Annotated[
        bool | None,
        Option("--strict-data/--no-strict-data", help="Refuse a data set that changed."),
    ] = None,
    limit: Annotated[int | None, Option(help="Samples per benchmark.")] = None,
    precision: Annotated[
        float | None, Option(help="Stop once the 95 % half-width is below; 0.02: two points.")
    ] = None,
    shots: Annotated[int | None, Option(help="Worked examples in each prompt.")] = None,
    repeats: Annotated[int | None, Option(help="Times that each sample is asked. [1]")] = None,
    param: shared.Param = None,
    param_unchecked: shared.ParamUnchecked = None,
    mode: Annotated[str | None, Option(help="generate, logprobs or likelihood.")] = None,
    api: Annotated[str | None, Option(help="chat, or completions for base models.")] = None,
    system: Annotated[str | None, Option(help="System prompt, or the file of it.")] = None,
    chat_template: Annotated[Path | None, Option(help="Jinja file in the server's place.")] = None,
    shots_as_turns: Annotated[
        bool | None,
        Option("--shots-as-turns/--no-shots-as-turns", help="Worked examples as turns."),
    ] = None,
    dataset_args: Annotated[
        str | None, Option(help='Of single benchmarks: \'{"gsm8k": {"few_shot_num": 0}}\'.')
    ] = None,
    concurrency: Annotated[str | None, Option(help="In flight per endpoint: N or auto.")] = None,
    rpm: Annotated[float | None, Option(help="Requests per minute at most.")] = None,
    tpm: Annotated[float | None, Option(help="Tokens per minute at most.")] = None,
    transport: shared.Transport = None,
    stream: Annotated[bool | None, Option("--stream/--no-stream", help="Time tokens.")] = None,
    timeout: shared.Timeout = None,
    retries: shared.Retries = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/MODEL]")] = None,
    reuse: Annotated[list[Path] | None, Option(help="Run whose answers may be taken.")] = None,
    fresh: Annotated[
        bool, Option("--fresh", help="Start anew, in the first unused of OUT, OUT-2, OUT-3, ...")
    ] = False,
    same_model: shared.SameModel = False,
    progress: shared.Progress = None,
    max_errors: shared.MaxErrors = None,
    replay: shared.Replay = False,
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
    audit_judge: Annotated[
        int | None, Option(help="Samples on which to check the judge itself.")
    ] = None,
    smoke: Annotated[
        bool | None, Option("--smoke/--no-smoke", help="Look at the first replies. [smoke]")
    ] = None,
    noise_floor: Annotated[
        int | None, Option(help="Samples to ask again, to see what changes by itself.")
    ] = None,
    gpus: Annotated[int | None, Option(help="That serve the model, for scores per minute.")] = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be sent.")] = False,
) -> None:
    """Evaluate a model on benchmarks.  Running the same command again resumes it."""
    from evaluator.options.settings import Settings, several
    from evaluator.runs.unused import refuse_unused

    given = {key: context.params[key] for key in Settings.model_fields}
    given["models"] = models.replace(",", " ").split() if models else None
    given = {key: value for key, value in given.items() if value not in shared.UNSET}
    if dry_run:
        given["replay"] = True  # nobody is asked, and so nobody need be there
    chosen = several(given, config)
    for line in refuse_unused(given, chosen[0], recipe=config is not None):
        shared.tell(f"no effect: {line}", err=True)
    if not fresh:
        measure(chosen, dry_run)
    from evaluator.options.folders import fresh as unused

    beside = unused(chosen, replay)
    with beside.resumable(out_given(out, config)):
        measure(beside.chosen, dry_run)


def out_given(out: Path | None, config: Path | None) -> str:
    """The folder as it was given, with `{model}` in it."""
    from evaluator.options.settings import OUT, read_config

    return str(out or (read_config(config) if config else {}).get("out") or OUT)


def measure(chosen: list["Settings"], dry_run: bool) -> NoReturn:
    """Runs one model or several, and ends with the exit code of that."""
    from rich.console import Console

    from evaluator.report.terminal import terminal
    from evaluator.runs.preview import preview
    from evaluator.runs.run import exit_code, run

    if live := "arena" in chosen[0].benchmarks:
        from evaluator.arena.live import answer_settings

        chosen = answer_settings(chosen)
    if dry_run:
        shared.tell(preview(chosen))
    elif len(chosen) > 1:
        run_several(chosen, live)
    else:
        (one,) = chosen
        report = run(one, Console(stderr=True))
        Console().print(terminal(report))
        shared.tell(f"results in {one.out}/")
        raise typer.Exit(exit_code(report, one))
    raise typer.Exit


def run_several(chosen: Sequence["Settings"], live: bool) -> NoReturn:
    """Several models: a line for each, the first compared with the others, and a live arena."""
    from rich.console import Console

    from evaluator.comparison.terminal import terminal
    from evaluator.report.tables import side_by_side
    from evaluator.report.terminal import table
    from evaluator.runs.several import compared, exit_code, run_each

    ended = run_each(chosen, Console(stderr=True))
    reports = [each.report for each in ended if each.report]
    Console().print(table(side_by_side(reports)))
    for each in ended:
        shared.tell(each.line)
    if found := compared(ended):
        shared.tell()
        Console().print(terminal(found.comparison))
        shared.tell(f"comparison in {found.folder}/")
    code = exit_code(ended)
    answered = [each.settings for each in ended if each.report]
    if live and len(answered) > 1:
        from evaluator.arena.live import live_matchups
        from evaluator.cli.arena import judge

        code = judge(*live_matchups(answered)) or code
    raise typer.Exit(code)
