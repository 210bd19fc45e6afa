"""Sources on this machine: a mirror of data sets, and the samples in the package."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluator.data.files import SUFFIXES, PlacedRow, read_file
from evaluator.data.layout import Part
from evaluator.data.manifest import Manifest, read_manifest
from evaluator.data.rows import Origin, Source
from evaluator.errors import DataError, MissingData, UsageError
from evaluator.locale import N_

BUILTIN = Path(__file__).parents[1] / "samples"


class Mirror(Source):
    """A folder laid out as <data set>/<config>/<split>.(jsonl|parquet|csv)."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        if not root.is_dir():
            raise UsageError(
                N_("no data folder {root!r}; give an existing one to --data-dir", root=str(root))
            )
        self.root = root
        self.label = f"local mirror {root}"

    def has(self, dataset: str, split: str) -> bool:
        """Whether any config has a file of that split; a config without it is incomplete."""
        found = (self.root / dataset).glob(f"*/{split}.*")
        return any(path.suffix.lstrip(".") in SUFFIXES for path in found)

    def parts(self, dataset: str) -> Sequence[Part]:
        """The configs and splits in the folder."""
        paths = sorted((self.root / dataset).glob("*/*"))
        there = [path for path in paths if path.suffix.lstrip(".") in (*SUFFIXES, "json")]
        return list(dict.fromkeys((path.parent.name, path.stem) for path in there))

    def manifest(self, dataset: str) -> Manifest | None:
        """The manifest of `evaluator data fetch`; None in a folder that was filled by hand."""
        return read_manifest(self.root / dataset)

    def origin(self, dataset: str) -> Origin:
        """The folder, and where `evaluator data fetch` filled it from."""
        if (made := self.manifest(dataset)) is None:
            return Origin(self.label, dataset)
        return Origin(self.label, made.id, made.revision, f"fetched from {made.source}")

    def read(self, dataset: str, config: str, split: str) -> Iterable[PlacedRow]:
        if (made := self.manifest(dataset)) and not made.complete:
            raise DataError(
                N_(
                    "the mirror of {dataset} in {root!r} is not complete: run `evaluator data "
                    "fetch` again",
                    dataset=dataset,
                    root=str(self.root),
                )
            )
        stem = self.root / dataset / config / split
        for suffix in (*SUFFIXES, "json"):
            path = stem.with_name(f"{split}.{suffix}")
            if path.is_file():
                return read_file(path)
        wanted = f"{split}.({'|'.join(SUFFIXES)})"
        raise MissingData(
            N_(
                "data set {dataset!r} ({config}, {split}) not found: looked for {parent}; put "
                "it there, fetch it with `evaluator data fetch`, or choose another source with "
                "--data-dir DIR, --data modelscope or --data builtin",
                dataset=dataset,
                config=config,
                split=split,
                parent=stem.parent / wanted,
            )
        )


class Builtin(Mirror):
    """The samples in the package: a few rows of some configs of each data set."""

    def __init__(self) -> None:
        super().__init__(BUILTIN)
        self.label = "built-in samples (not the real data set)"

    def read(self, dataset: str, config: str, split: str) -> Iterable[PlacedRow]:
        # Unlike a mirror, the samples may leave out whole configs of a data set.
        if (self.root / dataset).is_dir() and not (self.root / dataset / config).is_dir():
            return ()
        return super().read(dataset, config, split)
