"""What `launch` says while it works: on standard error, as standard output is COMMAND's."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.status import Status
from rich.text import Text

PLAIN_INTERVAL = 10.0  # seconds between lines where there is no terminal
PLAIN_WIDTH = 140

Show = Callable[[str], None]  # what the step is at just now


class Lasting(Console):
    """A console that falls silent when its reader has gone."""

    def on_broken_pipe(self) -> None:
        # rich would exit, servers and all, and close standard output, which is COMMAND's
        self.quiet = True


class Progress:
    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Lasting(stderr=True, highlight=False, soft_wrap=True)

    def say(self, message: str, style: str = "") -> None:
        # a terminal that was closed must not keep us from stopping the server
        with suppress(OSError):
            self.console.print(Text(message, style))

    @contextmanager
    def step(self, title: str) -> Iterator[Show]:
        """A slow step: a spinner with seconds and detail, or a line every now and then."""
        started = time.monotonic()
        if not self.console.is_terminal:
            self.say(f"{title} ...")
            yield self._plain(title, started)
            return
        with Status("", console=self.console) as status:
            yield lambda detail: status.update(self._line(title, started, detail))

    def _plain(self, title: str, started: float) -> Show:
        said = started

        def show(detail: str) -> None:
            nonlocal said
            if time.monotonic() - said >= PLAIN_INTERVAL:
                said = time.monotonic()
                self.say(self._line(title, started, detail).plain)

        return show

    def _line(self, title: str, started: float, detail: str) -> Text:
        """One line, cut to the width: a spinner that wraps would leave its upper half behind."""
        width = self.console.width - 4 if self.console.is_terminal else PLAIN_WIDTH
        line = Text(f"{title}, {time.monotonic() - started:.0f} s")
        line.append(f"  {detail}" if detail else "", style="dim")
        line.truncate(width, overflow="ellipsis")
        return line
