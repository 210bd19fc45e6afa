"""A user's own file of questions as a benchmark: what mcq and qa share."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

from evaluator.data import ENDINGS, RowFormat, ending, read_file
from evaluator.errors import DataError, UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.tasks.own_turns import after_turns, own_turns
from evaluator.tasks.row_fields import NAMES, OwnRow, own_row
from evaluator.types import Benchmark, DataRow, Fields, Rows, Sample, Solve

Build = Callable[[DataRow], tuple[Fields, str]]
Wanted = Callable[[DataRow], bool]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """The file in a benchmark's name, as in "mcq:questions.jsonl".

    `build` gives the prompt's fields and the target of a row.
    """

    name: str
    path: Path
    format: RowFormat
    build: Build

    def load(self, rows: Rows, shots: int) -> Iterator[Sample]:
        """The samples in the order of the file, whatever the source of other data sets."""
        return self.samples()

    def samples(self) -> Iterator[Sample]:
        """A sample for each row.  Raises DataError with the place of a row that cannot be used."""
        seen: set[str] = set()
        for place, sample in self.placed():
            if sample.id in seen:
                raise DataError(
                    N_("{place}: the id {id!r} is there twice", place=place, id=sample.id)
                )
            seen.add(sample.id)
            yield sample
        if not seen:
            raise DataError(N_("{path}: {reason}", path=self.path, reason=nothing_in(self.path)))

    def placed(self, wanted: Wanted | None = None) -> Iterator[tuple[str, Sample]]:
        """The samples of the rows that are wanted, each with the place of its row."""
        for number, (place, fields) in enumerate(read_file(self.path, "", self.format.encoding)):
            try:
                row = own_row(place, fields, self.format.fields)
                if wanted is None or wanted(row):
                    yield place, self._sample(number, row)
            except (ValueError, TypeError) as error:
                raise DataError(N_("{place}: {error}", place=place, error=error)) from error

    def _sample(self, number: int, row: OwnRow) -> Sample:
        turns = own_turns(row)
        row["question"] = turns.question
        if turns.reply:
            row.setdefault("answer", turns.reply)
        fields, target = self.build(row)
        fields |= {"question": turns.question, "before": turns.before, "worked": []}
        fields |= {"chinese": _CHINESE.search(turns.question) is not None}
        return Sample(str(row.get("id", number)), fields, target, str(row.get("group", "main")))


def own_file(name: str, format: RowFormat, build: Build) -> OwnFile:
    """The file of a benchmark.  Raises UsageError where there is none that can be read."""
    path = Path(name.partition(":")[2]).expanduser()
    if not ending(path.name):
        raise UsageError(
            N_(
                "{name}: not a file that ends in .{endings} (or .gz behind)",
                name=name,
                endings=", .".join(ENDINGS),
            )
        )
    if not path.is_file():
        raise UsageError(N_("{name}: there is no file {path!r}", name=name, path=str(path)))
    for field in format.fields:
        if field not in NAMES and not (len(field) == 1 and field in ascii_uppercase):
            known = f"there are {', '.join(NAMES)}, and A, B, C, ... for options"
            raise UsageError(
                N_(
                    "--fields: no field {field!r}; {hint}",
                    field=field,
                    hint=did_you_mean(field, NAMES, known),
                )
            )
    return OwnFile(name, path, format, build)


def file_benchmark(file: OwnFile, solve: Solve) -> Benchmark:
    """The benchmark of a file."""
    return Benchmark(
        name=file.name,
        title=file.name,
        dataset=file.name.partition(":")[2],
        load=file.load,
        solve=after_turns(solve),
        params={"temperature": 0.0, "max_tokens": 512},
    )


def nothing_in(path: Path) -> str:
    """What to tell of a file without rows."""
    return "there are no rows in the file" if path.stat().st_size else "the file is empty"
