"""What a person sees while data sets are fetched: a line that is redrawn, or one now and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.live import Live

from evaluator.dashboard.screen import PLAIN_EVERY
from evaluator.data import Fetching, Watch
from evaluator.options.parts import ProgressMode
from evaluator.report.terminal import said

PATIENCE = 0.4  # seconds before a line is worth showing
MEGABYTE = 1e6


@contextmanager
def fetching(console: Console, mode: ProgressMode) -> Iterator[Watch | None]:
    """Shows how fetching goes while the block runs."""
    if mode == "none":
        yield None
        return
    live = mode == "live" or (mode == "auto" and console.is_terminal)
    line = _Line(console, live)
    try:
        yield line
    finally:
        line.stop()


class _Line:
    """The line; nothing is shown of what comes from the cache at once."""

    def __init__(self, console: Console, live: bool) -> None:
        self._console = console
        self._live = Live(console=console, transient=True, auto_refresh=False) if live else None
        self._next = monotonic() + PATIENCE

    def __call__(self, state: Fetching) -> None:
        if (now := monotonic()) < self._next:
            return
        if self._live is None:
            self._next = now + PLAIN_EVERY
            self._console.print(said(words(state), "dim"))
            return
        self._live.start()
        self._live.update(said(words(state), "dim"), refresh=True)

    def stop(self) -> None:
        """Takes the line away."""
        if self._live:
            self._live.stop()


def words(state: Fetching) -> str:
    """What is being fetched, and how much is left."""
    what = f"{', '.join(state.datasets)} from {state.source}"
    if not state.files:
        return f"looking for {what}"
    size = ""
    if state.bytes:
        size = f", {state.bytes_done / MEGABYTE:.1f} of {state.bytes / MEGABYTE:.1f} MB"
    return f"fetching {what}: {state.files_done} of {state.files} files{size}"
