"""A look at the first replies of each large benchmark, beside the run that asks them.

What a full run would only show at its end shows here: a chat template that does not fit, replies
that end before their answer, an answer that cannot be read.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Self

from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.template import templated
from evaluator.engine.task import FIRST, Task
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.report.terminal import plain_text
from evaluator.results.folder import RunFolder
from evaluator.runs.first_replies import Probe, in_markdown, on_screen
from evaluator.types import Event, Outcome, Request, Response

LARGE = 50  # a benchmark of at most so many requests is not looked at
MOST_CUT = 0.5  # a share of replies cut off before their answer beyond which a run is stopped
PATIENCE = 0.5  # seconds at the end of a run for what /tokenize still owes


Place = tuple[str, str]  # benchmark and sample id


class Look:
    """Listens to a run: judges the first replies of each benchmark once they are there.

    `passed` is called when none of them is left that promises nothing. Prompts are asked for beside
    the run, and nothing waits for them; the screen, where there is one, shows what came of it.
    """

    def __init__(
        self,
        first: Mapping[str, Sequence[str]],
        pools: Mapping[str, Pool],
        folder: Path,
        screen: Console | None,
        passed: Callable[[], None],
    ) -> None:
        self.hopeless = False
        self._first = dict(first)  # by benchmark, as long as one of them has not ended
        self._ended: dict[str, dict[str, Outcome]] = {name: {} for name in first}
        self._prompts: dict[Place, asyncio.Task[str | None]] = {}
        self._pools = pools
        self._page = RunFolder(folder).smoke
        self._screen = screen
        self._passed = passed
        self._shown: dict[str, Sequence[Probe]] = {}  # what smoke.md holds
        self._showing: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if not self._first:
            self._passed()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Shows what is left to show.  Raises OSError where smoke.md cannot be written."""
        if self._showing:
            await asyncio.wait(self._showing, timeout=PATIENCE)
        tasks = [*self._showing, *self._prompts.values()]
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def __call__(self, event: Event) -> None:
        """Raises UsageError where a benchmark's replies promise nothing."""
        if isinstance(event, Response) or event.benchmark not in self._first:
            return
        if event.sample_id not in self._first[event.benchmark]:
            return
        if isinstance(event, Outcome):
            ended = self._ended[event.benchmark]
            ended[event.sample_id] = event
            if len(ended) == len(self._first[event.benchmark]):
                self._judge(event.benchmark)
        elif event.role == "model" and (place := place_of(event)) not in self._prompts:
            asking = templated(self._pools["model"], event.body)
            self._prompts[place] = asyncio.create_task(asking)

    def _judge(self, benchmark: str) -> None:
        ids = self._first.pop(benchmark)
        outcomes = [self._ended[benchmark][sample] for sample in ids]
        self._showing.append(asyncio.create_task(self._show(benchmark, outcomes)))
        if reason := reason_to_stop(statuses(outcomes)):
            self.hopeless = True
            in_flight = sum(pool.in_flight for pool in set(self._pools.values()))
            raise UsageError(
                N_(
                    "{benchmark}: {reason}; stopped with {in_flight} {in_flight:request|requests} "
                    "in flight; {page} shows the replies, and --no-smoke goes on all the same",
                    benchmark=benchmark,
                    reason=reason,
                    in_flight=in_flight,
                    page=self._page,
                )
            )
        if not self._first:
            self._passed()

    async def _show(self, benchmark: str, outcomes: Sequence[Outcome]) -> None:
        """Everything to smoke.md, and a little of it to the screen."""
        prompts = [p for each in outcomes if (p := self._prompts.get(place_of(each)))]
        try:
            if prompts:
                await asyncio.wait(prompts)
        finally:  # also where the run ends before the server has told them
            self._write(benchmark, list(self._probes(outcomes)))

    def _write(self, benchmark: str, probes: Sequence[Probe]) -> None:
        self._shown[benchmark] = probes
        self._page.write_text(in_markdown(self._shown), encoding="utf-8")
        if self._screen and probes:
            for line in on_screen(benchmark, probes):
                self._screen.print(plain_text(line, "dim"), soft_wrap=True)

    def _probes(self, outcomes: Sequence[Outcome]) -> Iterator[Probe]:
        """What there is to see of each sample that asked the model."""
        for outcome in outcomes:
            asked = next((each for each in outcome.requests if each.role == "model"), None)
            if asked:
                prompt = self._prompts[place_of(outcome)]
                told = prompt.done() and not prompt.cancelled()
                yield Probe(outcome, asked, prompt.result() if told else None)


def place_of(event: Request | Outcome) -> Place:
    """Which sample it is of."""
    return event.benchmark, event.sample_id


def statuses(outcomes: Iterable[Outcome]) -> list[str]:
    """Where each reply ended: of repeats, where each of them did."""
    counts = (Counter(outcome.states or {outcome.status: 1}) for outcome in outcomes)
    return [status for count in counts for status in count.elements()]


def first_samples(tasks: Collection[Task]) -> dict[str, list[str]]:
    """The ids of the first samples of every large benchmark."""
    return {
        task.benchmark.name: list(dict.fromkeys(s.id for s in islice(task.samples, FIRST)))
        for task in tasks
        if task.total * task.repeats > LARGE
    }


def reason_to_stop(statuses: Sequence[str]) -> str | None:
    """Why the first replies promise nothing, and what to do; None where they do."""
    ended = [status for status in statuses if status != "error"]
    cut, n = ended.count("truncated"), len(ended)
    if cut > MOST_CUT * n:
        return N_(
            "{cut} of the first {n} {n:reply|replies} were cut off before their answer; "
            "allow longer ones with --param max_tokens=N",
            cut=cut,
            n=n,
        )
    if not ended or "scored" in ended:  # where all failed, the run itself will stop
        return None
    if "judge_unparsed" in ended:
        return N_(
            "no verdict on the first {n} {n:reply|replies} could be read; "
            "try another --judge-model",
            n=n,
        )
    return N_(
        "no answer could be read in any of the first {n} {n:reply|replies}; look whether the chat "
        "template fits the model, or show it examples with --shots N",
        n=n,
    )
