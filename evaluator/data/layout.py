"""Which files of a repository hold which split: the ways in which data sets are laid out.

A way is written as `[REVISION:]PATH[!MEMBER]`: a path with {config}, {split} and *, on another
branch where one is named, or the member of a zip archive.  A pattern without {config} or {split}
holds the data set's only one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Part = tuple[str, str]  # config and split

CONVERTED = "refs/convert/parquet"  # the branch with the hub's own conversion to Parquet
COMMON = (  # how most repositories are laid out; tried after what the table says of one
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
    f"{CONVERTED}:{{config}}/{{split}}/*.parquet",
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to find the files of a data set. `revision` is empty for the main branch."""

    path: str
    revision: str = ""
    member: str = ""

    @property
    def told(self) -> str:
        """How it was read, for a report."""
        if self.revision == CONVERTED:
            return "converted Parquet branch"
        if "{" not in self.path:
            return self.path
        return f"{self.path.rpartition('.')[2]} files"


def way(text: str) -> Way:
    """The way that is written so."""
    revision, colon, path = text.rpartition(":")
    path, _, member = (path if colon else text).partition("!")
    return Way(path, revision, member)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parts of a data set are looked for: all configs where none are named, but `without`."""

    splits: Collection[str]
    configs: Sequence[str] = ()
    without: Collection[str] = ()

    def part(self, found: Mapping[str, str | None]) -> Part | None:
        """The part that a match stands for, where it is wanted."""
        split = found.get("split") or (next(iter(self.splits)) if len(self.splits) == 1 else None)
        config = found.get("config") or (self.configs[0] if len(self.configs) == 1 else None)
        if split is None or config is None or split not in self.splits or config in self.without:
            return None
        return (config, split) if not self.configs or config in self.configs else None


def parts(pattern: str, paths: Iterable[str], wanted: Wanted) -> dict[Part, list[str]]:
    """The paths that the pattern matches, in order, by the part that they hold."""
    expression = compiled(pattern)
    found: dict[Part, list[str]] = {}
    for path in sorted(paths):
        if (match := expression.fullmatch(path)) and (part := wanted.part(match.groupdict())):
            found.setdefault(part, []).append(path)
    return found


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; a name that comes again is the same text again."""
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


def complete(found: Mapping[Part, object], wanted: Wanted) -> bool:
    """Whether every split that is wanted is there, of every config that is named."""
    configs = wanted.configs or {config for config, _ in found}
    return bool(found) and all((config, s) in found for config in configs for s in wanted.splits)
