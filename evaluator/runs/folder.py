"""What a run's folder holds already, what may be added to it, and how its files are written.

One folder, one model, one set of settings for each benchmark. Benchmarks add up: those that a
session does not run stay as they were.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import orjson

from evaluator.errors import EvaluatorError, Interrupted, JournalError, UsageError
from evaluator.journal.lines import whole_lines
from evaluator.locale import N_
from evaluator.results.draft import Draft
from evaluator.results.files import write
from evaluator.results.folder import RunFolder
from evaluator.results.report import RunReport
from evaluator.results.run import BenchmarkInfo, RecordedSettings, RunInfo, read_run
from evaluator.runs.changes import changed_settings

LABELS = ("tag", "note")
BUFFER = 65_536  # bytes of lines that are written together: nothing is lost with them
FAILED = b'"status":"error"'  # cannot stand inside a JSON string, where quotes are escaped


class Folder:
    """The folder of a run; `earlier` is the run.json of the session before, where there was one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = RunFolder(path)
        self.earlier = read_run(path) if self.files.run.exists() else None

    @contextmanager
    def unless_unused(self) -> Iterator[None]:
        """Leaves no new folder where what runs here is refused before anything was asked."""
        new = [each for each in (self.path, *self.path.parents) if not each.exists()]
        try:
            yield
        except Interrupted:
            raise
        except EvaluatorError:
            if new and not self._used:
                remove(new)
            raise

    @property
    def _used(self) -> bool:
        """Whether anybody was asked, with or without an answer."""
        answered = any(each.exists() and each.stat().st_size for each in self.files.journals)
        return answered or bool(self.files.run.exists() and read_run(self.path).requests)

    @property
    def reported(self) -> bool:
        """Whether an earlier session came as far as a report."""
        return self.files.report.exists()

    @property
    def benchmarks(self) -> Mapping[str, BenchmarkInfo]:
        """The benchmarks of earlier sessions."""
        return self.earlier.benchmarks if self.earlier else {}

    def check(self, info: RunInfo) -> None:
        """Raises UsageError where the folder holds results of another model or other settings."""
        measured = self.measured(info.benchmarks.keys())
        if not measured or self.earlier is None:
            return
        self.check_model(info)
        differing = [
            f"{name}: {change}"
            for name, now in info.benchmarks.items()
            if name in measured and name in self.benchmarks
            for change in changed_settings(self.earlier, name, now)
        ]
        if differing:
            raise UsageError(
                N_(
                    "{folder!r} holds results with other settings ({changes}); give another "
                    "--out, or --fresh for a new folder beside it; with --reuse {folder} what "
                    "is asked alike is not asked again",
                    folder=str(self.path),
                    changes="; ".join(differing),
                )
            )

    def check_model(self, info: RunInfo) -> None:
        """Raises UsageError where the folder is another model's."""
        if self.earlier and self.earlier.model != info.model:
            raise UsageError(
                N_(
                    "{folder!r} holds results of {earlier!r}, and not of {model!r}; give another "
                    "--out, or --fresh for a new folder beside it",
                    folder=str(self.path),
                    earlier=self.earlier.model,
                    model=info.model,
                )
            )

    def measured(self, wanted: Set[str]) -> set[str]:
        """The benchmarks of which a sample was measured, or was answered and not judged.

        Looked for until all that are `wanted` are found.
        """
        found: dict[bytes, str] = {}
        for line in lines(self.files.outcomes) if self.earlier else ():
            head = line.partition(b',"id":')[0]
            if head not in found and FAILED not in line:
                found[head] = orjson.loads(head + b"}")["benchmark"]
                if wanted <= set(found.values()):
                    break
        return set(found.values())

    def past(self, first: Mapping[str, Collection[str]]) -> set[str]:
        """The benchmarks of which all `first` samples, named by their ids, were measured."""
        left = {
            b'{"benchmark":%b,"id":%b' % (orjson.dumps(name), orjson.dumps(sample)): name
            for name, ids in first.items()
            for sample in ids
        }
        for line in lines(self.files.outcomes) if self.earlier else ():
            head = line.partition(b',"group":')[0]
            if head in left and FAILED not in line:
                del left[head]
        return first.keys() - left.values()

    def kept(self, info: RunInfo) -> dict[str, BenchmarkInfo]:
        """What run.json says of the benchmarks that this session does not run."""
        if (earlier := self.earlier) is None:
            return {}
        return {
            name: replace(
                row,
                settings=row.settings or earlier.settings,
                judge=earlier.judge_of(name),
            )
            for name, row in self.benchmarks.items()
            if name not in info.benchmarks
        }

    def joined(self, info: RunInfo) -> RunInfo:
        """This session's run.json, with what the folder holds besides."""
        if kept := self.kept(info):
            self.check_model(info)
        rows = {**kept, **info.benchmarks}
        order = dict.fromkeys([*self.benchmarks, *rows])
        priced = (self.earlier.prices if self.earlier else None) or {}
        judges = dict.fromkeys(
            name for row in rows.values() if row.judge for name in row.judge.split(", ")
        )
        return replace(
            info,
            settings=self.labelled(info.settings),
            judge=", ".join(judges) or None,
            identity=self.earlier.identity if self.earlier else {},
            prices={**priced, **(info.prices or {})} or None,
            benchmarks={name: rows[name] for name in order},
        )

    def labelled(self, settings: RecordedSettings | None) -> RecordedSettings | None:
        """The settings with the tags and the note of before, where there are no others."""
        before = (self.earlier.settings if self.earlier else None) or {}
        given = settings or {}
        kept = {key: before[key] for key in LABELS if before.get(key) and not given.get(key)}
        return {**given, **kept} if kept else settings

    def with_last_serving(self, info: RunInfo) -> RunInfo:
        """The same, with what the last session noted of its serving: it stands when this one sends
        nothing."""
        if not (last := self.earlier):
            return info
        return replace(
            info,
            seconds=last.seconds,
            faults=last.faults,
            refused=last.refused,
            adapted=info.adapted if last.adapted is None else last.adapted,
            client=last.client or info.client,
            concurrency=last.concurrency or info.concurrency,
            prefix_hit_rate=last.prefix_hit_rate,
            kv_cache=last.kv_cache,
        )

    def write_run(self, info: RunInfo) -> None:
        """Writes run.json.  Raises OSError."""
        write(self.files.run, info)

    def keep_totals(self, info: RunInfo, report: RunReport) -> None:
        """Benchmarks' own totals in run.json: whoever reports later may not know the benchmark.

        Raises OSError.
        """
        made = {
            name: result.totals
            for name, result in report.benchmarks.items()
            if result.totals_from == "outcomes"
        }
        if made:
            rows = {
                name: replace(row, totals=made.get(name, row.totals))
                for name, row in info.benchmarks.items()
            }
            self.write_run(replace(info, benchmarks=rows))

    def draft(self, path: Path, own: Collection[str]) -> Draft:
        """A draft of the file, with the lines of other benchmarks than `own`.  Raises OSError."""
        draft = Draft(path)
        starts = tuple(b'{"benchmark":' + orjson.dumps(each) + b"," for each in own)
        if self.benchmarks.keys() - own:
            for line in lines(path):
                if not line.startswith(starts):
                    draft.write(line)
        return draft

    def unwritable(self, error: OSError) -> JournalError:
        """What to say when a file other than the journal cannot be written."""
        path, reason = str(self.path), error.strerror or error
        if self.path.exists():
            text = N_(
                "cannot write to {path!r}: {reason}; the answers in it are kept: make room and run "
                "the same command again",
                path=path,
                reason=reason,
            )
        else:
            text = N_(
                "{path!r} was deleted or moved while the run wrote to it; where it was moved, run "
                "the command again with its new place as --out",
                path=path,
            )
        return JournalError(text)


def remove(folders: Sequence[Path]) -> None:
    """Removes the files of the first folder, and the folders, each of which lies in the next."""
    with suppress(OSError):  # not there, or not empty after all
        rmtree(folders[0])
        for folder in folders[1:]:
            folder.rmdir()


def lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, none where there is no file."""
    with suppress(FileNotFoundError):
        yield from whole_lines(path)
