"""The next unused folder, for a run that is to start anew (--fresh)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from evaluator.errors import Interrupted
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Fresh:
    """Runs in the first of OUT, OUT-2, OUT-3, ... that hold no reply yet, all of one number."""

    chosen: list[Settings]
    number: int

    @contextmanager
    def resumable(self, out: str) -> Iterator[None]:
        """Lets an interruption say that to go on is not to start anew; `out` is as it was given."""
        try:
            yield
        except Interrupted as error:
            more = ["--out", str(numbered(Path(out), self.number))]
            raise Interrupted(str(error), more, ["--fresh"]) from None


def fresh(chosen: Sequence[Settings], replay: bool = False) -> Fresh:
    """The runs in unused folders.

    A replay gets the last folders that are used: those that the same command without it filled.
    """
    number = next(
        number
        for number in count(1)
        if not any(holds_replies(numbered(each.out, number)) for each in chosen)
    )
    number = max(1, number - 1) if replay else number
    moved = [each.model_copy(update={"out": numbered(each.out, number)}) for each in chosen]
    return Fresh(moved, number)


def numbered(out: Path, number: int) -> Path:
    """The folder of that number."""
    return out if number == 1 else out.with_name(f"{out.name}-{number}")


def holds_replies(folder: Path) -> bool:
    """Whether a run in this folder has got a reply."""
    return any(each.exists() and each.stat().st_size > 0 for each in RunFolder(folder).journals)
