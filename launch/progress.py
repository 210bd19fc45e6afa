"""Messages and spinners of `launch`, on standard error: standard output is COMMAND's."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.status import Status
from rich.text import Text

from .locale import N_, said

PLAIN_INTERVAL = 10.0  # seconds between lines where there is no terminal
PLAIN_WIDTH = 140

ShowDetail = Callable[[str], None]  # what a slow step is doing


class DetachableConsole(Console):
    """A console that falls silent when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        # rich would exit and close standard output, while servers run and COMMAND writes
        self.quiet = True


class Progress:
    """Lines for the user. A closed terminal never stops `launch` from stopping its servers."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or DetachableConsole(stderr=True, highlight=False, soft_wrap=True)

    def say(self, message: str, style: str = "") -> None:
        with suppress(OSError):  # the terminal was closed
            self.console.print(Text(said(message), style))

    @contextmanager
    def step(self, title: str) -> Iterator[ShowDetail]:
        """A slow step: a spinner with seconds and detail; without a terminal a line every 10 s."""
        started = time.monotonic()
        if not self.console.is_terminal or self.console.is_dumb_terminal:
            self.say(N_("{title} ...", title=title))
            yield self._plain(title, started)
            return
        status = Status("", console=self.console)

        def show(detail: str) -> None:
            with suppress(OSError):
                status.update(self._line(title, started, detail))

        with suppress(OSError):
            status.start()
        try:
            yield show
        finally:
            with suppress(OSError):
                status.stop()

    def _plain(self, title: str, started: float) -> ShowDetail:
        told = started

        def show(detail: str) -> None:
            nonlocal told
            if time.monotonic() - told >= PLAIN_INTERVAL:
                told = time.monotonic()
                self.say(self._line(title, started, detail).plain)

        return show

    def _line(self, title: str, started: float, detail: str) -> Text:
        """One line, cut to the width: a spinner over two lines would not be erased whole."""
        width = self.console.width - 4 if self.console.is_terminal else PLAIN_WIDTH
        seconds = time.monotonic() - started
        line = Text(said(N_("{title}, {seconds:.0f} s", title=title, seconds=seconds)))
        line.append(f"  {said(detail)}" if detail else "", style="dim")
        line.truncate(width, overflow="ellipsis")
        return line
