"""The journal of a run whose clients are on other machines: they are handed it, and say its lines.

So no folder need be shared, and what a client has said stays where its machine is lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluator.engine.budget import Budget
from evaluator.journal import Journal, journals_of
from evaluator.journal.by_sample import LinesBySample
from evaluator.journal.lines import key_of, line_of, parsed, response
from evaluator.options.settings import Settings
from evaluator.runs.clients.messages import HandedSample, Replied
from evaluator.types import Request, Response


class JournalHere:
    """The journal as the parent keeps it for them: what it holds of a sample, and what they say."""

    def __init__(self, settings: Settings, journal: Journal, budget: Budget | None) -> None:
        reused = [path for run in settings.reuse for path in journals_of(run)]
        self._lines = LinesBySample([journal.path, *reused])
        self._journal = journal
        self._budget = budget
        self.take = self._lines.take
        self.close = self._lines.close

    def keep(
        self, said: Sequence[Replied], in_hand: Mapping[tuple[str, str], HandedSample]
    ) -> None:
        """Writes the lines that a client said, for the samples that it has in hand."""
        for each in said:
            if handed := in_hand.get((each.benchmark, each.sample_id)):
                handed.known.append(each.line)
        self._pay(self._journal.add_lines([each.line for each in said]))

    def _pay(self, lines: Iterable[bytes]) -> None:
        """Counts what new replies cost, where they have a price."""
        for record in map(parsed, lines if self._budget else ()):
            if record and self._budget and not self._journal.reused(bytes.fromhex(record["key"])):
                self._budget.pay(record["role"], response(record), 1)


class JournalElsewhere:
    """The journal as such a client sees it. `say` tells the parent, which writes it."""

    def __init__(self, say: Callable[[Replied], None]) -> None:
        self._say = say
        self._known: dict[bytes, bytes] = {}  # lines by key, of samples that it was handed

    def know(self, lines: Iterable[bytes]) -> None:
        """Takes what the run's journal holds of a sample."""
        self._known.update((key, line) for line in lines if (key := key_of(line)))

    def get(self, request: Request) -> Response | None:
        """The recorded response to this request; one of a reused run is said, too."""
        line = self._known.pop(bytes.fromhex(request.key), None)
        if line is None or (record := parsed(line)) is None:
            return None
        self._say(Replied(request.benchmark, request.sample_id, line))
        return response(record)

    def add(self, request: Request, response: Response) -> None:
        """Says one line."""
        self._say(Replied(request.benchmark, request.sample_id, line_of(request, response)))
