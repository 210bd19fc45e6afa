"""The table of data sets (sources.toml): where each is, and what it should hold."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluator.data.layout import COMMON_LAYOUTS, Layout, Part, WantedParts, parse_layout

TABLE = Path(__file__).with_name("sources.toml")


class HubEntry(BaseModel):
    """A data set on one hub: its id there, and its layouts, the best first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    files: tuple[str, ...] = ()

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The layouts of the table, followed by the common ones."""
        return tuple(map(parse_layout, dict.fromkeys((*self.files, *COMMON_LAYOUTS))))


class GitHubFile(BaseModel):
    """One file: its path in the repository, and git's SHA-1 of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha1: str


class GitHubFiles(BaseModel):
    """Files of the authors' own GitHub repository at a commit, by "config/split"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    commit: str
    files: Mapping[str, GitHubFile]

    @property
    def parts(self) -> dict[Part, list[str]]:
        """The paths by config and split."""
        named = ((name.partition("/"), file.path) for name, file in self.files.items())
        return {(config, split): [path] for (config, _, split), path in named}


class DataSet(BaseModel):
    """What is known of a data set.

    `rows` has the number of rows of each split that is read, over all configs; `instead` that of
    splits that stand in for a missing one. `samples` has the number of samples of a split, where
    that is not one a row. `digests` has a digest of the samples' ids and ground truths by split.
    A copy may lack the `optional` splits of worked examples. Without `configs` all are read,
    except those in `without`. A data set that is on no hub is in its authors' `own` repository.
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
    hub: HubEntry | None = None
    modelscope: HubEntry | None = None
    own: GitHubFiles | None = None

    @property
    def wanted(self) -> WantedParts:
        """The parts to fetch."""
        return WantedParts(tuple(self.rows), self.configs, self.without)


@cache
def table() -> Mapping[str, DataSet]:
    """The data sets by the ids under which benchmarks ask for them."""
    with TABLE.open("rb") as file:
        return {id: DataSet(**entry) for id, entry in tomllib.load(file).items()}
