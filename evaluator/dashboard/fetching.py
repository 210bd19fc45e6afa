"""Shows the progress of fetching data sets: a line that is redrawn, or a line every few seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.live import Live

from evaluator.dashboard.screen import PLAIN_EVERY, drawn
from evaluator.data import FetchListener, FetchProgress
from evaluator.locale import N_
from evaluator.options.parts import ProgressMode
from evaluator.report.terminal import plain_text

SHOWN_AFTER = 0.4  # seconds, so that what comes from the cache shows nothing
MEGABYTE = 1e6


@contextmanager
def fetching(console: Console, mode: ProgressMode) -> Iterator[FetchListener | None]:
    """Shows the progress while the block runs; yields the listener for the source."""
    if (how := drawn(mode, console)) == "none":
        yield None
        return
    line = ProgressLine(console, how == "live")
    try:
        yield line
    finally:
        line.stop()


class ProgressLine:
    """The line.  It appears after a moment, so not for data sets that are in the cache."""

    def __init__(self, console: Console, live: bool) -> None:
        self._console = console
        self._live = Live(console=console, transient=True, auto_refresh=False) if live else None
        self._next = monotonic() + SHOWN_AFTER

    def __call__(self, progress: FetchProgress) -> None:
        if (now := monotonic()) < self._next:
            return
        if self._live is None:
            self._next = now + PLAIN_EVERY
            self._console.print(plain_text(in_words(progress), "dim"))
            return
        self._live.start()
        self._live.update(plain_text(in_words(progress), "dim"), refresh=True)

    def stop(self) -> None:
        """Removes the line."""
        if self._live:
            self._live.stop()


def in_words(progress: FetchProgress) -> str:
    """What is being fetched, and how much of it is done."""
    names, source = ", ".join(progress.datasets), progress.source
    if not progress.files:
        return N_("looking for {names} from {source}", names=names, source=source)
    size: str = ""
    if progress.bytes:
        done, whole = progress.bytes_done / MEGABYTE, progress.bytes / MEGABYTE
        size = N_(", {done:.1f} of {whole:.1f} MB", done=done, whole=whole)
    return N_(
        "fetching {names} from {source}: {done} of {files} {files:file|files}{size}",
        names=names,
        source=source,
        done=progress.files_done,
        files=progress.files,
        size=size,
    )
