"""A run that is going on, followed by the files that grow: its journal and its outcomes."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import TypedDict

from evaluator.journal.lines import Record, parsed
from evaluator.report.escaping import harmless
from evaluator.results.files import parsed_line
from evaluator.results.folder import RunFolder
from evaluator.results.names import SHARE, end_of
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.run import BenchmarkInfo, read_run
from evaluator.viewer.activity import finished

SPAN = 30.0  # seconds over which the rate is taken
LAST = 8  # replies that are shown
LONGEST = 300  # characters of one


class LiveBenchmark(TypedDict):
    """How far one benchmark is; `right` is the share of those that were scored."""

    name: str
    planned: int
    done: int
    right: int
    wrong: int
    value: float | None


class LiveReply(TypedDict):
    """One of the last replies of the model."""

    name: str
    seconds: float
    text: str


class LiveProgress(TypedDict):
    """What a page shows of a run that is going on; times are in seconds."""

    benchmarks: list[LiveBenchmark]
    replies: int
    rate: float
    quiet: float | None
    last: list[LiveReply]
    ended: bool


@dataclass(slots=True)
class GrowingFile:
    """The lines of a file that came since the last time."""

    path: Path
    _inode: int = 0
    _offset: int = 0

    def begins_again(self) -> bool:
        """Whether there is another file in its place, so that all of it is new."""
        if not self.path.exists():
            return False
        now = self.path.stat()
        if now.st_ino == self._inode and now.st_size >= self._offset:
            return False
        self._inode, self._offset = now.st_ino, 0
        return True

    def lines(self) -> Iterator[bytes]:
        """The new lines; one that is not whole yet comes the next time."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                yield line


@dataclass(slots=True)
class BenchmarkCount:
    """What became of the samples of one benchmark so far."""

    measured: int = 0
    total: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)


class Follower:
    """Follows one run; each `look` reads what is new.  Raises EvaluatorError and OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = RunFolder(folder)
        self._outcomes = GrowingFile(self._files.outcomes)
        self._journals: dict[Path, GrowingFile] = {}
        self._counts: dict[str, BenchmarkCount] = {}
        self._replies: Counter[Path] = Counter()  # by journal: each of several clients has its own
        self._ended: deque[float] = deque(maxlen=100_000)  # when replies ended
        self._last: deque[LiveReply] = deque(maxlen=LAST)

    def look(self) -> LiveProgress:
        """How far the run is now."""
        ended = finished(self._folder)
        benchmarks = read_run(self._folder).benchmarks
        self._read_new(benchmarks)
        now = time()
        recent = sum(1 for at in self._ended if at > now - SPAN)
        return {
            "benchmarks": [self._benchmark(*each) for each in benchmarks.items()],
            "replies": self._replies.total(),
            "rate": recent / SPAN,
            "quiet": max(0.0, now - self._ended[-1]) if self._ended else None,
            "last": list(self._last)[::-1],
            "ended": ended,
        }

    def _read_new(self, benchmarks: Mapping[str, BenchmarkInfo]) -> None:
        there = self._files.journals
        for gone in self._journals.keys() - there:  # what was in it is in the first one now
            del self._journals[gone], self._replies[gone]
        for path in there:
            self._read_journal(self._journals.setdefault(path, GrowingFile(path)))
        if self._outcomes.begins_again():
            self._counts.clear()
        for line in self._outcomes.lines():
            self._take_outcome(line, benchmarks)

    def _read_journal(self, journal: GrowingFile) -> None:
        if journal.begins_again():
            self._replies[journal.path] = 0
        for line in journal.lines():
            if record := parsed(line):
                self._replies[journal.path] += 1
                self._take_reply(record)

    def _take_reply(self, record: Record) -> None:
        self._ended.append(record["sent_at"] + record["latency"])
        if record["role"] == "model":
            name = f"{record.get('benchmark', '')} {record.get('sample_id', '')}"
            text = record["text"].strip()[-LONGEST:]
            seconds = float(record["latency"])
            self._last.append({"name": harmless(name), "seconds": seconds, "text": harmless(text)})

    def _take_outcome(self, line: bytes, benchmarks: Mapping[str, BenchmarkInfo]) -> None:
        outcome = parsed_line(line, OutcomeRecord, str(self._outcomes.path))
        info = benchmarks.get(outcome.benchmark)
        count = self._counts.setdefault(outcome.benchmark, BenchmarkCount())
        scale = info.scale if info else SHARE
        count.ends[end_of(outcome.status, outcome.value, scale)] += 1
        if outcome.value is not None:
            count.measured += 1
            count.total += outcome.value

    def _benchmark(self, name: str, info: BenchmarkInfo) -> LiveBenchmark:
        count = self._counts.get(name, BenchmarkCount())
        done = sum(count.ends.values())
        wrong = ("wrong", "refused", "unparsed", "truncated")
        return {
            "name": harmless(name),
            "planned": max(info.samples, done),
            "done": done,
            "right": count.ends["right"],
            "wrong": sum(count.ends[end] for end in wrong),
            "value": count.total / count.measured if count.measured else None,
        }
