"""The floor of a comparison: what changes when the same model is asked the same again.

At temperature 0 too, replies hang on what else the server computes at the time; so some samples
are asked again with another number in flight. That is a run of its own in a folder within the
first, journal included, and no part of its scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.client.urls import without_password
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder
from evaluator.results.report import read_report
from evaluator.results.run import read_run

FEW = 4  # a run with fewer in flight than this is asked again with more


def again(settings: Settings, slots: int) -> Settings:
    """The settings of the second asking: fewer samples, and a quarter as many in flight."""
    asked = settings.noise_floor
    return settings.model_copy(
        update={
            "out": RunFolder(settings.out).noise,
            "limit": min(asked, settings.limit or asked),
            "concurrency": slots // 4 if slots >= FEW else 2 * FEW,
            "noise_floor": 0,
            "dataset_args": {
                name: of.model_copy(update={"limit": min(asked, of.limit) if of.limit else None})
                for name, of in settings.dataset_args.items()
            },
            "precision": None,
            "audit_judge": 0,
            "smoke": False,
            "max_errors": 0.99,  # a share: what fails here is left out, and costs the run nothing
            "reuse": [],
        }
    )


def asked_again(folder: Path) -> int:
    """How many samples a benchmark the run in this folder was asked again, all of them answered."""
    second = RunFolder(folder).noise
    if not (RunFolder(second).run.exists() and RunFolder(second).report.exists()):
        return 0
    run, report = read_run(second), read_report(second)
    whole = all(result.samples == result.planned for result in report.benchmarks.values())
    limits = [int(run.settings_of(name)["limit"]) for name in run.benchmarks]
    return min(limits) if whole else 0


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the model is served: base URLs without passwords, and on how many GPUs if known."""

    endpoints: Sequence[str]
    gpus: int | None


def served(settings: Settings) -> Servers:
    """What is known of the servers, without passwords.

    A replay asks nobody: then that is what the run before it knew.
    """
    if settings.replay and RunFolder(settings.out).run.exists():
        earlier = read_run(settings.out)
        return Servers(earlier.endpoints, earlier.gpus)
    return Servers(list(map(without_password, settings.base_url)), settings.gpus)
