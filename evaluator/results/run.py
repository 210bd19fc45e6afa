"""run.json: what a run is, how each benchmark was asked, and what its last session took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.figures import LEAVE_OUT, Figure
from evaluator.results.files import read
from evaluator.results.folder import RunFolder
from evaluator.results.identity import IdentityRecord
from evaluator.results.names import SHARE, ApiName, ModeName, Params, ProtocolName, Scale
from evaluator.results.session import ClientLoad, Concurrency, RoleServing
from evaluator.results.spending import RolePrice
from evaluator.results.timeline import KvCacheUse

RecordedSettings = Mapping[str, Any]  # keys of `evaluator run` with their values, as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginInfo:
    """Where the rows of a data set came from."""

    source: str
    """The hub, repository or folder, in words."""

    id: str
    """The data set's id there."""

    revision: str = ""
    """The commit; empty where the source has none."""

    how: str = ""
    """Which of the source's files were read, where there is more than one way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingInfo:
    """How the judges of a benchmark were asked."""

    params: Params
    """The sampling fields that the user gave for them."""

    prompt: str = ""
    """A hash of the user's own judge prompt, 16 hex digits; empty for the benchmark's own."""

    pooled: str = "mean"
    """What is taken of several judges' scores: mean or median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyStop:
    """Where a benchmark stopped, because its score was known precisely enough (`--precision`)."""

    samples: int
    """How many samples counted."""

    half_width: float
    """Half the 95 % interval at that point, on the benchmark's scale."""

    wanted: float
    """The half width that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkInfo:
    """How one benchmark was asked. Keys that an older version did not write have defaults."""

    settings: RecordedSettings | None = field(default=None, metadata=LEAVE_OUT)
    """The settings of the session that ran it, where that was not the last one."""

    title: str = ""
    """Its name for people."""

    metric: str
    """What the value is."""

    scale: Scale = SHARE
    """The least and the most that a value can be."""

    samples: int
    """How many samples there are to ask."""

    shots: int
    """Worked examples in each prompt."""

    repeats: int = 1
    """How often each sample is asked."""

    params: Params
    """Sampling fields of a request to the model."""

    mode: ModeName = "generate"
    """How an answer is got: written, or from the logprobs or likelihoods of the options."""

    protocol: ProtocolName | None = field(default=None, metadata=LEAVE_OUT)
    """How the model calls tools; left out where there are none."""

    api: ApiName = "chat"
    """How it is asked: by /chat/completions or by /completions."""

    system: str = ""
    """The system prompt."""

    prompt_template: str = ""
    """The user's own words for a question; empty for the benchmark's."""

    shots_as_turns: bool = False
    """Whether worked examples are turns of their own."""

    chat_template: str = ""
    """A hash of the user's own chat template, 16 hex digits; empty for the server's."""

    data: str
    """The data set, its split and its source, in words."""

    origin: OriginInfo | None = None
    """The same as data; None where there is no telling."""

    deviations: Sequence[str] = ()
    """How the samples differ from the data set as it is known."""

    categories: Mapping[str, str] = field(default_factory=dict)
    """The wider category of a group, where it has one."""

    about: Sequence[str] = ()
    """Further lines on how it was measured, such as its judges."""

    language: str = ""
    """Language of the questions, where leaving it is a fault: zh."""

    summarizes: bool = False
    """Whether it has totals that are no means over samples."""

    limit: int | None = None
    """How many samples were asked for; None for all."""

    subsets: Sequence[str] = ()
    """The groups that were asked for; none for all."""

    source: str | None = None
    """Where the data was to come from: hub, modelscope, mirror or builtin."""

    judge: str | None = None
    """Names of its judges; None where it has none."""

    judging: JudgingInfo | None = None
    """How they were asked; None where it has none."""

    stopped: EarlyStop | None = None
    """Where it stopped early; None where it did not."""

    totals: Mapping[str, Figure] | None = field(default=None, metadata=LEAVE_OUT)
    """Its totals, for reports made where the benchmark itself is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What was run. Counts and times are of the last session that sent a request."""

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

    seconds: float
    """How long that session took, in seconds."""

    requests: int
    """Requests that the last session sent."""

    replayed: int
    """Replies that the last session took from the journal."""

    faults: Mapping[str, int] = field(default_factory=dict)
    """Passing failures by kind, each of which was tried again."""

    evaluator: str = ""
    """Version of this program."""

    limit: int | None = None
    """Samples of each benchmark that were asked for; None for all."""

    settings: RecordedSettings | None = None
    """The settings of the last session, without addresses and secrets."""

    endpoints: Sequence[str] = ()
    """Base URLs of the model's servers, without passwords."""

    gpus: int | None = None
    """GPUs that served the model; None where it is not known."""

    sent_where_taken: Params = field(default_factory=dict)
    """Sampling fields that are sent to every server that takes them."""

    refused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By endpoint: fields that it refused, with its words."""

    transport: Sequence[str] = ()
    """How requests were sent: wire, sdk."""

    benchmarks: Mapping[str, BenchmarkInfo]
    """How each benchmark was asked, by name."""

    identity: Mapping[str, IdentityRecord] = field(default_factory=dict)
    """What is known of each model behind a name, by `role:name`."""

    adapted: Mapping[str, Mapping[str, str]] | None = field(default=None, metadata=LEAVE_OUT)
    """By endpoint: fields that were sent otherwise than asked, and how."""

    client: ClientLoad | None = field(default=None, metadata=LEAVE_OUT)
    """How the client itself did; left out until a session has ended."""

    concurrency: Concurrency | None = field(default=None, metadata=LEAVE_OUT)
    """Requests in flight for the model; left out until a session has ended."""

    roles: Mapping[str, RoleServing] | None = field(default=None, metadata=LEAVE_OUT)
    """What the other roles, the judges, were asked."""

    prices: Mapping[str, RolePrice] | None = field(default=None, metadata=LEAVE_OUT)
    """The user's prices by role; left out where none were given."""

    prefix_hit_rate: float | None = field(default=None, metadata=LEAVE_OUT)
    """Share of the model's prompt tokens that came from the server's prefix cache, 0 to 1, by its
    /metrics or else by its replies; left out where neither tells."""

    kv_cache: KvCacheUse | None = field(default=None, metadata=LEAVE_OUT)
    """Use of the KV cache in the last session; left out where the server does not tell."""

    def settings_of(self, benchmark: str) -> RecordedSettings:
        """The settings with which a benchmark was run last."""
        return self.benchmarks[benchmark].settings or self.settings or {"limit": self.limit}

    def judge_of(self, benchmark: str) -> str | None:
        """Who judged a benchmark; of runs from before that was noted, who judged the run."""
        info = self.benchmarks[benchmark]
        return info.judge or (self.judge if info.scale != SHARE else None)


def read_run(folder: Path) -> RunInfo:
    """The run.json of a run.  Raises UsageError where there is none, DataError if damaged."""
    try:
        return read(RunFolder(folder).run, RunInfo)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            N_("no run in {folder!r}: it has no run.json", folder=str(folder))
        ) from error
