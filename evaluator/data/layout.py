"""Layouts: which files of a repository hold which config and split of a data set.

A layout is written as `[REVISION:]PATH[!MEMBER]`: a path with {config}, {split} and *, on another
branch if one is named, or inside a zip archive.  A pattern without {config} or {split} holds the
data set's only one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Part = tuple[str, str]  # config and split

PARQUET_BRANCH = "refs/convert/parquet"  # the branch with the hub's own conversion to Parquet
COMMON_LAYOUTS = (  # of most repositories; tried after those in the table of data sets
    "{config}/{split}-*.parquet",
    "{config}/{split}/*.parquet",
    "{config}/{split}.parquet",
    "{config}/{split}.jsonl",
    "{config}/{split}.csv",
    "data/{split}-*.parquet",
    "{split}-*.parquet",
    "{split}.parquet",
    "{split}.jsonl",
    "{split}.csv",
    f"{PARQUET_BRANCH}:{{config}}/{{split}}/*.parquet",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of a data set are. `revision` is empty for the main branch."""

    path: str
    revision: str = ""
    member: str = ""

    @property
    def description(self) -> str:
        """What was read, for a report."""
        if self.revision == PARQUET_BRANCH:
            return "converted Parquet branch"
        if "{" not in self.path:
            return self.path
        return f"{self.path.rpartition('.')[2]} files"


def parse_layout(text: str) -> Layout:
    """The layout in its written form."""
    revision, colon, path = text.rpartition(":")
    path, _, member = (path if colon else text).partition("!")
    return Layout(path, revision, member)


@dataclass(frozen=True, slots=True)
class WantedParts:
    """The parts of a data set to find: of all configs if none are named, except `without`."""

    splits: Collection[str]
    configs: Sequence[str] = ()
    without: Collection[str] = ()

    def part(self, found: Mapping[str, str | None]) -> Part | None:
        """The part that a match of a pattern stands for; None if it is not wanted."""
        split = found.get("split") or (next(iter(self.splits)) if len(self.splits) == 1 else None)
        config = found.get("config") or (self.configs[0] if len(self.configs) == 1 else None)
        if split is None or config is None or split not in self.splits or config in self.without:
            return None
        return (config, split) if not self.configs or config in self.configs else None


def parts(pattern: str, paths: Iterable[str], wanted: WantedParts) -> dict[Part, list[str]]:
    """The paths that match the pattern, in order, by the part that they hold."""
    expression = regular_expression(pattern)
    found: dict[Part, list[str]] = {}
    for path in sorted(paths):
        if (match := expression.fullmatch(path)) and (part := wanted.part(match.groupdict())):
            found.setdefault(part, []).append(path)
    return found


def regular_expression(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; a repeated name must match the same text."""
    written = ""
    for word in re.split(r"(\{config\}|\{split\}|\*)", pattern):
        name = word.strip("{}")
        if word == "*":
            written += r"[^/]*"
        elif not word.startswith("{"):
            written += re.escape(word)
        elif f"(?P<{name}>" in written:
            written += f"(?P={name})"
        else:
            written += rf"(?P<{name}>[^/]+?)"
    return re.compile(written)


def is_complete(found: Mapping[Part, object], wanted: WantedParts) -> bool:
    """Whether every wanted split is there for every config."""
    configs = wanted.configs or {config for config, _ in found}
    return bool(found) and all((config, s) in found for config in configs for s in wanted.splits)
