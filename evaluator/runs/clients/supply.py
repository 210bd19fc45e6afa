"""The samples of a run as its clients are handed them, and what clients that died had in hand."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

from evaluator.engine.precision import SamplesUntilPrecise
from evaluator.engine.task import FIRST, Task, ordered
from evaluator.runs.clients.messages import Handed, HandedSample
from evaluator.runs.clients.recorded import JournalHere
from evaluator.types import Sample


class Supply:
    """Hands out samples, each once; `last`: all are handed out that nobody had before.

    What a dead client had goes to the one in its place, which finds its answers in its shard. With
    clients elsewhere, answers are handed along, and it goes to whoever asks first.
    """

    def __init__(self, tasks: Sequence[Task], recorded: JournalHere | None) -> None:
        self.last = False
        self._left = ordered(tasks)
        self._back: dict[int, deque[HandedSample]] = defaultdict(deque)  # by client
        self._recorded = recorded
        self._handed_of: Counter[str] = Counter()  # samples, by benchmark

    def take(self, number: int, most: int) -> Handed:
        """At most so many samples for the client of that number."""
        back = self._back_for(number)
        samples: list[HandedSample] = []
        while len(samples) < most:
            if back:
                samples.append(back.popleft())
            elif taken := next(self._left, None):
                samples.append(self._handed(*taken))
            else:
                self.last = True
                break
        return Handed(samples, self.last and not back)

    def give_back(self, number: int, samples: Iterable[HandedSample]) -> None:
        """Takes back what a client that died had in hand."""
        self._back_for(number).extend(samples)

    def is_empty(self, number: int) -> bool:
        """Whether a client of that number has nothing to do any more."""
        return self.last and not self._back_for(number)

    def _back_for(self, number: int) -> deque[HandedSample]:
        return self._back[0 if self._recorded else number]

    def _handed(self, task: Task, sample: Sample) -> HandedSample:
        """Of the first samples all is looked at; lines are not made of what may not count."""
        name = task.benchmark.name
        self._handed_of[name] += 1
        whole = isinstance(task.samples, SamplesUntilPrecise) or self._handed_of[name] <= FIRST
        known = self._recorded.take(name, sample.id) if self._recorded else []
        return HandedSample(name, sample, whole, known)
