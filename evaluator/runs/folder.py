"""The folder of a run: what it holds already, what may be added, and how its files are written.

One folder, one model, one set of settings for each benchmark. Benchmarks add up: those that a
session does not run stay as they were.
"""

from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from evaluator.errors import JournalError, UsageError
from evaluator.report.build import build, read_run
from evaluator.report.markdown import markdown
from evaluator.runs.changes import changed_settings
from evaluator.types import Summarize

# what a session notes
SESSION = ("seconds", "faults", "refused", "adapted", "client", "concurrency")
FAILED = b'"status":"error"'  # cannot stand inside a JSON string, where quotes are escaped
Json = dict[str, Any]


@dataclass(slots=True)
class Folder:
    """`earlier` is the run.json of the session before; empty where this is the first."""

    path: Path
    earlier: Json = field(init=False)

    def __post_init__(self) -> None:
        self.earlier = {}
        if (self.path / "run.json").exists():
            self.earlier = read_run(self.path)

    @property
    def reported(self) -> bool:
        """Whether an earlier session came as far as a report."""
        return (self.path / "report.json").exists()

    def check(self, about: Mapping[str, Any]) -> None:
        """Raises UsageError where the folder holds results of another model or other settings."""
        measured = self.measured(about["benchmarks"].keys())
        if not measured:
            return
        self.check_model(about)
        differing = [
            f"{name}: {change}"
            for name, row in about["benchmarks"].items()
            if name in measured and name in self.earlier["benchmarks"]
            for change in changed_settings(self.earlier, name, row)
        ]
        if differing:
            raise UsageError(
                f"{str(self.path)!r} holds results with other settings ({'; '.join(differing)}); "
                "give another --out, or --fresh for a new folder beside it; with "
                f"--reuse {self.path} what is asked alike is not asked again"
            )

    def check_model(self, about: Mapping[str, Any]) -> None:
        """Raises UsageError where the folder is another model's."""
        if (there := self.earlier["model"]) != about["model"]:
            raise UsageError(
                f"{str(self.path)!r} holds results of {there!r}, and not of {about['model']!r}; "
                "give another --out, or --fresh for a new folder beside it"
            )

    def measured(self, wanted: Set[str]) -> set[str]:
        """The benchmarks of which a sample was measured, or was answered and not judged.

        Looked for until all that are `wanted` are found.
        """
        found: dict[bytes, str] = {}
        for line in lines(self.path / "outcomes.jsonl") if self.earlier else ():
            head = line.partition(b',"id":')[0]
            if head not in found and FAILED not in line:
                found[head] = orjson.loads(head + b"}")["benchmark"]
                if wanted <= set(found.values()):
                    break
        return set(found.values())

    def kept(self, about: Mapping[str, Any]) -> dict[str, Json]:
        """What run.json says of the benchmarks that this session does not run."""
        settings = {"settings": self.earlier.get("settings"), "judge": self.earlier.get("judge")}
        return {
            name: {**settings, **row}
            for name, row in self.earlier.get("benchmarks", {}).items()
            if name not in about["benchmarks"]
        }

    def joined(self, about: Json) -> Json:
        """This session's run.json, with what the folder holds besides."""
        if kept := self.kept(about):
            self.check_model(about)
        rows = {**kept, **about["benchmarks"]}
        order = dict.fromkeys([*self.earlier.get("benchmarks", {}), *rows])
        judges = [row.get("judge") for row in rows.values()]
        named = dict.fromkeys(name for each in judges if each for name in each.split(", "))
        return {
            **about,
            "judge": ", ".join(named) or None,
            "identity": self.earlier.get("identity", {}),
            "benchmarks": {name: rows[name] for name in order},
        }

    def session_before(self) -> Json:
        """What the last session noted of its serving; it stands when this one sends nothing."""
        return {key: self.earlier[key] for key in SESSION if key in self.earlier}

    def write_run(self, about: Mapping[str, Any]) -> None:
        """run.json.  Raises OSError."""
        write_json(self.path / "run.json", about)

    def keep_totals(self, about: Json, report: Mapping[str, Any]) -> None:
        """Benchmarks' own totals in run.json: whoever reports later may not know the benchmark.

        Raises OSError.
        """
        made = {
            name: row["totals"]
            for name, row in report["benchmarks"].items()
            if row["totals_from"] == "outcomes"
        }
        for name, totals in made.items():
            about["benchmarks"][name]["totals"] = totals
        if made:
            self.write_run(about)

    def begin(self, name: str, own: Collection[str]) -> BinaryIO:
        """The file `name` with the lines of other benchmarks than `own`, open for more lines.

        They are in place before anything else is lost.  Raises OSError.
        """
        path, draft = self.path / name, self.path / f"{name}.tmp"
        starts = tuple(b'{"benchmark":' + orjson.dumps(each) + b"," for each in own)
        file = draft.open("wb")
        if self.earlier.get("benchmarks", {}).keys() - own:
            file.writelines(line for line in lines(path) if not line.startswith(starts))
            file.flush()
        draft.replace(path)
        return file

    def unwritable(self, error: OSError) -> JournalError:
        """What to say when a file other than the journal cannot be written."""
        return JournalError(
            f"cannot write to {str(self.path)!r}: {error.strerror or error}; "
            "the answers in it are kept: make room and run the same command again"
        )


def lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, none where there is no file."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def write_report(
    folder: Path, summarizers: Mapping[str, Summarize | None] | None = None
) -> dict[str, Any]:
    """Makes the report from the run's files, and writes it as JSON and Markdown.

    `summarizers` are those of benchmarks that the table of benchmarks may not know.
    """
    report = build(folder, summarizers)
    write_json(folder / "report.json", report)
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    return report


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes a file that is never seen half written."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))
    draft.replace(path)
