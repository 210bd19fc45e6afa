"""outcomes.jsonl: a line for each sample, with what it came to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from evaluator.results.files import read_lines
from evaluator.results.folder import RunFolder
from evaluator.results.names import REFUSED, End, Scale, Status, end_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord:
    """Where one sample ended. Keys that an older version did not write have their defaults."""

    # dict and tuple rather than Mapping and Sequence: lines are read in half the time

    benchmark: str
    """Name of the benchmark."""

    id: str
    """The sample's id: the data set's own, else its row number; the same on every machine."""

    group: str = ""
    """The subject or part of the data set that the sample belongs to."""

    status: Status
    """How the sample ended. The first three count in the mean, the other two have no score."""

    value: float | None = None
    """The score, on the benchmark's scale, a mean over the repeats; None where not measured."""

    answer: str | None = None
    """What was read in the reply, of repeats the most frequent; None where nothing was."""

    target: str = ""
    """The ground truth."""

    note: str = ""
    """A remark on how the reply was scored."""

    error: str = ""
    """Why the sample was not measured."""

    dimensions: dict[str, float] = field(default_factory=dict)
    """Further figures of the sample by name, each a mean over the repeats that have it."""

    response_keys: tuple[str, ...] = ()
    """Keys of its replies in responses.jsonl, in the order of asking."""

    prompt: str = ""
    """16 hex digits over what the model was asked first, whichever model it was."""

    leaked: int = 0
    """Replies that held tokens of a chat template."""

    ran_on: int = 0
    """Replies that went on with a turn or a question that nobody asked for."""

    fitted: int = 0
    """Prompts that were longer than the model's context; left out where there are none."""

    states: dict[str, int] = field(default_factory=dict)
    """Replies by status, of a sample that was asked several times; else left out."""

    repeats: dict[str, int] = field(default_factory=dict)
    """How many replies have a dimension, where not all do; left out beside `states`."""

    @property
    def score(self) -> float:
        """The value of a sample that was measured."""
        assert self.value is not None, f"{self.benchmark}/{self.id} was not measured"
        return self.value


class OutcomeLines(NamedTuple):
    """What a sample's outcome adds to outcomes.jsonl and to samples.jsonl."""

    outcome: bytes
    sample: bytes


def outcome_end(outcome: OutcomeRecord, scale: Scale) -> End:
    """What became of a sample of a benchmark on this scale."""
    refused = bool(outcome.dimensions.get(REFUSED))
    return end_of(outcome.status, outcome.value, scale, refused)


def read_outcomes(folder: Path) -> Iterator[OutcomeRecord]:
    """The outcomes of a run, in the order in which its samples ended.

    Raises OSError, and DataError, which names the line, for one that is damaged.
    """
    return read_lines(RunFolder(folder).outcomes, OutcomeRecord)


def outcomes_of(folder: Path, benchmark: str) -> Iterator[OutcomeRecord]:
    """The outcomes of one benchmark of a run.  Raises OSError and DataError."""
    return (each for each in read_outcomes(folder) if each.benchmark == benchmark)
