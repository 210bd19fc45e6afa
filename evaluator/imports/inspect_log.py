"""inspect_ai: logs of `inspect eval`, as .eval or as .json."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import SEEK_CUR
from pathlib import Path
from struct import unpack
from zipfile import BadZipFile, ZipFile

import orjson

from evaluator.errors import DataError
from evaluator.imports.recorded import (
    OtherReply,
    OtherRuns,
    OtherTask,
    json_file,
    reading,
    share,
    target_text,
    text_of,
    with_output,
)
from evaluator.locale import N_
from evaluator.types import Json, Message, Params

TOOL = "inspect_ai"
LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}  # correct, partial, incorrect, no answer
ZSTANDARD = 93  # the number of this packing in a zip file
NAME_LENGTHS = 26  # where a member's own header tells the lengths of its name and extra field
ATTACHED = "attachment://"  # how a long text is named that stands apart


def read(folder: Path) -> OtherRuns:
    """The newest log of each model and task.  Raises DataError for a damaged file."""
    runs: dict[str, dict[str, OtherTask]] = {}
    logs = [folder] if folder.is_file() else [*folder.rglob("*.eval"), *folder.rglob("*.json")]
    for path in sorted(logs, key=lambda each: each.name):  # names begin with the time
        with reading(path, TOOL):
            header, *samples = zipped(path) if path.suffix == ".eval" else plain(path)
            if "eval" in header:
                model = str(header["eval"]["model"])
                made = task(header, samples)
                runs.setdefault(model, {})[made.name] = made
    return {model: list(tasks.values()) for model, tasks in runs.items()}


def plain(path: Path) -> Iterator[Json]:
    """The header of a log in JSON, and its samples."""
    log = json_file(path)
    yield log
    yield from log.get("samples") or ()


def zipped(path: Path) -> Iterator[Json]:
    """The same of an archive."""
    with reading_zip(path) as archive:
        yield orjson.loads(content(archive, "header.json"))
        for name in archive.namelist():
            if name.startswith("samples/"):
                yield orjson.loads(content(archive, name))


@contextmanager
def reading_zip(path: Path) -> Iterator[ZipFile]:
    """An archive.  Raises DataError for a file that is none."""
    try:
        with ZipFile(path) as archive:
            yield archive
    except BadZipFile as error:
        raise DataError(
            N_("{path}: not as {tool} writes it: {error}", path=path, tool=TOOL, error=error)
        ) from error


def content(archive: ZipFile, name: str) -> bytes:
    """A member of an archive; inspect_ai packs with Zstandard, which zipfile learns in 3.14."""
    about = archive.getinfo(name)
    if about.compress_type != ZSTANDARD:
        return archive.read(name)
    import pyarrow

    file = archive.fp
    assert file is not None
    file.seek(about.header_offset + NAME_LENGTHS)
    name_length, extra_length = unpack("<HH", file.read(4))
    file.seek(name_length + extra_length, SEEK_CUR)
    packed = pyarrow.BufferReader(file.read(about.compress_size))
    unpacked: bytes = pyarrow.CompressedInputStream(packed, "zstd").read()
    return unpacked


def task(header: Json, samples: list[Json]) -> OtherTask:
    """A task's replies."""
    about = header["eval"]
    first = [each for each in samples if each.get("epoch", 1) == 1]
    scorer = next((each["name"] for each in about.get("scorers") or ()), "score")
    config = {**(header.get("plan") or {}).get("config", {}), **about["model_generate_config"]}
    params: Params = {key: value for key, value in config.items() if value is not None}
    return OtherTask(
        name=str(about["task"]).rpartition("/")[2],
        metric=str(scorer),
        replies=[reply(each) for each in sorted(first, key=lambda each: str(each["id"]))],
        params=params,
        repeated=len(samples) - len(first),
    )


def reply(sample: Json) -> OtherReply:
    """One sample, with its first score."""
    score: Json = next(iter((sample.get("scores") or {}).values()), {})
    output = sample.get("output") or {}
    choice, *_ = output.get("choices") or [{}]
    asked = sample["input"]
    question = asked if isinstance(asked, str) else text_of(asked[-1]["content"])
    made = OtherReply(
        id=str(sample["id"]),
        prompt=list(turns(sample)),
        text=text_of(choice.get("message", {}).get("content")),
        value=value(score.get("value")),
        answer=score.get("answer") or None,
        target=target_text(sample["target"]),
        question=question,
    )
    return with_output(made, output)


def turns(sample: Json) -> Iterator[Message]:
    """What was said before the last reply."""
    attached = sample.get("attachments") or {}
    messages = sample["messages"]
    last = len(messages) - 1 if messages[-1]["role"] == "assistant" else len(messages)
    for each in messages[:last]:
        text = text_of(each["content"])
        if text.startswith(ATTACHED):
            text = attached.get(text.removeprefix(ATTACHED), text)
        yield {"role": each["role"], "content": text}


def value(found: object) -> float | None:
    """A score as a number; of several the first; None where it is none."""
    if isinstance(found, dict):
        return value(next(iter(found.values()), None))
    return LETTERS.get(found) if isinstance(found, str) else share(found)
