"""A remote repository of files: what every kind of repository offers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. `size` in bytes; hashes in hexadecimal, empty where not known."""

    path: str
    size: int | None = None
    sha256: str = ""
    git_sha1: str = ""  # git's name for the content, of files that are not in LFS

    def matches(self, path: Path) -> bool:
        """Whether the file on this machine holds what the repository says it should."""
        if self.size is not None and path.stat().st_size != self.size:
            return False
        if self.sha256:
            return hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256
        return not self.git_sha1 or git_sha1(path.read_bytes()) == self.git_sha1


def git_sha1(content: bytes) -> str:
    """Git's name for a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one revision. `commit` is its permanent name; `note` is for the report."""

    commit: str
    files: Mapping[str, RemoteFile]
    note: str = ""


class Repository(Protocol):
    """A repository that holds one data set."""

    source: str  # its name in reports
    id: str

    def listing(self, revision: str) -> Listing | None:
        """The files of a revision; an empty name is the main branch.  None: no such revision.

        Raises MissingData, with the reason, where the repository cannot be read.
        """
        ...

    def download(self, listing: Listing, file: RemoteFile) -> Path:
        """Fetches and verifies the file.  Raises MissingData or DataError."""
        ...

    def record_commit(self, revision: str, listing: Listing) -> None:
        """Records the commit of the revision, for a later run without a network."""
        ...
