"""A recorded run: its run.json, and its outcomes by benchmark and sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import OutcomeRecord, read_outcomes
from evaluator.results.run import RunInfo, read_run


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run's folder, its setup, and its outcomes by benchmark and sample id."""

    folder: RunFolder
    info: RunInfo
    outcomes: Mapping[str, Mapping[str, OutcomeRecord]]

    @property
    def name(self) -> str:
        return self.folder.path.resolve().name


def read(path: Path) -> RecordedRun:
    """The run in a folder.  Raises UsageError when there is none, DataError for a damaged line."""
    folder, info = RunFolder(path), read_run(path)
    for file in (folder.outcomes, folder.responses):
        if not file.exists():
            raise UsageError(
                N_(
                    "{path!r} is no run of `evaluator run`: it has no {name}",
                    path=str(path),
                    name=file.name,
                )
            )
    outcomes: dict[str, dict[str, OutcomeRecord]] = {name: {} for name in info.benchmarks}
    for outcome in read_outcomes(path):
        outcomes[outcome.benchmark][outcome.id] = outcome
    return RecordedRun(folder, info, outcomes)
