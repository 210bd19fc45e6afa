"""`evaluator perf`: how fast servers serve, compared fairly."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from evaluator.cli import shared
from evaluator.cli.shared import UNSET, tell
from evaluator.errors import Interrupted


def perf(
    context: typer.Context,
    model: Annotated[str | None, Option(help="Name under which it is served.")] = None,
    base_url: Annotated[
        list[str] | None, Option(help="http://HOST:PORT/v1; repeat it to compare endpoints.")
    ] = None,
    api_key_env: Annotated[str | None, Option(help="Variable that holds the API key.")] = None,
    concurrency: Annotated[str | None, Option(help="At once: 1,8,32 (closed loop).")] = None,
    rate: Annotated[str | None, Option(help="A second: 2,4,inf (open loop).")] = None,
    burstiness: Annotated[
        float | None, Option(help="Of the gaps: 1 Poisson, less bursts, inf constant. [1]")
    ] = None,
    requests: Annotated[int | None, Option(help="Requests a point. [8 a slot]")] = None,
    seconds: Annotated[float | None, Option(help="Seconds a point, instead.")] = None,
    warmup: Annotated[int | None, Option(help="Requests before each point. [1 a slot]")] = None,
    prompt_tokens: Annotated[str | None, Option(help="Synthetic: N or LO-HI. [256]")] = None,
    output_tokens: Annotated[str | None, Option(help="Of a reply: N or LO-HI. [128]")] = None,
    benchmark: Annotated[str | None, Option(help="Take a benchmark's prompts.")] = None,
    workload: Annotated[
        Path | None, Option(help="Take prompts of a ShareGPT file or of JSONL.")
    ] = None,
    data_dir: Annotated[Path | None, Option(help="Local mirror of the data sets.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin.")] = None,
    param: shared.Param = None,
    param_unchecked: shared.ParamUnchecked = None,
    ignore_eos: Annotated[
        bool | None,
        Option("--ignore-eos/--no-ignore-eos", help="Replies of full length. [synthetic: yes]"),
    ] = None,
    warm_cache: Annotated[
        bool, Option("--warm-cache", help="Do not start each point with a cold cache.")
    ] = False,
    slo: Annotated[str | None, Option(help="Milliseconds: ttft:300,tpot:50,latency:...")] = None,
    find_knee: Annotated[
        bool, Option("--find-knee", help="Find the highest concurrency that meets the SLO.")
    ] = False,
    repeats: Annotated[int | None, Option(help="Of every point. [3]")] = None,
    with_accuracy: Annotated[
        str | None, Option(help="A benchmark's prompts, with its score beside the speed.")
    ] = None,
    seed: Annotated[int | None, Option(help="Of prompts and gaps. [0]")] = None,
    against: Annotated[Path | None, Option(help="An earlier run to compare with.")] = None,
    timeout: Annotated[float | None, Option(help="Seconds for one reply. [600]")] = None,
    progress: Annotated[str | None, Option(help="auto, live, plain or none.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/perf-TIME]")] = None,
    csv: Annotated[Path | None, Option(help="Write a line a point there as well.")] = None,
) -> None:
    """Measure how fast servers serve.  With --out, the same command goes on where it ended."""
    from rich.console import Console

    from evaluator.perf.options import Options, options
    from evaluator.perf.report.render import terminal, write_csv, write_markdown
    from evaluator.perf.sweep import fresh_folder, run_sweep

    given = {key: context.params[key] for key in Options.model_fields}
    given = {key: value for key, value in given.items() if value not in UNSET}
    chosen = options({**given, "out": out or fresh_folder()})
    try:
        report = run_sweep(chosen, Console(stderr=True))
    except Interrupted as error:
        raise Interrupted(str(error), () if out else ("--out", str(chosen.out))) from None
    write_markdown(chosen.out, report)
    if chosen.csv:
        write_csv(report, chosen.csv)
    Console().print(terminal(report))
    tell(f"results in {chosen.out}/")
    raise typer.Exit(int(any(point.failed for point in report.points)))
