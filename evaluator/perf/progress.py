"""What a person watches while a sweep runs: one line, drawn twice a second or now and then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from evaluator.dashboard.background import background
from evaluator.dashboard.lines import clock, token_rate
from evaluator.dashboard.screen import drawn
from evaluator.locale import N_, joined, said
from evaluator.options.parts import ProgressMode
from evaluator.perf.load.generator import TrafficCounts
from evaluator.report.terminal import plain_text

REDRAWS_PER_SECOND = 2  # drawing takes milliseconds, which the timings must not notice
PLAIN_EVERY = 10.0  # seconds


class Shown(Protocol):
    """What is sent, by one client or by several."""

    @property
    def counts(self) -> TrafficCounts: ...

    @property
    def bound(self) -> bool:
        """Whether a client is the bottleneck now."""


@dataclass(slots=True)
class SweepProgress:
    """The point that is being measured, among all of them."""

    points: int | None  # to be measured; None while a search decides how many
    done: int = 0
    label: str = N_("starting")
    planned: int | None = None  # requests of this point; None in its warm-up too
    traffic: Shown | None = None
    started: float = field(default_factory=monotonic)
    point_started: float = field(default_factory=monotonic)

    def begin(self, label: str, traffic: Shown, planned: int | None) -> None:
        """The next part of the run."""
        self.label, self.traffic, self.planned = label, traffic, planned
        self.point_started = monotonic()

    def __rich__(self) -> Text:
        text = plain_text(self.line())
        if self.traffic and self.traffic.bound:
            text.append(f"\n{said(N_('the client is the bottleneck'))}", "bold red")
        return text

    def line(self) -> str:
        """The point, how far it is, and what is left."""
        of = N_(" of {n}", n=self.points) if self.points else ""
        parts: list[str] = [N_("point {i}{of}: {label}", i=self.done + 1, of=of, label=self.label)]
        if (traffic := self.traffic) is not None:
            counts, seconds = traffic.counts, max(monotonic() - self.point_started, 1e-6)
            of = N_(" of {n}", n=self.planned) if self.planned else ""
            parts.append(
                N_("{done}{of} done, {n} in flight", done=counts.done, of=of, n=counts.in_flight)
            )
            rate = None if counts.uncounted else counts.output_tokens / seconds
            parts.append(token_rate(rate))
        elapsed = monotonic() - self.started
        parts.append(N_("{time} elapsed", time=clock(elapsed)))
        if share := self.share:
            parts.append(N_("about {time} left", time=clock(elapsed * (1 / share - 1))))
        return joined(" · ", parts)

    @property
    def share(self) -> float:
        """How much of the run is done, were all points of one length; 0 where that is not known."""
        if not self.points:
            return 0.0
        part = self.traffic.counts.done / self.planned if self.traffic and self.planned else 0.0
        return min(1.0, (self.done + part) / self.points)


@asynccontextmanager
async def shown(
    progress: SweepProgress, mode: ProgressMode, console: Console
) -> AsyncIterator[None]:
    """Shows the progress while the block runs."""
    mode = drawn(mode, console)
    if mode == "live":
        with Live(progress, console=console, refresh_per_second=REDRAWS_PER_SECOND):
            yield
    elif mode == "plain":
        async with background(_print_now_and_then(progress, console)):
            yield
    else:
        yield


async def _print_now_and_then(progress: SweepProgress, console: Console) -> None:
    while True:
        await asyncio.sleep(PLAIN_EVERY)
        console.print(plain_text(progress.line()), soft_wrap=True)
