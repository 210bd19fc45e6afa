"""A run's samples, found by filters and read one at a time: any number of them may be shown."""

import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf
from operator import attrgetter
from pathlib import Path
from sys import intern
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

import orjson

from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.pages.sample_files import IndexRow, index_row
from evaluator.results.files import parsed_line
from evaluator.results.folder import RunFolder
from evaluator.results.names import SHARE, Scale, end_of
from evaluator.results.samples import SampleLine
from evaluator.transcripts.read import KnownHeads, Transcript, rest, transcript
from evaluator.viewer.search_texts import SearchTexts

PAGE = 100  # rows that are sent at once
MOST = 2  # indexes that are kept: a large one takes some 300 MB
SLICE = 0.4  # seconds for which a request reads samples, before it says how far it came
Scales = Mapping[str, Scale]  # of each benchmark


class Key(NamedTuple):
    """What a sample is filtered by. A tuple, because hundreds of thousands are held."""

    benchmark: str
    id: str
    group: str
    end: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which samples to show; an empty value lets all pass."""

    benchmark: str = ""
    group: str = ""
    end: str = ""
    answer: str = ""
    text: str = ""


@dataclass(slots=True)
class SampleIndex:
    """Where each sample of a run lies in its samples.jsonl, as far as that was read."""

    path: Path
    scales: Scales
    keys: list[Key] = field(default_factory=list)
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    heads: KnownHeads = field(default_factory=dict)
    texts: SearchTexts = field(default_factory=SearchTexts)
    read: int = 0  # bytes
    _last: bytes = b""  # line that was read
    _lines: int = 0
    _found: dict[Filter, Sequence[int]] = field(default_factory=dict)

    def read_on(self, seconds: float) -> float:
        """Takes the lines that are not in it yet, for so long: the share of the file that is.

        Raises OSError, and DataError for a damaged line.
        """
        until = monotonic() + seconds
        with self.path.open("rb") as file:
            if (size := os.fstat(file.fileno()).st_size) > self.read:
                self._found.clear()
            file.seek(self.read)
            for line in file:
                if not line.endswith(b"\n"):  # torn, as the run was killed
                    break
                self._take(line)
                if monotonic() > until:
                    return self.read / size
        return 1.0

    def begins(self) -> bool:
        """Whether the file still begins with what was read of it.  Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.read - len(self._last))
            return file.readline() == self._last

    def _take(self, line: bytes) -> None:
        """Takes the next line.  Only what is searched is looked at: that takes a tenth of the time
        in which the whole line is checked."""
        try:
            row = orjson.loads(line)
            if "head" in row:
                self.heads[row["head"]] = row.get("text") or row["messages"]
            else:
                self._add(row)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            place = f"{self.path}:{self._lines + 1}"
            parsed_line(line, SampleLine, place)  # says what is wrong
            raise DataError(f"{place}: {error!r}") from error
        self.read += len(line)
        self._last = line
        self._lines += 1

    def _add(self, row: Mapping[str, Any]) -> None:
        """Takes a sample."""
        benchmark, id, answer = row["benchmark"], row["id"], row["answer"]
        end = end_of(row["status"], row["value"], self.scales.get(benchmark, SHARE))
        text = "\n".join([id, row["target"], *said(row["exchanges"])])
        self.keys.append(Key(intern(benchmark), id, intern(row["group"]), end, answer))
        self.offsets.append(self.read)
        self.texts.add(text)

    def choices(self) -> dict[str, list[str]]:
        """The values that there are to filter by, in the order in which they came."""
        fields = ("benchmark", "group", "end")
        seen = {name: dict.fromkeys(getattr(key, name) for key in self.keys) for name in fields}
        return {name: [value for value in values if value] for name, values in seen.items()}

    def find(self, wanted: Filter) -> Sequence[int]:
        """The places of the samples that pass."""
        if (found := self._found.get(wanted)) is None:
            if len(self._found) == 8:  # of the last filters
                del self._found[next(iter(self._found))]
            if wanted == Filter():
                return range(len(self.keys))
            found = self._found[wanted] = array("Q", self._passing(wanted))
        return found

    def _passing(self, wanted: Filter) -> Sequence[int]:
        """The same, found anew: one field after another over what is left."""
        found: Sequence[int] = range(len(self.keys))
        if wanted.text:
            found = list(self.texts.find(wanted.text))
        for name in ("benchmark", "group", "end", "answer"):
            if value := getattr(wanted, name):
                of = attrgetter(name)
                found = [place for place in found if of(self.keys[place]) == value]
        return found

    def line(self, place: int) -> bytes:
        """The line of a sample, as it stands in the file."""
        with self.path.open("rb") as file:
            file.seek(self.offsets[place])
            return file.readline()

    def row(self, place: int) -> IndexRow:
        """What the list shows of a sample."""
        sample = self._parsed(self.line(place), place)
        return index_row(sample, self.scales.get(sample.benchmark, SHARE))

    def sample(self, place: int) -> dict[str, object]:
        """A sample as JSON, with what its prompts begin with."""
        line = self.line(place)
        heads = {name: self.heads[name] for name in self.heads if name.encode() in line}
        return {"sample": orjson.Fragment(line.rstrip()), "heads": heads}

    def _parsed(self, line: bytes, place: int) -> Transcript:
        where = f"{self.path}: sample {place}"
        return transcript(parsed_line(line, SampleLine, where), self.heads, where)


