"""manifest.json of a mirrored data set: where its files came from, and what they hold."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluator.errors import DataError
from evaluator.locale import N_

NAME = "manifest.json"


class MirroredFile(BaseModel):
    """One file of a mirror. `path` is relative to the data set's folder; `bytes` is its size."""

    model_config = ConfigDict(frozen=True)

    path: str
    rows: int
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """A mirrored data set. `id` and `revision` are the source's own.

    The manifest is written before the first file, and is `complete` after the last.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    source: str
    id: str
    revision: str = ""
    how: str = ""
    licence: str = ""
    fetched_at: str = ""
    files: tuple[MirroredFile, ...] = ()
    complete: bool = False


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a data set's folder; None where there is none.  Raises DataError."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise DataError(
            N_(
                "{path}: not a manifest of a mirror: {msg}; fetch the data set again",
                path=path,
                msg=error.errors()[0]["msg"],
            )
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest in one step, so that no reader sees half of it."""
    draft = folder / f"{NAME}.part"
    draft.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(folder / NAME)


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
