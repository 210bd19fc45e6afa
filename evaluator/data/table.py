"""The table of data sets (sources.toml): where each of them is, and what should be in it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluator.data.layout import COMMON, Part, Wanted, Way, way

TABLE = Path(__file__).with_name("sources.toml")


class Place(BaseModel):
    """A data set in one source: its id there, and the ways in which it is laid out, best first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    files: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[Way, ...]:
        """Those of the table, then the usual ones."""
        return tuple(map(way, dict.fromkeys((*self.files, *COMMON))))


class OwnFile(BaseModel):
    """One file: where it is in the repository, and git's SHA-1 of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha1: str


class OwnFiles(BaseModel):
    """Files of the authors' own GitHub repository at a commit, by "config/split"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    commit: str
    files: Mapping[str, OwnFile]

    @property
    def parts(self) -> dict[Part, list[str]]:
        """The paths by config and split."""
        named = ((name.partition("/"), file.path) for name, file in self.files.items())
        return {(config, split): [path] for (config, _, split), path in named}


class DataSet(BaseModel):
    """What is known of a data set.

    `rows` counts those of each split that is read, over all configs, `instead` those of splits
    that stand in for a missing one. `samples` counts what a benchmark makes of a split, where that
    is not one a row. `digests` names the samples' ids and ground truths by split. A copy may lack
    the `optional` splits of worked examples. No `configs`: whatever there is, but for `without`.
    What is on no hub is in its authors' `own` repository.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    licence: str
    rows: Mapping[str, int]
    instead: Mapping[str, int] = {}
    samples: Mapping[str, int] = {}
    optional: tuple[str, ...] = ()
    digests: Mapping[str, str] = {}
    configs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    hub: Place | None = None
    modelscope: Place | None = None
    own: OwnFiles | None = None

    @property
    def wanted(self) -> Wanted:
        """What is fetched."""
        return Wanted(tuple(self.rows), self.configs, self.without)


@cache
def table() -> Mapping[str, DataSet]:
    """The data sets by the ids under which benchmarks ask for them."""
    with TABLE.open("rb") as file:
        return {id: DataSet(**entry) for id, entry in tomllib.load(file).items()}
