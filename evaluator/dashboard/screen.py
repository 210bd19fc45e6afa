"""The dashboard of a run: live panels or a live table, or a plain line every few seconds.

It redraws by its own clock, because events arrive too fast to draw each of them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

from evaluator.dashboard.background import background
from evaluator.dashboard.lines import compact, plain_line
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.panels import HEIGHT, WIDTH, panels
from evaluator.options.parts import ProgressMode
from evaluator.report.terminal import plain_text

REDRAWS_PER_SECOND = 1  # each takes 4 to 10 ms, and the clock shows seconds
PLAIN_EVERY = 5.0  # seconds


@asynccontextmanager
async def dashboard(meter: Meter, mode: ProgressMode, console: Console) -> AsyncIterator[None]:
    """Shows the meter while the block runs."""
    mode = drawn(mode, console)
    if mode == "none":
        yield
        return
    if mode == "live":
        with Live(Screen(meter), console=console, refresh_per_second=REDRAWS_PER_SECOND):
            yield
        return
    async with background(_print_regularly(meter, console)):
        yield
    _print(meter, console)


def drawn(mode: ProgressMode, console: Console) -> Literal["live", "plain", "none"]:
    """How progress is shown here: a terminal that cannot move its cursor gets plain lines."""
    if mode == "auto":
        mode = "live" if console.is_terminal else "plain"
    return "plain" if mode == "live" and console.is_dumb_terminal else mode


async def _print_regularly(meter: Meter, console: Console) -> None:
    while True:
        await asyncio.sleep(PLAIN_EVERY)
        _print(meter, console)


def _print(meter: Meter, console: Console) -> None:
    console.print(plain_text(plain_line(meter)), soft_wrap=True)


class Screen:
    """The meter as the screen has room for it, rendered anew whenever rich asks for it."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Panels where they fit, and the terminal can draw their frames."""
        wide = options.max_width >= WIDTH and console.height >= HEIGHT
        if wide and not options.ascii_only:
            yield panels(self._meter, console.height - 1)  # the cursor's line stays free
        else:
            yield compact(self._meter)
