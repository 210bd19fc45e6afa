"""Rows from a hub: where its files are, all of them fetched at once, and read from the cache."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from evaluator.data.files import PlacedRow, read_file
from evaluator.data.layout import Part, Wanted, Way, complete, parts
from evaluator.data.repository import Listing, RemoteFile, Repository
from evaluator.data.rows import Origin, Source
from evaluator.data.table import DataSet
from evaluator.data.watch import Fetching, Watch
from evaluator.errors import DataError, MissingData

CONNECTIONS = 16  # files fetched at a time


@dataclass(frozen=True, slots=True)
class Located:
    """Where a data set is in its repository: each part's files, or the archive that holds them."""

    repository: Repository
    listing: Listing
    wanted: Wanted
    parts: Mapping[Part, Sequence[str]] = field(default_factory=dict)
    way: Way | None = None

    @property
    def files(self) -> list[RemoteFile]:
        """What has to be fetched."""
        paths = [path for some in self.parts.values() for path in some]
        if self.way and self.way.member:
            paths = [self.way.path]
        return [self.listing.files[path] for path in paths]

    @property
    def origin(self) -> Origin:
        """What a report says of it."""
        how = ", ".join(filter(None, (self.way.told if self.way else "", self.listing.note)))
        return Origin(self.repository.source, self.repository.id, self.listing.commit, how)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A data set on this machine: each part's files in order, as path and member of an archive."""

    origin: Origin
    parts: Mapping[Part, Sequence[tuple[Path, str]]] = field(default_factory=dict)


Find = Callable[[str], "Located | None"]  # where a data set lies; None: only `otherwise` knows
Otherwise = Callable[[str, str, str], Iterable[PlacedRow]]


class Remote(Source):
    """A hub. `find` locates a data set, and `otherwise` reads one that the table does not know.

    Files are in the hub's own cache afterwards; `watch` is told how fetching goes.
    """

    def __init__(self, label: str, find: Find, otherwise: Otherwise, watch: Watch | None = None):
        super().__init__()
        self.label = label
        self._find, self._otherwise, self._watch = find, otherwise, watch
        self._fetched: dict[str, Fetched] = {}

    def prepare(self, datasets: Iterable[str]) -> None:
        """Finds and fetches the data sets side by side."""
        missing = [name for name in dict.fromkeys(datasets) if name not in self._fetched]
        if not missing:
            return
        if self._watch:
            self._watch(Fetching(self.label, missing))
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            found = dict(zip(missing, pool.map(self._find, missing), strict=True))
            there = {name: located for name, located in found.items() if located}
            paths = self._download(pool, list(there.values()))
        for name, located in found.items():
            if located is None:
                self._fetched[name] = Fetched(Origin(self.label, name, how="datasets library"))
            else:
                self._fetched[name] = Fetched(located.origin, on_disk(located, paths))
                if located.way:
                    located.repository.keep(located.way.revision, located.listing)

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
            return self._otherwise(dataset, config, split)
        if (pieces := fetched.parts.get((config, split))) is None:
            raise MissingData(
                f"data set {dataset!r} ({config}, {split}) is not there: {fetched.origin} holds "
                f"{', '.join(sorted({f'{c}/{s}' for c, s in fetched.parts})[:8])}, ..."
            )
        return (row for path, member in pieces for row in read_file(path, member))

    def _download(
        self, pool: ThreadPoolExecutor, located: Sequence[Located]
    ) -> dict[tuple[str, str], Path]:
        """All files at once: (repository, path) -> where it is now."""
        jobs: dict[Future[Path], tuple[str, RemoteFile]] = {}
        for one in located:
            for file in one.files:
                job = pool.submit(one.repository.download, one.listing, file)
                jobs[job] = one.repository.id, file
        sizes = sum(file.size or 0 for _, file in jobs.values())
        sources = " and ".join(dict.fromkeys(one.repository.source for one in located))
        state = Fetching(sources, [one.repository.id for one in located], len(jobs), sizes)
        try:
            for job in as_completed(jobs):
                job.result()
                state.files_done += 1
                state.bytes_done += jobs[job][1].size or 0
                if self._watch:
                    self._watch(replace(state))
        except BaseException:  # an interruption too: what waits need not be fetched any more
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {(id, file.path): job.result() for job, (id, file) in jobs.items()}


def locate(repository: Repository, ways: Sequence[Way], dataset: DataSet) -> Located | None:
    """The best way to read the data set: the first that has all of it, else that with the most."""
    listings: dict[str, Listing | None] = {}
    either = replace(dataset.wanted, splits=(*dataset.rows, *dataset.instead))
    best: Located | None = None
    for way in ways:
        if way.revision not in listings:
            listings[way.revision] = repository.listing(way.revision)
        if (listing := listings[way.revision]) is None:
            continue
        if way.member and way.path in listing.files:
            return Located(repository, listing, dataset.wanted, way=way)
        held = parts(way.path, listing.files, dataset.wanted)
        if complete(held, dataset.wanted):
            return Located(repository, listing, dataset.wanted, held, way)
        held = parts(way.path, listing.files, either)
        if len(held) > (len(best.parts) if best else 0):
            best = Located(repository, listing, either, held, way)
    return best


def on_disk(
    located: Located, paths: Mapping[tuple[str, str], Path]
) -> dict[Part, Sequence[tuple[Path, str]]]:
    """Each part of the data set as files on this machine."""
    id, way = located.repository.id, located.way
    if way and way.member:
        archive = paths[id, way.path]
        members = parts(way.member, members_of(archive), located.wanted)
        return {part: [(archive, name) for name in names] for part, names in members.items()}
    return {
        part: [(paths[id, path], "") for path in files] for part, files in located.parts.items()
    }


def members_of(archive: Path) -> list[str]:
    """The names in a zip archive."""
    try:
        with ZipFile(archive) as file:
            return file.namelist()
    except BadZipFile as error:
        raise DataError(f"{archive} is not a readable zip archive: {error}") from error
