"""A benchmark that ends once its score is known precisely enough (--precision).

Samples come in a seeded random order. Every beginning of it holds the groups in proportion. The
precision is checked after fixed numbers of samples, and exactly the first that many decide. Samples
that are answered sooner, as short replies are, have no say. So the same command again stops at the
same place. What is in flight by then is answered but does not count.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from evaluator.engine.task import Task
from evaluator.statistics.intervals import Running
from evaluator.types import MEASURED, SHARE, Emit, Event, Outcome, Sample, Scale

FIRST_LOOK = 100  # samples; fewer may agree by chance
LOOK_EVERY = 50


@dataclass(slots=True)
class SamplesUntilPrecise:
    """The samples of one benchmark, until half its 95 % interval is at most `wanted` wide."""

    samples: Sequence[Sample]
    wanted: float  # in the unit of the values
    scale: Scale = SHARE
    counted: int = 0
    stopped: bool = False
    _score: Running = field(init=False)
    _place: dict[str, int] = field(init=False)
    _ended: dict[int, Outcome] = field(default_factory=dict, init=False)
    _ready: int = field(default=0, init=False)  # so many of the first samples have ended

    def __post_init__(self) -> None:
        self._score = Running(self.scale)
        self._place = {sample.id: place for place, sample in enumerate(self.samples)}

    def __iter__(self) -> Iterator[Sample]:
        for sample in self.samples:
            if self.stopped:
                return
            yield sample

    @property
    def half_width(self) -> float:
        """Of the 95 % interval over the samples counted so far."""
        low, high = self._score.ci95
        return (high - low) / 2

    def count(self, outcome: Outcome) -> Iterator[Outcome]:
        """Takes an outcome; gives those that count from now on, in the order of the samples."""
        if self.stopped:
            return
        self._ended[self._place[outcome.sample_id]] = outcome
        while self._ready in self._ended:
            self._ready += 1
        while not self.stopped and self._ready >= (look := self._next_look()) > self.counted:
            for place in range(self.counted, look):
                yield self._counted(self._ended.pop(place))
            self.counted = look
            self.stopped = look < len(self.samples) and self.half_width <= self.wanted

    def rest(self) -> Iterator[Outcome]:
        """What had ended when the run did, though no look came of it."""
        if not self.stopped:
            yield from self._ended.values()

    def _counted(self, outcome: Outcome) -> Outcome:
        if outcome.score is not None and outcome.status in MEASURED:
            self._score.add(outcome.score.value)
        return outcome

    def _next_look(self) -> int:
        look = self.counted + LOOK_EVERY if self.counted else FIRST_LOOK
        return min(look, len(self.samples))


def shuffled(samples: Iterable[Sample], seed: int = 0) -> list[Sample]:
    """The samples in random order, every beginning of which has each group's share in it."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.group, []).append(sample)
    placed: list[tuple[float, str, Sample]] = []
    for group in groups.values():
        order = sorted(group, key=lambda sample: chance(sample.id, seed))
        for i, sample in enumerate(order):
            place = (i + chance(sample.id, seed + 1)) / len(group)
            placed.append((place, sample.id, sample))
    return [sample for *_, sample in sorted(placed, key=lambda each: each[:2])]


def chance(name: str, seed: int) -> float:
    """A number from 0 to 1 that follows from the name, on every machine."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=7).digest()
    return float(int.from_bytes(digest) / 256**7)


def counting(tasks: Sequence[Task], emit: Emit, stop: Callable[[str, int], None]) -> Emit:
    """Emits of a benchmark that stops early only what counts; `stop` is told its new length."""
    by_name = {
        task.benchmark.name: task.samples
        for task in tasks
        if isinstance(task.samples, SamplesUntilPrecise)
    }

    if not by_name:
        return emit

    def counted(event: Event) -> None:
        precise = by_name.get(event.benchmark) if isinstance(event, Outcome) else None
        if precise is None or not isinstance(event, Outcome):
            emit(event)
            return
        for outcome in precise.count(event):
            emit(outcome)
        if precise.stopped:
            stop(event.benchmark, precise.counted)

    return counted
