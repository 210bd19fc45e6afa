"""Repositories on the Hugging Face hub, through its own client and in its own cache.

HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE, HF_HUB_OFFLINE and the proxies of the environment hold.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from evaluator.data.repository import Listing, RemoteFile
from evaluator.errors import DataError, MissingData
from evaluator.locale import N_

SOURCE = "Hugging Face hub"
MAIN = "main"
TIMEOUT = 4.0  # seconds for the hub to answer, unless HF_HUB_ETAG_TIMEOUT says otherwise
ALTERNATIVES = N_(
    "set HF_ENDPOINT to a mirror of the hub, take --data modelscope, fill a folder with "
    "`evaluator data fetch` on a machine that reaches it and give it to --data-dir, or try the "
    "built-in samples with --data builtin"
)

# Otherwise the client's first request asks the hub for a list of programs that may use it.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


class HuggingFaceRepository:
    """A data set on the hub, or on the mirror of it that HF_ENDPOINT names."""

    source = SOURCE

    def __init__(self, id: str) -> None:
        self.id = id

    def listing(self, revision: str) -> Listing | None:
        """Asks the hub with one request; if it cannot be reached, lists what its cache holds."""
        if offline():
            return self._cached(revision, "HF_HUB_OFFLINE is set")
        from huggingface_hub import HfApi
        from huggingface_hub.errors import (
            GatedRepoError,
            HfHubHTTPError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        api = HfApi(endpoint=endpoint())
        try:
            info = api.dataset_info(
                self.id, revision=revision or MAIN, files_metadata=True, timeout=timeout()
            )
        except RevisionNotFoundError:
            return None
        except GatedRepoError as error:
            self._gated(error)
        except RepositoryNotFoundError as error:
            raise MissingData(
                N_(
                    "there is no data set {id!r} on {endpoint}, or it is private; a token that "
                    "may read it goes into HF_TOKEN",
                    id=self.id,
                    endpoint=endpoint(),
                )
            ) from error
        except HfHubHTTPError as error:
            return self._cached(revision, f"{endpoint()} answers: {_short(error)}")
        except Exception as error:  # noqa: BLE001  # of whichever HTTP library the client is made on
            return self._cached(revision, f"{endpoint()} cannot be reached: {_short(error)}")
        files = [
            RemoteFile(
                sibling.rfilename,
                sibling.size,
                sibling.lfs.sha256 if sibling.lfs else "",
                "" if sibling.lfs else sibling.blob_id or "",
            )
            for sibling in info.siblings or ()
        ]
        return Listing(info.sha or "", {file.path: file for file in files})

    def download(self, listing: Listing, file: RemoteFile) -> Path:
        """The file in the hub's cache; one that is damaged there is fetched once more."""
        path = self._file(listing, file, anew=False)
        if not file.matches(path):
            path = self._file(listing, file, anew=True)
        if not file.matches(path):
            raise DataError(
                N_(
                    "{path} of {id} is not what {endpoint} says it holds (another size or "
                    "checksum), twice; a mirror may be out of step: try another HF_ENDPOINT",
                    path=file.path,
                    id=self.id,
                    endpoint=endpoint(),
                )
            )
        return path

    def record_commit(self, revision: str, listing: Listing) -> None:
        """Records the commit in the cache, for a run without a network."""
        path = self._folder / "refs" / (revision or MAIN)
        with suppress(OSError):  # a shared cache may be read-only
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(listing.commit, encoding="utf-8")

    def _file(self, listing: Listing, file: RemoteFile, anew: bool) -> Path:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import GatedRepoError
        from huggingface_hub.utils.tqdm import disable_progress_bars

        if offline():
            return self._folder / "snapshots" / listing.commit / file.path
        disable_progress_bars()  # the dashboard shows its own
        try:
            path = hf_hub_download(
                self.id,
                file.path,
                repo_type="dataset",
                revision=listing.commit,
                cache_dir=cache(),
                endpoint=endpoint(),
                etag_timeout=timeout(),
                force_download=anew,
            )
        except GatedRepoError as error:
            self._gated(error)
        except Exception as error:  # of whichever HTTP library is below, or a cut file's
            raise MissingData(
                N_(
                    "{path} of {id} cannot be fetched from {endpoint}: {error}; run the same "
                    "command again to go on, or {alternatives}",
                    path=file.path,
                    id=self.id,
                    endpoint=endpoint(),
                    error=_short(error),
                    alternatives=ALTERNATIVES,
                )
            ) from error
        return Path(path)

    @property
    def _folder(self) -> Path:
        return Path(cache()) / f"datasets--{self.id.replace('/', '--')}"

    def _cached(self, revision: str, reason: str) -> Listing | None:
        """The revision in the cache; files that are not cached are not in the listing."""
        known = self._folder / "refs" / (revision or MAIN)
        if not known.is_file():
            if revision and (self._folder / "refs" / MAIN).is_file():
                return None
            raise MissingData(
                N_(
                    "data set {id!r} cannot be read: {reason}, and its cache {cache!r} does "
                    "not hold the data set; {alternatives}",
                    id=self.id,
                    reason=reason,
                    cache=str(cache()),
                    alternatives=ALTERNATIVES,
                )
            )
        commit = known.read_text(encoding="utf-8").strip()
        snapshot = self._folder / "snapshots" / commit
        found = [path for path in snapshot.rglob("*") if path.is_file()]
        files = {path.relative_to(snapshot).as_posix(): path for path in found}
        return Listing(
            commit,
            {name: RemoteFile(name, path.stat().st_size) for name, path in files.items()},
            f"as its cache last saw it: {reason}",
        )

    def _gated(self, error: Exception) -> NoReturn:
        raise MissingData(
            N_(
                "data set {id!r} is gated: accept its conditions at {endpoint}/datasets/{id} "
                "and set HF_TOKEN to a token of that account",
                id=self.id,
                endpoint=endpoint(),
            )
        ) from error


def offline() -> bool:
    """Whether the hub must not be asked."""
    names = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
    return any(os.environ.get(name, "").upper() in ("1", "TRUE", "YES", "ON") for name in names)


def endpoint() -> str:
    """Where the hub is."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def cache() -> str:
    """The folder of the hub's cache."""
    from huggingface_hub import constants

    return os.environ.get("HF_HUB_CACHE") or str(constants.HF_HUB_CACHE)


def timeout() -> float:
    """Seconds to wait for an answer."""
    return float(os.environ.get("HF_HUB_ETAG_TIMEOUT") or TIMEOUT)


def _short(error: Exception) -> str:
    """The error in one line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
