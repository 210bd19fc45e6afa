"""How far fetching data sets is, for whoever wants to show it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Fetching:
    """How far fetching is; no `files`: still looked for.  Sizes in bytes, as far as told."""

    source: str
    datasets: Sequence[str]
    files: int = 0
    bytes: int = 0
    files_done: int = 0
    bytes_done: int = 0


Watch = Callable[[Fetching], None]
