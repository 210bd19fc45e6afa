"""What is exported: a run's report, setup and samples, of some benchmarks or of all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.results.outcomes import OutcomeRecord, read_outcomes
from evaluator.results.report import RunReport, read_report
from evaluator.results.run import RunInfo, read_run
from evaluator.transcripts.read import RecordedExchange, Transcript, transcripts
from evaluator.types import Message


@dataclass(frozen=True, slots=True)
class ExportedSample:
    """One sample: what it came to, and what was asked and said."""

    outcome: OutcomeRecord
    transcript: Transcript

    @property
    def last(self) -> RecordedExchange | None:
        """The model's last exchange: of a sample that was asked several times, the last repeat."""
        asked = [each for each in self.transcript.exchanges if each.role == "model"]
        return asked[-1] if asked else None

    @property
    def reply(self) -> str:
        """What the model said last."""
        return (self.last.reply or "") if self.last else ""

    @property
    def messages(self) -> list[Message]:
        """What the model was asked last, as turns of a chat."""
        asked = self.last.asked if self.last else ""
        return [{"role": "user", "content": asked}] if isinstance(asked, str) else asked


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """A run's folder, and what stands in it of the benchmarks chosen."""

    folder: Path
    info: RunInfo
    report: RunReport

    def samples(self) -> Iterator[ExportedSample]:
        """The samples, in the order in which they ended; of a killed run those that were written.

        Raises UsageError where the run has no samples.jsonl, DataError for a damaged file.
        """
        for outcome, said in zip(
            read_outcomes(self.folder), transcripts(self.folder), strict=False
        ):
            if (outcome.benchmark, outcome.id) != (said.benchmark, said.id):
                raise DataError(
                    N_(
                        "{folder!r}: outcomes.jsonl and samples.jsonl differ at {id!r}; the "
                        "command of the run again, with --replay, makes both",
                        folder=str(self.folder),
                        id=outcome.id,
                    )
                )
            if outcome.benchmark in self.report.benchmarks:
                yield ExportedSample(outcome, said)


def read_exported(folder: Path, benchmarks: Sequence[str] = ()) -> ExportedRun:
    """The run in a folder.  Raises UsageError where there is none, or not of these benchmarks."""
    report = read_report(folder)
    for name in benchmarks:
        if name not in report.benchmarks:
            raise UsageError(
                N_(
                    "--benchmark {name}: not in {folder!r}, which has {benchmarks}",
                    name=name,
                    folder=str(folder),
                    benchmarks=", ".join(report.benchmarks),
                )
            )
    chosen = {
        name: result
        for name, result in report.benchmarks.items()
        if not benchmarks or name in benchmarks
    }
    return ExportedRun(folder, read_run(folder), replace(report, benchmarks=chosen))
