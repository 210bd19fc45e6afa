"""The options of `fleet`, on this machine and in clusters."""

from dataclasses import dataclass
from pathlib import Path

from .declared import number_of_seconds, option, required
from .options import ServerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions(ServerOptions):
    """`fleet`: COMMAND once per model of a file. Without --gpus on all GPUs that are free."""

    config: Path = required(
        "a TOML file with a [[server]] table for each model: model, and as needed name, role, "
        "gpus, tp, replicas, engine, flags",
        Path,
        "FILE",
    )
    if_needed: bool = option(
        False, "run COMMAND without a server first, and start one if it exits with 3"
    )
    prepare: str = option("", "a command to run before the first server starts, as an installation")
    dry_run: bool = option(False, "show which models would be served where, and start nothing")
    on: str = option("local", "where servers run: local, slurm or ray (default: local)")
    submit: bool = option(
        False, "on a cluster: return at once; `status` shows the fleet, and `down NAME` ends it"
    )
    name: str = option(
        "", "on a cluster: what `status` and `down` call the fleet (default: as its file)"
    )
    sbatch_args: str = option(
        "",
        "further options of sbatch, as --sbatch-args='--partition gpu --time 8:00:00'",
        metavar="OPTIONS",
    )
    lease: float = option(
        60.0,
        "on a cluster: seconds without a sign of the launcher after which a server ends, or of a "
        "server after which it counts as lost (default: 60)",
        number_of_seconds,
        "SECONDS",
    )
