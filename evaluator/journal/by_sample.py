"""The lines of journals, found by the sample that they are of."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from evaluator.journal.lines import parsed


class LinesBySample:
    """Knows where each sample's lines are; in memory are their places alone."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files = [path.open("rb") for path in paths]
        self._places: dict[tuple[str, str], list[tuple[BinaryIO, int]]] = defaultdict(list)
        for file in self._files:
            self._index(file)

    def _index(self, file: BinaryIO) -> None:
        offset = 0
        for line in file:
            if record := parsed(line):
                place = str(record.get("benchmark")), str(record.get("sample_id"))
                self._places[place].append((file, offset))
            offset += len(line)

    def take(self, benchmark: str, sample_id: str) -> list[bytes]:
        """The lines of a sample, once."""
        found = []
        for file, offset in self._places.pop((benchmark, sample_id), ()):
            file.seek(offset)
            found.append(file.readline())
        return found

    def close(self) -> None:
        """Closes the files."""
        for file in self._files:
            file.close()
