"""samples.jsonl read again: every sample whole, as the model had it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.results.files import parsed_line
from evaluator.results.folder import RunFolder
from evaluator.results.names import Status
from evaluator.results.samples import ExchangeLine, HeadLine, SampleLine, SharedText
from evaluator.types import Message

AskedText = str | list[Message]
KnownHeads = dict[str, Any]  # what prompts begin with, by name: a text or messages


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One exchange, as it was; `reply` None where none came."""

    role: str
    asked: AskedText  # as the model got it: messages, or a text to go on with
    question: AskedText | None  # the question itself, where that is put in other words
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
    status: Status
    value: float | None
    answer: str | None
    target: str
    options: Mapping[str, str]
    reference: Sequence[str]
    note: str
    error: str
    exchanges: Sequence[RecordedExchange]

    @property
    def question(self) -> str:
        """What the model was asked first, without what other prompts begin with too."""
        return next((each.own for each in self.exchanges if each.role == "model"), "")


def transcripts(folder: Path, wanted: Set[tuple[str, str]] | None = None) -> Iterator[Transcript]:
    """The samples of the run in a folder, all or those of some benchmarks and ids.

    Raises UsageError where the run has none, DataError for a damaged line.
    """
    return (each for _, each in recorded(folder, wanted) if isinstance(each, Transcript))


def recorded(
    folder: Path, wanted: Set[tuple[str, str]] | None = None
) -> Iterator[tuple[bytes, HeadLine | Transcript]]:
    """The same, each with its line as it stands, and what several prompts begin with."""
    path, heads = RunFolder(folder).samples, KnownHeads()
    starts = {b'{"benchmark":%b,"id":%b' % tuple(map(orjson.dumps, each)) for each in wanted or ()}
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise UsageError(
            N_(
                "{folder!r} has no {name}: the command of that run again, with --replay, makes it",
                folder=str(folder),
                name=path.name,
            )
        ) from error
    with file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):  # torn, as the run was killed
                continue
            place = f"{path}:{number}"
            if b',"head":' in line.partition(b',"id":')[0]:
                head = parsed_line(line, HeadLine, place)
                heads[head.head] = head.text or head.messages
                yield line, head
            elif wanted is None or line.partition(b',"group":')[0] in starts:
                yield line, transcript(parsed_line(line, SampleLine, place), heads, place)


def transcript(line: SampleLine, heads: KnownHeads, place: str) -> Transcript:
    """The sample of a line.  Raises DataError where it refers to what is not there."""
    exchanges: list[RecordedExchange] = []
    for each in line.exchanges:
        try:
            asked, own = whole(each, exchanges, heads)
        except (LookupError, TypeError) as error:
            raise DataError(
                N_(
                    "{place}: exchange {count}: no such head: {error}",
                    place=place,
                    count=len(exchanges),
                    error=error,
                )
            ) from error
        exchanges.append(
            RecordedExchange(
                each.role,
                asked,
                each.question,
                each.thinking,
                each.reply,
                each.finish_reason,
                own,
            )
        )
    return Transcript(
        line.benchmark,
        line.id,
        line.group,
        line.status,
        line.value,
        line.answer,
        line.target,
        line.options,
        [line.target] if line.reference is None else line.reference,
        line.note,
        line.error,
        exchanges,
    )


def whole(
    line: ExchangeLine, before: Sequence[RecordedExchange], heads: KnownHeads
) -> tuple[AskedText, str]:
    """What an exchange asked, and the end of it that is its own."""
    if line.prompt is not None:
        return prompt_of(line.prompt, heads)
    messages: list[Message] = []
    own = ""
    if line.after is not None:
        earlier = before[line.after]
        assert isinstance(earlier.asked, list)
        messages, own = [*earlier.asked], earlier.own
    for turn in line.messages or ():
        if "head" in turn:
            messages += heads[turn["head"]]
        else:
            messages.append({**turn, "content": joined(turn["content"], heads)})
            own = rest(turn["content"])
    return messages, own


def prompt_of(prompt: str | SharedText, heads: KnownHeads) -> tuple[str, str]:
    """A text to go on with, and the end of it that is its own."""
    if isinstance(prompt, str):
        return prompt, prompt
    return heads[prompt.head] + prompt.text, prompt.text


def joined(content: Any, heads: KnownHeads) -> Any:
    """A text with what it begins with; whatever else a message holds is as it was."""
    shared = isinstance(content, dict) and "head" in content
    return heads[content["head"]] + content["text"] if shared else content


def rest(content: Any) -> str:
    """A text without what others begin with too."""
    return str(content["text"] if isinstance(content, dict) and "head" in content else content)
