"""The verbs of `python -m launch`."""

from collections.abc import Sequence
from dataclasses import replace

from . import MODULE
from .cluster import submitted
from .cluster.fleet import run_cluster_fleet
from .command_parser import Verb, asks_for_help, parse
from .commands import background
from .commands.each import run_each
from .commands.fleet_file import run_fleet_file
from .commands.interleaved import run_interleaved
from .commands.one_server import run_with_server
from .errors import LaunchError, StartError
from .evaluation.evaluate import run_evaluation
from .evaluation.throughput import run_throughput
from .fleet_options import FleetOptions
from .locale import N_, speak
from .options import (
    DownOptions,
    EachOptions,
    EvalOptions,
    PerfOptions,
    StatusOptions,
    TurnsOptions,
    UpOptions,
    WithOptions,
)
from .processes import process_tree
from .processes.signals import Signals
from .progress import Progress

SIGNALS = Signals()
PROGRESS = Progress()
PROGRAM = f"python -m {MODULE}"
COMMAND = "[-- FLAGS OF THE SERVER...] -- COMMAND..."

Words = tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """The exit code: COMMAND's own, 2 after a mistake, 3 without a server, 128 + a signal."""
    speak(arguments, to_files=asks_for_help(arguments))
    SIGNALS.watch()
    process_tree.adopt_orphans()
    try:
        return parse(PROGRAM, N_("Start and stop model servers."), VERBS, arguments)
    except LaunchError as error:
        PROGRESS.say(N_("launch: {error}", error=error.message), "bold red")
        if isinstance(error, StartError) and error.log_tail:
            PROGRESS.say(error.log_tail, "dim")
        return error.exit_code


def _with(options: WithOptions, words: Words) -> int:
    return run_with_server(options, words, SIGNALS, PROGRESS)


def _each(options: EachOptions, words: Words) -> int:
    return run_each(options, words, SIGNALS, PROGRESS)


def _fleet(options: FleetOptions, words: Words) -> int:
    run = run_fleet_file if options.on == "local" else run_cluster_fleet
    return run(options, words, SIGNALS, PROGRESS)


def _slurm(options: FleetOptions, words: Words) -> int:
    return _fleet(replace(options, on="slurm"), words)


def _ray(options: FleetOptions, words: Words) -> int:
    return _fleet(replace(options, on="ray"), words)


def _turns(options: TurnsOptions, words: Words) -> int:
    return run_interleaved(options, words, SIGNALS, PROGRESS)


def _up(options: UpOptions, words: Words) -> int:
    urls = background.up(options, words, SIGNALS, PROGRESS)
    print("\n".join(urls), flush=True)  # noqa: T201
    return 0


def _down(options: DownOptions, words: Words) -> int:
    fleets = submitted.chosen(words, options.all)
    for fleet in fleets:
        submitted.down(fleet, PROGRESS)
    names = {each.name for each in fleets}
    if not names or options.all or set(words) - names:
        background.down([word for word in words if word not in names], options.all, PROGRESS)
    return 0


def _status(options: StatusOptions, words: Words) -> int:
    background.show_status()
    submitted.show_status()
    return 0


def _eval(options: EvalOptions, words: Words) -> int:
    return run_evaluation(options, SIGNALS, PROGRESS)


def _perf(options: PerfOptions, words: Words) -> int:
    return run_throughput(options, SIGNALS, PROGRESS)


VERBS = (
    Verb(
        "eval",
        EvalOptions,
        _eval,
        N_("Serve models, evaluate them, compare them, stop the servers"),
        details=N_("This is what `make eval` runs; its variables are these options."),
        example=f"{PROGRAM} eval --model demo --limit 20",
    ),
    Verb(
        "perf",
        PerfOptions,
        _perf,
        N_("Serve a model, or configurations of it, and measure how fast"),
        details=N_("This is what `make perf` runs; its variables are these options."),
        example=f"{PROGRAM} perf --model demo",
    ),
    Verb(
        "with",
        WithOptions,
        _with,
        N_("Run COMMAND beside a model's servers, then stop them"),
        COMMAND,
        N_(
            "COMMAND finds the servers in the file that EVALUATOR_ENDPOINTS names, together\n"
            "with those of a `with` around this one."
        ),
        f"{PROGRAM} with --model demo -- --max-num-seqs 32 -- evaluator run arc",
    ),
    Verb(
        "each",
        EachOptions,
        _each,
        N_("Run COMMAND once per model, each beside its own server"),
        COMMAND,
        N_(
            "A model that fails costs no other. Several GPUs serve several models\n"
            "at the same time."
        ),
        f"{PROGRAM} each --models a,b --gpus 0,1 -- evaluator run arc",
    ),
    Verb(
        "fleet",
        FleetOptions,
        _fleet,
        N_("Run COMMAND once per model of a file, on the GPUs that are free"),
        COMMAND,
        N_("Models load side by side with their judge, and wait where GPUs are too few."),
        f"{PROGRAM} fleet --config fleet.toml -- evaluator run arc",
    ),
    Verb(
        "slurm",
        FleetOptions,
        _slurm,
        N_("As `fleet --on slurm`: each server is a Slurm job"),
        COMMAND,
        example=f"{PROGRAM} slurm --config fleet.toml -- evaluator run arc",
    ),
    Verb(
        "ray",
        FleetOptions,
        _ray,
        N_("As `fleet --on ray`: each server is a Ray actor"),
        COMMAND,
        example=f"{PROGRAM} ray --config fleet.toml -- evaluator run arc",
    ),
    Verb(
        "turns",
        TurnsOptions,
        _turns,
        N_("Run COMMAND beside several configurations of a server, interleaved"),
        "-- COMMAND...",
        N_("The order is ABBA, so that a drift of the machine affects all of them alike."),
        f"{PROGRAM} turns --config perf.toml -- evaluator perf --out runs/ab",
    ),
    Verb(
        "up",
        UpOptions,
        _up,
        N_("Start servers of a model that stay, and print their base URLs"),
        "[-- FLAGS OF VLLM...]",
        example=f"{PROGRAM} up --model demo",
    ),
    Verb(
        "down",
        DownOptions,
        _down,
        N_("Stop servers that `up` started, and fleets in clusters"),
        "[NAME...]",
        N_("NAME is as `status` shows it."),
        f"{PROGRAM} down demo",
    ),
    Verb(
        "status",
        StatusOptions,
        _status,
        N_("Show the servers that `up` started, and fleets in clusters"),
    ),
)
