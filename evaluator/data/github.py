"""Data sets that are on no hub: files of their authors' GitHub repositories, at one commit.

GITHUB_RAW names a mirror of the address that serves GitHub's raw files.
"""

import os
import urllib.error
import urllib.request
from pathlib import Path

from evaluator.data.repository import Listing, RemoteFile
from evaluator.data.table import GitHubFiles
from evaluator.errors import DataError, MissingData
from evaluator.locale import N_

RAW = "https://raw.githubusercontent.com"
TIMEOUT = 4.0  # seconds for an answer


class GitHubRepository:
    """A GitHub repository, whose files are verified by git's hash of their content."""

    source = "its authors' GitHub repository"

    def __init__(self, own: GitHubFiles) -> None:
        self.id = own.id
        files = [RemoteFile(file.path, git_sha1=file.sha1) for file in own.files.values()]
        self._listing = Listing(own.commit, {file.path: file for file in files})

    def listing(self, revision: str) -> Listing | None:
        """The files in the table of data sets; sends no request."""
        return None if revision else self._listing

    def download(self, listing: Listing, file: RemoteFile) -> Path:
        """The file in this program's cache, verified."""
        path = cache() / self.id / listing.commit / file.path
        if path.is_file() and file.matches(path):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.part")
        draft.write_bytes(self._content(f"{self.id}/{listing.commit}/{file.path}"))
        if not file.matches(draft):
            draft.unlink()
            raise DataError(
                N_(
                    "{path} of {id} arrived damaged; run the same command again",
                    path=file.path,
                    id=self.id,
                )
            )
        return draft.replace(path)

    def record_commit(self, revision: str, listing: Listing) -> None:
        """Nothing: the commit is fixed."""

    def _content(self, path: str) -> bytes:
        address = f"{os.environ.get('GITHUB_RAW') or RAW}/{path}"
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as reply:  # proxies hold
                content: bytes = reply.read()
        except (OSError, urllib.error.URLError) as error:
            raise MissingData(
                N_(
                    "{address} cannot be read: {error}; set GITHUB_RAW to a mirror of {raw}, "
                    "or put the file into a folder for --data-dir (`evaluator data list` shows "
                    "where), or take --data builtin",
                    address=address,
                    error=error,
                    raw=RAW,
                )
            ) from error
        return content


def cache() -> Path:
    """The folder of this program's cache."""
    usual = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(usual) / "evaluator" / "github"
