"""python -m launch up | down | status | with | each | turns ... -- COMMAND"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from launch import each, endpoints, foreground, processes, running, server, side_by_side, turns
from launch.command import Plan
from launch.errors import LaunchError, StartError, UsageError
from launch.machine import cache_directory
from launch.placement import parse_gpus, places
from launch.planning import Wanted, make_plan
from launch.progress import Progress
from launch.signals import Signals

# Options in front of COMMAND are ours, whatever follows its first word is COMMAND's.
COMMAND_LAST = {"allow_interspersed_args": False}

SIGNALS = Signals()
PROGRESS = Progress()

app = typer.Typer(
    help="Start and stop vLLM servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Model = Annotated[str, typer.Option(help="A preset (demo), a hub id, or a directory.")]
Gpus = Annotated[str, typer.Option(help="GPUs to share the model: 0,1. None: the CPU.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Default: any free one.")]
VllmPython = Annotated[
    Path | None,
    typer.Option(help="The Python that has vLLM. Default: .venv-vllm/bin/python, else ours."),
]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds until the server must be ready.")]
Log = Annotated[Path | None, typer.Option(help="The server's log.")]


@app.command("with", context_settings=COMMAND_LAST)
def with_server(
    model: Model,
    words: Annotated[list[str], typer.Argument(metavar="[VLLM FLAGS... --] COMMAND...")],
    gpus: Gpus = "",
    role: Annotated[
        str, typer.Option(help="What COMMAND uses it for: model, judge, ...")
    ] = "model",
    folder: Annotated[
        str, typer.Option(help="What {model} is in COMMAND's --out. Default: its name's end.")
    ] = "",
    port: Port = None,
    vllm_python: VllmPython = None,
    startup_timeout: Timeout = 1800,
    log: Log = None,
) -> None:
    """Run COMMAND with a server for as long as it takes; then take the server down.

    COMMAND finds the server in the file that EVALUATOR_ENDPOINTS names, beside those of a `with`
    around this one. Flags for vLLM stand between two --:

    launch with --model demo -- --max-num-seqs 32 -- evaluator run arc
    """
    extra, command = foreground.split_words(words)
    foreground.check_command(command)
    outer = endpoints.outer_endpoints(os.environ)
    if any(entry["base_url"] is None for entry in outer):  # `each` tries COMMAND without servers
        task = each.Task(command, extra=extra, folders={model: folder} if folder else {})
        raise typer.Exit(each.without_server(model, task, SIGNALS, PROGRESS, role))
    plan = make_plan(Wanted(model, gpus, port, vllm_python, extra), SIGNALS.pause, PROGRESS)
    own = endpoints.Endpoint(role, plan.served_name, plan.base_url, len(plan.placement.gpus))
    with server.lent(plan, log or running.run_log(plan.name), PROGRESS) as one:
        server.wait_until_ready(one, startup_timeout, SIGNALS.pause, PROGRESS)
        with endpoints.written(outer, own, {"folder": folder} if folder else {}) as file:
            environment = {**os.environ, endpoints.VARIABLE: str(file)}
            code = foreground.run(command, environment, one, SIGNALS, PROGRESS)
    raise typer.Exit(code)


@app.command("each", context_settings=COMMAND_LAST)
def each_model(
    words: Annotated[list[str], typer.Argument(metavar="[VLLM FLAGS... --] COMMAND...")],
    models: Annotated[str, typer.Option(help="Presets, hub ids or directories: a,b,c.")] = "",
    recipe: Annotated[
        Path | None, typer.Option(help="TOML file whose `models` are meant without --models.")
    ] = None,
    gpus: Annotated[str, typer.Option(help="GPUs to share out: 0,1. None: the CPU.")] = "",
    gpus_per_model: Annotated[int | None, typer.Option(min=1, help="Default: an even share.")] = (
        None
    ),
    if_needed: Annotated[
        bool,
        typer.Option(help="Run COMMAND without a server first; start one if it ends with 3."),
    ] = False,
    prepare: Annotated[str, typer.Option(help="Command to run before the first server.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be served.")] = False,
    vllm_python: VllmPython = None,
    startup_timeout: Timeout = 1800,
) -> None:
    """Run COMMAND once per model, as `with` does; one model's failure costs no other.

    Several GPUs serve several models side by side.

    launch each --models a,b --gpus 0,1 -- evaluator run arc
    """
    extra, command = foreground.split_words(words)
    foreground.check_command(command)
    names = each.model_names(models, recipe)
    spots = places(parse_gpus(gpus), len(names), gpus_per_model)
    if dry_run:
        typer.echo("\n".join(each.plan_lines(names, spots, os.environ)))
        return
    options = ["--startup-timeout", f"{startup_timeout:g}"]
    options += ["--vllm-python", str(vllm_python)] if vllm_python else []
    task = each.Task(command, tuple(options), extra, each.folders(names))
    tried = each.without_servers(names, task, SIGNALS, PROGRESS) if if_needed else {}
    codes = {name: code for name, code in tried.items() if code != each.NEEDED}
    wanting = [name for name in names if name not in codes]
    if each.USAGE not in codes.values() and wanting and not SIGNALS.received:
        each.prepare(prepare)
        codes |= side_by_side.serve(wanting, spots, task, SIGNALS, PROGRESS)
        for line in each.summary(names, codes):
            PROGRESS.say(line)
    raise typer.Exit(each.exit_code(codes, SIGNALS))


@app.command("turns", context_settings=COMMAND_LAST)
def in_turns(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...")],
    config: Annotated[Path, typer.Option(help=r"TOML file with a [\[server]] per configuration.")],
    rounds: Annotated[int, typer.Option(min=1, help="Of all configurations.")] = 3,
    model: Annotated[str | None, typer.Option(help="For those that name none.")] = None,
    gpus: Gpus = "",
    vllm_python: VllmPython = None,
    startup_timeout: Timeout = 1800,
) -> None:
    """Run COMMAND beside each configuration of a server in turn: A B, B A, A B, ...

    launch turns --config perf.toml -- evaluator perf --out runs/compared
    """
    foreground.check_command(command)
    found = turns.configurations(config, model)

    def plan(one: turns.Configuration) -> Plan:
        wanted = Wanted(one.model, gpus, None, vllm_python, one.flags)
        return make_plan(wanted, SIGNALS.pause, PROGRESS)

    task = turns.Turns(tuple(command), plan, startup_timeout, SIGNALS, PROGRESS)
    raise typer.Exit(task.all(found, rounds))


@app.command(context_settings=COMMAND_LAST)
def up(
    model: Model,
    words: Annotated[list[str] | None, typer.Argument(metavar="[-- VLLM FLAGS...]")] = None,
    gpus: Gpus = "",
    port: Port = None,
    vllm_python: VllmPython = None,
    startup_timeout: Timeout = 1800,
    log: Log = None,
) -> None:
    """Start a server that stays; print its base URL."""
    extra = tuple(words or ())
    if extra and not extra[0].startswith("-"):
        raise UsageError(f"{extra[0]!r} is no vLLM flag; `up` runs no COMMAND, `with` does")
    directory = _servers()
    _refuse_second(model, directory)
    plan = make_plan(Wanted(model, gpus, port, vllm_python, extra), SIGNALS.pause, PROGRESS)
    log = log or directory / f"{running.file_name(plan.name)}.log"
    one = server.start(plan, log.absolute())
    record = _record(one)
    try:
        running.keep(record, directory)
        server.wait_until_ready(one, startup_timeout, SIGNALS.pause, PROGRESS)
    except BaseException:  # whatever it was: what is not ready does not stay
        server.stop(one, PROGRESS)
        running.forget(record, directory)
        raise
    PROGRESS.say(f"it stays; end it with: python -m launch down {plan.name}")
    typer.echo(plan.base_url)


@app.command()
def down(
    name: Annotated[str, typer.Argument(help="As `status` names it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that `up` started.")] = False,
) -> None:
    """Stop servers that `up` started."""
    directory = _servers()
    if bool(name) == everything:
        raise UsageError(f"down takes one NAME or --all, not {name or 'nothing'!r}; see status")
    chosen = running.records(directory) if everything else [running.find(name, directory)]
    for record in chosen:
        with PROGRESS.step(f"stopping {record.name}"):
            processes.stop(record.identity)
        running.forget(record, directory)
        PROGRESS.say(f"{record.name} is stopped, no process of it is left")


@app.command()
def status() -> None:
    """Show the servers that `up` started."""
    table = Table("name", "state", "base URL", "pid", "log")
    for record in running.records(_servers()):
        state = running.state(record)
        table.add_row(record.name, state, record.base_url, str(record.pid), record.log)
    Console().print(table if table.row_count else "no servers; start one with `up`")


def _record(one: server.Server) -> running.Record:
    plan, process = one.plan, one.identity
    return running.Record(
        name=plan.name,
        model=plan.served_name,
        port=plan.port,
        base_url=plan.base_url,
        pid=process.pid,
        created_at=process.created_at,
        log=str(one.log),
    )


def _refuse_second(model: str, directory: Path) -> None:
    for record in running.records(directory):
        if record.name == model and record.identity.alive:
            raise UsageError(
                f"{model!r} is up already at {record.base_url}; use it, or `down` it first"
            )


def _servers() -> Path:
    return cache_directory(os.environ) / "servers"


def main() -> None:
    SIGNALS.watch()
    processes.adopt_orphans()
    try:
        app()
    except LaunchError as error:
        PROGRESS.say(f"launch: {error}", "bold red")
        if isinstance(error, StartError) and error.log_tail:
            PROGRESS.say(error.log_tail, "dim")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
