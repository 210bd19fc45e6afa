"""The progress of fetching data sets, for a display."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class FetchProgress:
    """How much is fetched.  `files` 0: still looking for them.  Sizes in bytes, as far as known."""

    source: str
    datasets: Sequence[str]
    files: int = 0
    bytes: int = 0
    files_done: int = 0
    bytes_done: int = 0


FetchListener = Callable[[FetchProgress], None]
