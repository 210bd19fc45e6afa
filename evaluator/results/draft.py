"""A file that is written beside its place until it takes it."""

from pathlib import Path
from typing import Self


class Draft:
    """Bytes for the file at `path`, which stays as it is until `take_place`.

    A draft that never took its place is removed as it is closed.  Raises OSError throughout.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f"{path.name}.tmp")
        self._file = self._draft.open("wb")
        self._in_place = False
        self.write = self._file.write

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not self._in_place:
            self._draft.unlink(missing_ok=True)

    def take_place(self) -> None:
        """Replaces the file, and goes on in it."""
        self._file.close()
        self._draft.replace(self._path)  # closed by now: Windows moves no file that is open
        self._file = self._path.open("ab")
        self._in_place = True
        self.write = self._file.write
