"""report.json: every figure of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.figures import Dimension, Figure, Interval
from evaluator.results.files import read
from evaluator.results.folder import RunFolder
from evaluator.results.identity import IdentityRecord
from evaluator.results.names import ApiName, End, ModeName, Params, Scale
from evaluator.results.run import EarlyStop, OriginInfo
from evaluator.results.serving import ServingResult

TableRow = dict[str, Any]  # of a table: names of columns with plain values
TotalsSource = Literal["outcomes", "run", "nothing"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """What one benchmark came to. Counts are of samples unless they say otherwise.

    What an older version did not write has a default.
    """

    metric: str
    """What the value is."""

    scale: Scale
    """The least and the most that a value can be; [0, 1] is shown in per cent."""

    value: float | None
    """Mean over all measured samples (micro); None where none was measured."""

    ci95: Interval | None
    """Ends of its 95 % interval."""

    samples: int
    """Samples that ended, whatever their status."""

    macro: float | None
    """Mean of the groups' means."""

    macro_ci95: Interval | None
    """Ends of its 95 % interval."""

    planned: int
    """Samples that should have ended: fewer than `available` where it stopped early."""

    available: int
    """Samples that there were to ask."""

    stopped: EarlyStop | None = None
    """Where it stopped early; None where it did not."""

    scored: int
    """An answer was read and scored."""

    unparsed: int
    """No answer could be read in a complete reply; counts as wrong."""

    truncated: int
    """The reply was cut off before an answer could be read; counts as wrong."""

    judge_unparsed: int
    """The judge's verdict could not be read; not in the mean."""

    errors: int
    """Never measured; not in the mean."""

    ends: Mapping[End, int] = field(default_factory=dict)
    """What became of all samples, each counted once: finer than the counts above."""

    error_messages: Mapping[str, int]
    """The most frequent errors, with how many samples each."""

    leaked: int = 0
    """Replies that held tokens of a chat template."""

    ran_on: int = 0
    """Replies that went on with a turn or a question that nobody asked for."""

    fitted: int = 0
    """Prompts that were longer than the model's context, and were cut, or scored in windows."""

    shots: int
    """Worked examples in each prompt."""

    mode: ModeName = "generate"
    """How an answer is got: written, or from the logprobs or likelihoods of the options."""

    api: ApiName = "chat"
    """How it is asked: by /chat/completions or by /completions."""

    system: str = ""
    """The system prompt."""

    prompt_template: str = ""
    """The user's own words for a question; empty for the benchmark's."""

    repeats: int = 1
    """How often each sample is asked."""

    data: str
    """The data set, its split and its source, in words."""

    origin: OriginInfo | None = None
    """Where the rows came from; None where there is no telling."""

    deviations: Sequence[str] = ()
    """How the samples differ from the data set as it is known."""

    params: Params
    """Sampling fields of a request to the model."""

    about: Sequence[str] = ()
    """Further lines on how it was measured, such as its judges."""

    groups: Mapping[str, Figure]
    """The value by group, such as a subject."""

    categories: Mapping[str, Figure] = field(default_factory=dict)
    """The value by category: several groups under a wider name."""

    dimensions: Mapping[str, Dimension]
    """Further figures of the same samples by name."""

    replies: Mapping[str, int] = field(default_factory=dict)
    """All replies by status, where samples were asked several times; else empty."""

    totals: Mapping[str, Figure] = field(default_factory=dict)
    """The benchmark's own further figures, which are no means over samples."""

    totals_from: TotalsSource = None
    """What made them: the outcomes, the run (the benchmark is not known here), or nothing as they
    are lost; None where it has none."""

    def row(self, benchmark: str) -> TableRow:
        """Its main figures as plain values, for a table."""
        low, high = self.ci95 or (None, None)
        least, most = self.scale
        row: TableRow = {"benchmark": benchmark, "value": self.value}
        row |= {"ci95_low": low, "ci95_high": high, "macro": self.macro}
        row |= {name: getattr(self, name) for name in ROW_COUNTS}
        row |= {"metric": self.metric, "scale_min": least, "scale_max": most}
        return row | {name: getattr(self, name) for name in ROW_SETTINGS}


ROW_COUNTS = (
    *("samples", "planned", "scored", "unparsed", "truncated", "judge_unparsed", "errors"),
    *("leaked", "ran_on"),
)
ROW_SETTINGS = ("shots", "repeats", "mode", "api", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """All figures of a run: what `evaluator run` shows, and what it returns in Python."""

    schema_version: int = 1
    """Version of this file's shape."""

    run: str
    """Name of the run's folder."""

    model: str
    """Name of the model, as the server knows it."""

    judge: str | None
    """Names of all judges; None where nothing was judged."""

    started_at: str
    """When the last session began: ISO 8601, UTC."""

    tags: Sequence[str] = ()
    """The user's words to find the run by."""

    note: str = ""
    """The user's remark."""

    seconds: float
    """How long the last session that sent a request took."""

    identity: Mapping[str, IdentityRecord] = field(default_factory=dict)
    """What is known of each model behind a name, by `role:name`."""

    benchmarks: Mapping[str, BenchmarkResult]
    """What each benchmark came to, by name."""

    serving: ServingResult
    """What serving took."""

    def rows(self) -> list[TableRow]:
        """A plain dict for each benchmark: `pandas.DataFrame(report.rows())`."""
        return [result.row(name) for name, result in self.benchmarks.items()]


def read_report(folder: Path) -> RunReport:
    """The report.json of a run.  Raises UsageError where there is none, DataError if damaged."""
    try:
        return read(RunFolder(folder).report, RunReport)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            N_("no report in {folder!r}: it has no report.json", folder=str(folder))
        ) from error
