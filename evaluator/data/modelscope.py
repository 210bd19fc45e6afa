"""Repositories on ModelScope, through its light client `modelscope-hub` and in its own cache.

MODELSCOPE_ENDPOINT, MODELSCOPE_API_TOKEN, MODELSCOPE_CACHE and the proxies of the environment hold.
"""

import logging
import os
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.data.repository import Listing, RemoteFile
from evaluator.errors import DataError, MissingData, UsageError
from evaluator.locale import N_

if TYPE_CHECKING:
    from modelscope_hub import HubApi

SOURCE = "ModelScope"
MAIN = "master"
TIMEOUT = {  # so that an unreachable ModelScope is known within 5 s; the client reads them once
    "MODELSCOPE_API_CONNECT_TIMEOUT": "4",
    "MODELSCOPE_REPO_TREE_PAGE_TIMEOUT_SECONDS": "4",
    "MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "1",
}


class ModelScopeRepository:
    """A data set on ModelScope."""

    source = SOURCE

    def __init__(self, id: str) -> None:
        self.id = id

    def listing(self, revision: str) -> Listing | None:
        """A request for each 200 files.  Of ModelScope only the main branch is read.

        Its client tells no commit; the revision is a digest of all files' checksums.
        """
        if revision:
            return None
        api = client()
        from modelscope_hub.errors import HubError, NotExistError

        try:
            found = api.list_repo_files(self.id, "dataset", revision=MAIN)
        except NotExistError as error:
            raise MissingData(
                N_("there is no data set {id!r} on {address}", id=self.id, address=address())
            ) from error
        except (HubError, OSError) as error:
            raise MissingData(self._unreadable(error)) from error
        files = {
            file.path: RemoteFile(file.path, file.size, file.sha256 or "")
            for file in found
            if not file.is_dir
        }
        return Listing(digest(files.values()), files)

    def download(self, listing: Listing, file: RemoteFile) -> Path:
        """The file in ModelScope's cache, checked by its checksum."""
        api = client()
        from modelscope_hub.errors import FileIntegrityError, HubError

        try:
            path = api.download_file(
                self.id,
                "dataset",
                file.path,
                revision=MAIN,
                expected_sha256=file.sha256 or None,
                file_size=file.size,
            )
        except FileIntegrityError as error:
            raise DataError(
                N_(
                    "{path} of {id} is not what {address} says it holds: {error}",
                    path=file.path,
                    id=self.id,
                    address=address(),
                    error=error,
                )
            ) from error
        except (HubError, OSError) as error:
            raise MissingData(self._unreadable(error)) from error
        return Path(path)

    def record_commit(self, revision: str, listing: Listing) -> None:
        """Nothing: a run without a network reads a mirror."""

    def _unreadable(self, error: Exception) -> str:
        said = (str(error).strip().splitlines() or [""])[0][:200]
        return (
            f"data set {self.id!r} cannot be read from {address()}: {type(error).__name__}: "
            f"{said}; take --data hub, a folder with --data-dir, or --data builtin"
        )


def client() -> "HubApi":
    """ModelScope's client.  Raises UsageError where it is not installed."""
    for name, value in TIMEOUT.items():
        os.environ.setdefault(name, value)
    try:
        import modelscope_hub  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise UsageError(
            N_(
                "--data modelscope needs ModelScope's client: pip install modelscope-hub, "
                "which is the extra `modelscope` (pip install '.[modelscope]' in the project's "
                "folder)"
            )
        ) from error
    logging.getLogger("modelscope_hub").setLevel(logging.WARNING)  # it tells each listing
    return _client_at(address(), os.environ.get("MODELSCOPE_CACHE"))


@cache
def _client_at(endpoint: str, folder: str | None) -> "HubApi":
    """One client for each address and cache folder, with its open connections."""
    from modelscope_hub import HubApi

    return HubApi(endpoint=endpoint)


def address() -> str:
    """Where ModelScope is."""
    return os.environ.get("MODELSCOPE_ENDPOINT") or "https://modelscope.cn"


def digest(files: Iterable[RemoteFile]) -> str:
    """What names the state of a repository: 40 hex digits over its files' names and checksums."""
    lines = sorted(f"{file.path} {file.size} {file.sha256}\n" for file in files)
    return sha256("".join(lines).encode()).hexdigest()[:40]
