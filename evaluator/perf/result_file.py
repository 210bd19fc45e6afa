"""perf.json while a run goes on: begun or gone on with, and written again after every point."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

from evaluator.client.urls import without_password
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.perf.load.generator import Load
from evaluator.perf.options import SweepOptions
from evaluator.perf.report.comparison import unmatched
from evaluator.perf.report.conclusions import concluded
from evaluator.perf.report.summary import by_load
from evaluator.results import files
from evaluator.results.files import present
from evaluator.results.lock import lock, open_folder
from evaluator.results.perf import NAME, SCHEMA_VERSION, Arm, Knee, PerfReport, WorkloadInfo, read
from evaluator.results.perf_point import PerfPoint


class ResultFile:
    """The run's perf.json.  Opened again, it goes on where it ended.

    Raises UsageError where the folder, or the earlier run of --against, has another workload.
    """

    def __init__(self, options: SweepOptions, workload: WorkloadInfo) -> None:
        self._options = options
        self._path = options.out / NAME
        self._earlier = read(options.against) if options.against else None
        if self._earlier and options.against:
            check_same_workload(workload, self._earlier.workload, options.against)
        self.report = self._kept(workload) if self._path.exists() else begun(options, workload)

    def _kept(self, workload: WorkloadInfo) -> PerfReport:
        kept, folder = read(self._options.out), self._options.out
        check_same_workload(workload, kept.workload, folder)
        if kept.slo != self._options.slo:
            raise UsageError(N_("{folder} has another --slo; choose another --out", folder=folder))
        return replace(
            begun(self._options, workload),
            started_at=kept.started_at,
            arms=kept.arms,
            points=kept.points,
            knees=kept.knees,
        )

    def introduce(self, name: str, arm: Arm) -> None:
        """Notes what an arm is.  Raises UsageError where there are points of another so named."""
        ours = replace(arm, base_url=without_password(arm.base_url))
        kept = self.report.arms.get(name, ours)
        # A server that was launched has another port each time.
        own = ("base_url",) if self._options.base_url else ()
        keys = ("model", *own, "flags", "servers")
        for key in keys:
            there, here = getattr(kept, key), getattr(ours, key)
            if there != here:
                raise UsageError(
                    N_(
                        "{out} has points of {name} with another {key} ({there!r}, and "
                        "{here!r} here); choose another --out",
                        out=self._options.out,
                        name=name,
                        key=key,
                        there=there,
                        here=here,
                    )
                )
        self.report = replace(self.report, arms={**self.report.arms, name: ours})

    def check_against(self, loads: Sequence[Load]) -> None:
        """Raises UsageError where none of these loads can be compared with the earlier run."""
        if not self._earlier:
            return
        asked = {load.label: self.report.arms for load in loads}
        here = {**by_load(self.report.points), **asked}
        there = by_load(self._earlier.points)
        if len(unmatched(here, there)) == sum(map(len, here.values())):
            raise UsageError(
                N_(
                    "--against {against!r}: nothing there to compare with; it has {there}, and "
                    "this run has {here}",
                    against=str(self._options.against),
                    there=listed(there) or "no points",
                    here=listed(here),
                )
            )

    def find(self, arm: str, load: Load, repeat: int) -> PerfPoint | None:
        """A finished point."""
        wanted = (arm, load.label, repeat)
        points = self.report.points
        return next((p for p in points if (p.arm, p.load, p.repeat) == wanted), None)

    def add(self, point: PerfPoint) -> None:
        """Keeps a finished point, whatever becomes of the others."""
        self.report = replace(self.report, points=(*self.report.points, point))
        self.write()

    def add_knee(self, arm: str, knee: Knee) -> None:
        """Keeps the result of a search."""
        self.report = replace(self.report, knees={**self.report.knees, arm: knee})
        self.write()

    def write(self) -> None:
        """Writes the file with what its points come to.  Raises UsageError where it cannot."""
        self.report = concluded(self.report, self._earlier)
        try:
            files.write(self._path, self.report)
        except OSError as error:
            raise UsageError(
                N_(
                    "cannot write {path!r}: {strerror}; choose another --out",
                    path=str(self._path),
                    strerror=error.strerror,
                )
            ) from error


def begun(options: SweepOptions, workload: WorkloadInfo) -> PerfReport:
    """The report of a run that has no points yet."""
    return PerfReport(
        schema_version=SCHEMA_VERSION,
        run=options.out.name,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        evaluator=version("evaluator"),
        workload=workload,
        slo=dict(options.slo),
        arms={},
        points=(),
        knees={},
    )


def check_same_workload(workload: WorkloadInfo, other: WorkloadInfo, folder: Path) -> None:
    """Raises UsageError where the other workload, of that folder, is not the same."""
    if workload.fingerprint != other.fingerprint:
        ours, theirs = present(workload), present(other)
        differ = ", ".join(
            f"{key} {theirs.get(key)!r} there and {ours.get(key)!r} here"
            for key in sorted(ours.keys() | theirs.keys())
            if key != "fingerprint" and ours.get(key) != theirs.get(key)
        )
        raise UsageError(
            N_(
                "{folder} was measured with another workload ({differ})",
                folder=folder,
                differ=differ,
            )
        )


def listed(by_load: Mapping[str, Mapping[str, object]]) -> str:
    """Loads, and the servers they were put on, in words."""
    return "; ".join(f"{load} on {', '.join(arms)}" for load, arms in by_load.items())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Makes the folder, and locks it against a second run, which would lose points.

    Raises UsageError, also where nothing can be written in it.  Left empty, it goes again.
    """
    descriptor = opened(folder)
    lock(descriptor, folder)
    try:
        yield
    finally:
        os.close(descriptor)
        with suppress(OSError):
            folder.rmdir()


def opened(folder: Path) -> int:
    """A descriptor of the folder, which is made where it is not there, and can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
        return open_folder(folder)
    except OSError as error:
        raise UsageError(
            N_(
                "cannot write to {folder!r}: {strerror}; choose another --out",
                folder=str(folder),
                strerror=error.strerror,
            )
        ) from error
