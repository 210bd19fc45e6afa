"""samples.jsonl read again: every sample whole, as the model had it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from evaluator.errors import DataError, UsageError
from evaluator.transcripts import NAME
from evaluator.types import Message

Json = dict[str, Any]
Asked = str | list[Message]


@dataclass(frozen=True, slots=True)
class Said:
    """One exchange, as it was; `reply` None where none came."""

    role: str
    asked: Asked  # as the model got it: messages, or a text to go on with
    question: Asked | None  # the question itself, where that is put in other words
    thinking: str
    reply: str | None
    finish_reason: str
    own: str  # the end of what was asked, without what other prompts begin with too


@dataclass(frozen=True, slots=True)
class Transcript:
    """One sample, whole again."""

    benchmark: str
    id: str
    group: str
    status: str
    value: float | None
    answer: str | None
    target: str
    options: Mapping[str, str]
    reference: Sequence[str]
    note: str
    error: str
    exchanges: Sequence[Said]

    @property
    def question(self) -> str:
        """What the model was asked first, without what other prompts begin with too."""
        return next((each.own for each in self.exchanges if each.role == "model"), "")


def transcripts(folder: Path, wanted: Set[tuple[str, str]] | None = None) -> Iterator[Transcript]:
    """The samples of the run in a folder, all or those of some benchmarks and ids.

    Raises UsageError where the run has none, DataError for a damaged line.
    """
    path, heads = folder / NAME, dict[str, Any]()
    starts = {b'{"benchmark":%b,"id":%b' % tuple(map(orjson.dumps, each)) for each in wanted or ()}
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise UsageError(
            f"{str(folder)!r} has no {NAME}: the command of that run again, with --replay, makes it"
        ) from error
    with file:
        for number, line in enumerate(file, 1):
            of_all = wanted is None or b',"head":' in line.partition(b',"id":')[0]
            if not line.endswith(b"\n") or not (
                of_all or line.partition(b',"group":')[0] in starts
            ):
                continue
            try:
                read = orjson.loads(line)
                if "head" in read:
                    heads[read["head"]] = read.get("text") or read["messages"]
                else:
                    yield transcript(read, heads)
            except (ValueError, LookupError, TypeError) as error:
                raise DataError(f"{path}:{number}: {type(error).__name__}: {error}") from error


def transcript(read: Json, heads: Mapping[str, Any]) -> Transcript:
    """The sample of a line."""
    said: list[Said] = []
    for line in read["exchanges"]:
        asked, own = whole(line, said, heads)
        said.append(
            Said(
                line["role"],
                asked,
                line.get("question"),
                line.get("thinking", ""),
                line.get("reply"),
                line.get("finish_reason", ""),
                own,
            )
        )
    kept = ("benchmark", "id", "group", "status", "value", "answer", "target", "note", "error")
    return Transcript(
        **{name: read[name] for name in kept},
        options=read.get("options", {}),
        reference=read.get("reference", [read["target"]]),
        exchanges=said,
    )


def whole(line: Json, said: Sequence[Said], heads: Mapping[str, Any]) -> tuple[Asked, str]:
    """What an exchange asked, and the end of it that is its own."""
    if "prompt" in line:
        return joined(line["prompt"], heads), rest(line["prompt"])
    messages: list[Message] = []
    own = ""
    if "after" in line:
        before = said[line["after"]]
        assert isinstance(before.asked, list)
        messages, own = [*before.asked], before.own
    for turn in line["messages"]:
        if "head" in turn:
            messages += heads[turn["head"]]
        else:
            messages.append({**turn, "content": joined(turn["content"], heads)})
            own = rest(turn["content"])
    return messages, own


def joined(content: Any, heads: Mapping[str, Any]) -> Any:
    """A text with what it begins with; whatever else a message holds is as it was."""
    shared = isinstance(content, dict) and "head" in content
    return heads[content["head"]] + content["text"] if shared else content


def rest(content: Any) -> str:
    """A text without what others begin with too."""
    return str(content["text"] if isinstance(content, dict) and "head" in content else content)
