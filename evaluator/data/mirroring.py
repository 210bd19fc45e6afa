"""Copies a data set from a hub to a folder for `--data-dir`, for machines without a network."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from evaluator.data.layout import Part
from evaluator.data.local import Mirror
from evaluator.data.manifest import (
    Manifest,
    MirroredFile,
    read_manifest,
    sha256,
    write_manifest,
)
from evaluator.data.rows import Source
from evaluator.data.table import table
from evaluator.errors import DataError, UsageError
from evaluator.locale import N_


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A data set in the folder; `fresh` if it was just written."""

    manifest: Manifest
    fresh: bool


def mirror(dataset: str, root: Path, source: Source, update: bool = False) -> Mirrored:
    """Writes all parts of the data set as JSON lines, and a manifest beside them.

    A complete mirror is left alone; `update` replaces another revision.  Raises DataError, and
    UsageError where the folder holds something else.
    """
    folder = root / dataset
    origin, held = source.origin(dataset), read_manifest(folder)
    if held is None and folder.is_dir() and any(folder.iterdir()) and not update:
        raise UsageError(
            N_(
                "{folder!r} holds files that `evaluator data fetch` did not write; take "
                "another --data-dir, or --update to replace them",
                folder=str(folder),
            )
        )
    if held and held.complete and (held.id, held.revision) != (origin.id, origin.revision):
        if not update:
            raise UsageError(
                N_(
                    "{folder!r} holds {id} at {revision}, and {source} now has {other_id} at "
                    "{other_revision}; --update replaces it, and scores of the two are not "
                    "comparable",
                    folder=str(folder),
                    id=held.id,
                    revision=held.revision[:12] or "no revision",
                    source=origin.source,
                    other_id=origin.id,
                    other_revision=origin.revision[:12],
                )
            )
    elif held and held.complete and not damaged(folder, held):
        return Mirrored(held, fresh=False)
    known = table().get(dataset)
    manifest = Manifest(
        dataset=dataset,
        source=origin.source,
        id=origin.id,
        revision=origin.revision,
        how=origin.how,
        licence=known.licence if known else "",
        fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(folder, manifest)
    files = tuple(write_split(dataset, part, root, source) for part in source.parts(dataset))
    manifest = manifest.model_copy(update={"files": files, "complete": True})
    write_manifest(folder, manifest)
    return Mirrored(manifest, fresh=True)


def write_split(dataset: str, part: Part, root: Path, source: Source) -> MirroredFile:
    """Writes one split in one step, so that no reader sees half of it."""
    config, split = part
    path = root / dataset / config / f"{split}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, rows = path.with_suffix(".part"), 0
    with draft.open("wb") as file:
        for _, row in source.read(dataset, config, split):
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            rows += 1
    draft.replace(path)
    relative = path.relative_to(root / dataset).as_posix()
    return MirroredFile(path=relative, rows=rows, bytes=path.stat().st_size, sha256=sha256(path))


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """The files that are missing or changed, by the manifest."""
    return [
        file.path
        for file in manifest.files
        if not (folder / file.path).is_file() or sha256(folder / file.path) != file.sha256
    ]


def check_mirror(dataset: str, source: Source) -> None:
    """Raises DataError where files of a mirror differ from its manifest."""
    if not isinstance(source, Mirror) or (held := source.manifest(dataset)) is None:
        return
    folder = source.root / dataset
    if broken := damaged(folder, held):
        raise DataError(
            N_(
                "{count} of {all} {all:file|files} in {folder!r} were changed or lost since they "
                "were fetched: {broken}; fetch the data set again",
                count=len(broken),
                all=len(held.files),
                folder=str(folder),
                broken=", ".join(broken[:3]),
            )
        )
