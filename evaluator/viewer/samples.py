"""A run's samples, found by filters and read one at a time: any number of them may be shown."""

import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from pathlib import Path
from sys import intern
from threading import Lock
from time import monotonic
from typing import NamedTuple

import orjson

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.pages.sample_files import IndexRow, index_row
from evaluator.results.files import parsed_line
from evaluator.results.folder import RunFolder
from evaluator.results.names import SHARE, Scale, end_of
from evaluator.results.samples import HeadLine, SampleLine
from evaluator.transcripts.read import KnownHeads, Transcript, recorded, transcript
from evaluator.viewer.search_texts import SearchTexts

PAGE = 100  # rows that are sent at once
MOST = 2  # indexes that are kept: a large one takes some 300 MB
FRESH = 20.0  # seconds for which an index will do while its file grows
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
    """Where each sample of a run lies in its samples.jsonl.  Raises DataError and OSError."""

    path: Path
    scales: Scales
    keys: list[Key] = field(default_factory=list)
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    heads: KnownHeads = field(default_factory=dict)
    texts: SearchTexts = field(default_factory=SearchTexts)
    _found: dict[Filter, Sequence[int]] = field(default_factory=dict)

    def add(self, sample: Transcript, offset: int) -> None:
        """Takes a sample that begins at this byte."""
        end = end_of(sample.status, sample.value, self.scales.get(sample.benchmark, SHARE))
        names = intern(sample.benchmark), sample.id, intern(sample.group), end
        self.keys.append(Key(*names, sample.answer))
        self.offsets.append(offset)
        said = (text for each in sample.exchanges for text in (each.own, each.reply or ""))
        self.texts.add("\n".join([sample.id, sample.target, *said]))

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


def read_index(folder: Path, scales: Scales) -> SampleIndex:
    """The index of a run's samples.  Raises UsageError where it has none, DataError and OSError."""
    made, offset = SampleIndex(RunFolder(folder).samples, scales), 0
    for line, each in recorded(folder):
        if isinstance(each, HeadLine):
            made.heads[each.head] = each.text or each.messages
        else:
            made.add(each, offset)
        offset += len(line)
    return made


class SampleIndexes:
    """The indexes of the last runs that were looked at."""

    def __init__(self) -> None:
        self._lock = Lock()  # two requests make no index twice
        self._made: dict[Path, tuple[SampleIndex, os.stat_result, float]] = {}

    def of(self, folder: Path, scales: Scales) -> SampleIndex:
        """The index of a run; while a run goes on, some of its last samples may be missing.

        Raises UsageError where there are no samples yet, DataError and OSError.
        """
        path = RunFolder(folder).samples
        if not path.exists():
            raise UsageError(N_("{name} is not there yet", name=path.name))
        with self._lock:
            now = path.stat()
            if (known := self._made.get(folder)) and still_good(known[1], now, known[2]):
                return known[0]
            self._made.pop(folder, None)
            if len(self._made) == MOST:
                del self._made[next(iter(self._made))]
            made = read_index(folder, scales)
            self._made[folder] = made, now, monotonic()
            return made


def still_good(then: os.stat_result, now: os.stat_result, made: float) -> bool:
    """Whether an index will do: its file is the same, or was longer than it for a moment only."""
    if then.st_ino != now.st_ino or now.st_size < then.st_size:
        return False
    return now.st_mtime_ns == then.st_mtime_ns or monotonic() - made < FRESH


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
