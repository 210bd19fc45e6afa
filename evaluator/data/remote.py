"""Rows from a hub: finds the files of data sets, fetches them concurrently, reads the cache."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from evaluator.data.fetch_progress import FetchListener, FetchProgress
from evaluator.data.files import PlacedRow, read_file
from evaluator.data.layout import Layout, Part, WantedParts, is_complete, parts
from evaluator.data.repository import Listing, RemoteFile, Repository
from evaluator.data.rows import Origin, Source
from evaluator.data.table import DataSet
from evaluator.errors import DataError, MissingData
from evaluator.locale import N_

CONNECTIONS = 16  # files fetched at a time


@dataclass(frozen=True, slots=True)
class LocatedDataSet:
    """A data set in its repository: the files of each part, or the archive that holds them."""

    repository: Repository
    listing: Listing
    wanted: WantedParts
    parts: Mapping[Part, Sequence[str]] = field(default_factory=dict)
    layout: Layout | None = None

    @property
    def files(self) -> list[RemoteFile]:
        """The files to fetch."""
        paths = [path for some in self.parts.values() for path in some]
        if self.layout and self.layout.member:
            paths = [self.layout.path]
        return [self.listing.files[path] for path in paths]

    @property
    def origin(self) -> Origin:
        """The origin for a report."""
        how = ", ".join(
            filter(None, (self.layout.description if self.layout else "", self.listing.note))
        )
        return Origin(self.repository.source, self.repository.id, self.listing.commit, how)


@dataclass(frozen=True, slots=True)
class FetchedDataSet:
    """A data set on this machine: each part's files in order, as path and archive member."""

    origin: Origin
    parts: Mapping[Part, Sequence[tuple[Path, str]]] = field(default_factory=dict)


Locate = Callable[
    [str], "LocatedDataSet | None"
]  # where a data set is; None: the table does not list it
ReadUnlisted = Callable[[str, str, str], Iterable[PlacedRow]]


class HubSource(Source):
    """A hub. `locate` finds a data set; `read_unlisted` reads one that the table does not list.

    Files are kept in the hub's own cache. `listener` is called as they arrive.
    """

    def __init__(
        self,
        label: str,
        locate: Locate,
        read_unlisted: ReadUnlisted,
        listener: FetchListener | None = None,
    ) -> None:
        super().__init__()
        self.label = label
        self._locate, self._read_unlisted, self._listener = locate, read_unlisted, listener
        self._fetched: dict[str, FetchedDataSet] = {}

    def prepare(self, datasets: Iterable[str]) -> None:
        """Finds and fetches the data sets concurrently."""
        missing = [name for name in dict.fromkeys(datasets) if name not in self._fetched]
        if not missing:
            return
        if self._listener:
            self._listener(FetchProgress(self.label, missing))
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            found = dict(zip(missing, pool.map(self._locate, missing), strict=True))
            there = {name: located for name, located in found.items() if located}
            paths = self._download(pool, list(there.values()))
        for name, located in found.items():
            if located is None:
                self._fetched[name] = FetchedDataSet(
                    Origin(self.label, name, how="datasets library")
                )
            else:
                self._fetched[name] = FetchedDataSet(located.origin, local_parts(located, paths))
                if located.layout:
                    located.repository.record_commit(located.layout.revision, located.listing)

    def origin(self, dataset: str) -> Origin:
        """Where it was fetched from."""
        self.prepare([dataset])
        return self._fetched[dataset].origin

    def has(self, dataset: str, split: str) -> bool:
        """Whether any config has such a split."""
        self.prepare([dataset])
        held = self._fetched[dataset].parts
        return not held or any(found == split for _, found in held)

    def parts(self, dataset: str) -> Sequence[Part]:
        """The configs and splits that were fetched."""
        self.prepare([dataset])
        return list(self._fetched[dataset].parts)

    def read(self, dataset: str, config: str, split: str) -> Iterable[PlacedRow]:
        self.prepare([dataset])
        fetched = self._fetched[dataset]
        if not fetched.parts:
            return self._read_unlisted(dataset, config, split)
        if (pieces := fetched.parts.get((config, split))) is None:
            raise MissingData(
                N_(
                    "data set {dataset!r} ({config}, {split}) is missing: {origin} holds "
                    "{names}, ...",
                    dataset=dataset,
                    config=config,
                    split=split,
                    origin=fetched.origin,
                    names=", ".join(sorted({f"{c}/{s}" for c, s in fetched.parts})[:8]),
                )
            )
        return (row for path, member in pieces for row in read_file(path, member))

    def _download(
        self, pool: ThreadPoolExecutor, located: Sequence[LocatedDataSet]
    ) -> dict[tuple[str, str], Path]:
        """Fetches all files concurrently: (repository, path) -> path on this machine."""
        jobs: dict[Future[Path], tuple[str, RemoteFile]] = {}
        for one in located:
            for file in one.files:
                job = pool.submit(one.repository.download, one.listing, file)
                jobs[job] = one.repository.id, file
        sizes = sum(file.size or 0 for _, file in jobs.values())
        sources = " and ".join(dict.fromkeys(one.repository.source for one in located))
        state = FetchProgress(sources, [one.repository.id for one in located], len(jobs), sizes)
        try:
            for job in as_completed(jobs):
                job.result()
                state.files_done += 1
                state.bytes_done += jobs[job][1].size or 0
                if self._listener:
                    self._listener(replace(state))
        except BaseException:  # also an interruption: cancels what is not started
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {(id, file.path): job.result() for job, (id, file) in jobs.items()}


def locate(
    repository: Repository, layouts: Sequence[Layout], dataset: DataSet
) -> LocatedDataSet | None:
    """The data set by the first layout that has all of it, else by the one with most parts."""
    listings: dict[str, Listing | None] = {}
    either = replace(dataset.wanted, splits=(*dataset.rows, *dataset.instead))
    best: LocatedDataSet | None = None
    for layout in layouts:
        if layout.revision not in listings:
            listings[layout.revision] = repository.listing(layout.revision)
        if (listing := listings[layout.revision]) is None:
            continue
        if layout.member and layout.path in listing.files:
            return LocatedDataSet(repository, listing, dataset.wanted, layout=layout)
        held = parts(layout.path, listing.files, dataset.wanted)
        if is_complete(held, dataset.wanted):
            return LocatedDataSet(repository, listing, dataset.wanted, held, layout)
        held = parts(layout.path, listing.files, either)
        if len(held) > (len(best.parts) if best else 0):
            best = LocatedDataSet(repository, listing, either, held, layout)
    return best


def local_parts(
    located: LocatedDataSet, paths: Mapping[tuple[str, str], Path]
) -> dict[Part, Sequence[tuple[Path, str]]]:
    """Each part of the data set as files on this machine."""
    id, layout = located.repository.id, located.layout
    if layout and layout.member:
        archive = paths[id, layout.path]
        members = parts(layout.member, archive_members(archive), located.wanted)
        return {part: [(archive, name) for name in names] for part, names in members.items()}
    return {
        part: [(paths[id, path], "") for path in files] for part, files in located.parts.items()
    }


def archive_members(archive: Path) -> list[str]:
    """The names in a zip archive."""
    try:
        with ZipFile(archive) as file:
            return file.namelist()
    except BadZipFile as error:
        raise DataError(
            N_("{archive} is not a readable zip archive: {error}", archive=archive, error=error)
        ) from error
