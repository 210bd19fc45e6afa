"""A run's samples beside its page, as scripts: a page that is opened as a file loads nothing else.

`index.js` holds a short row for each sample and what several prompts begin with. `0.js`, `1.js` and
so on hold the samples themselves: lines of samples.jsonl.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import orjson

from evaluator.results.names import SHARE, Scale, end_of
from evaluator.results.samples import HeadLine
from evaluator.transcripts.read import Transcript, recorded

EACH = 200  # samples of one file
MOST = 20_000  # samples that a page shows
SNIPPET = 100  # characters of a question in the list

IndexRow = tuple[str, str, str, str, float | None, str | None, str, str]


class PageSamples(TypedDict):
    """What the page knows of them: where they are, how many, and of how many samples."""

    folder: str
    each: int
    shown: int
    samples: int


@dataclass(slots=True)
class Collected:
    """The lines that go to the files, and the index over them."""

    rows: list[IndexRow] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    def add(self, line: bytes, sample: Transcript, scale: Scale) -> None:
        """Takes a sample."""
        self.lines.append(line.rstrip())
        self.rows.append(index_row(sample, scale))


def write_sample_files(
    run: Path, folder: Path, scales: Mapping[str, Scale], samples: int
) -> PageSamples:
    """Writes the first of the `samples` of a run to a folder.

    Raises OSError, UsageError where the run has no samples.jsonl, and DataError for a damaged line.
    """
    found = Collected()
    for line, each in recorded(run):
        if isinstance(each, HeadLine):
            found.heads.append(line.rstrip())
        else:
            found.add(line, each, scales.get(each.benchmark, SHARE))
        if len(found.rows) == MOST:  # the rest is not even read
            break
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.js"):
        old.unlink()
    index = orjson.dumps(found.rows)
    (folder / "index.js").write_bytes(call(b"index", index, array(found.heads)))
    for number, start in enumerate(range(0, len(found.lines), EACH)):
        lines = array(found.lines[start : start + EACH])
        (folder / f"{number}.js").write_bytes(call(b"file", b"%d" % number, lines))
    return PageSamples(folder=folder.name, each=EACH, shown=len(found.rows), samples=samples)


def call(name: bytes, *values: bytes) -> bytes:
    """A script that hands over values, which are JSON."""
    return b"evaluatorSamples." + name + b"(" + b",\n".join(values) + b");\n"


def array(values: list[bytes]) -> bytes:
    """A list of JSON values, one a line."""
    return b"[" + b",\n".join(values) + b"]"


def index_row(sample: Transcript, scale: Scale) -> IndexRow:
    """What the list shows of a sample, and filters by."""
    return (
        sample.benchmark,
        sample.id,
        sample.group,
        end_of(sample.status, sample.value, scale),
        sample.value,
        sample.answer,
        sample.target,
        " ".join(sample.question[: 4 * SNIPPET].split())[:SNIPPET],
    )