def said(exchanges: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is searched of exchanges: the end of what was asked that is their own, and the reply."""
    for each in exchanges:
        turns = each.get("messages") or ({"content": each.get("prompt", "")},)
        yield rest(turns[-1].get("content", ""))
        yield each.get("reply") or ""


class SampleIndexes:
    """The indexes of the last runs that were looked at."""

    def __init__(self) -> None:
        self._lock = Lock()  # two requests read no file twice
        self._made: dict[Path, tuple[int, SampleIndex]] = {}  # with the number of the file

    def of(self, folder: Path, scales: Scales, seconds: float = inf) -> tuple[SampleIndex, float]:
        """The index of a run, after reading for so long, and the share of the file that is in it.

        Raises UsageError where there are no samples yet, DataError and OSError.
        """
        path = RunFolder(folder).samples
        if not path.exists():
            raise UsageError(N_("{name} is not there yet", name=path.name))
        with self._lock:
            file = path.stat().st_ino
            known = self._made.get(folder)
            if not known or known[0] != file or not known[1].begins():
                self._made.pop(folder, None)
                if len(self._made) == MOST:
                    del self._made[next(iter(self._made))]
                self._made[folder] = known = file, SampleIndex(path, scales)
            index = known[1]
            return index, index.read_on(seconds)


def answered(index: SampleIndex, action: str, wanted: Filter, at: str) -> dict[str, object]:
    """What the page asks of samples; `at` is a number among those found, or a sample's name.

    Raises UsageError for a question that makes no sense.
    """
    if action == "choices":
        return {**index.choices()}
    found = index.find(wanted)
    if action == "find":
        return {"found": len(found), "all": len(index.keys), "more": ""}
    if action == "place":
        names = (f"{index.keys[place].benchmark}/{index.keys[place].id}" for place in found)
        return {"place": next((n for n, name in enumerate(names) if name == at), -1)}
    number = int(at) if at.isdecimal() and len(at) < 10 else len(found)
    if action == "rows":
        return {"rows": [index.row(place) for place in found[number : number + PAGE]]}
    if action == "sample" and number < len(found):
        return index.sample(found[number])
    raise UsageError(N_("no sample {at!r:.40}", at=at))


def filter_of(given: Mapping[str, str]) -> Filter:
    """The filter in the query of an address."""
    return Filter(**{name: given.get(name, "") for name in asdict(Filter())})
