"""What the outputs of another tool hold, in our words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from evaluator.errors import DataError
from evaluator.locale import N_
from evaluator.types import Json, Message, Params


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherReply:
    """One reply that another tool recorded, and what that tool made of it."""

    id: str  # unique in its task
    prompt: str | list[Message]
    text: str
    value: float | None  # the tool's own score; None where it has none
    answer: str | None = None  # what the tool read in the reply
    target: str = ""
    group: str = ""
    question: str = ""  # without worked examples and instructions, where the tool tells it apart
    finish_reason: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    latency: float = 0.0  # seconds

    @property
    def asked(self) -> str:
        """The last thing that was said to the model."""
        return self.prompt if isinstance(self.prompt, str) else text_of(self.prompt[-1]["content"])


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTask:
    """The replies to one task, as the tool calls it.

    The model wrote them (`written`), or its likelihoods were measured; it was asked in a `chat`, or
    given texts to go on with.
    """

    name: str
    metric: str
    replies: Sequence[OtherReply]
    written: bool = True
    chat: bool = True
    shots: int = 0
    params: Params = field(default_factory=dict)
    repeated: int = 0  # replies left out, because the same question was asked several times


def with_output(reply: OtherReply, output: Json) -> OtherReply:
    """The reply with what a record of the output tells, in the form of inspect_ai and evalscope."""
    usage, (choice, *_) = output.get("usage") or {}, output.get("choices") or [{}]
    return replace(
        reply,
        finish_reason=finish(choice.get("stop_reason")),
        prompt_tokens=int(usage.get("input_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
        latency=float(output.get("time") or 0.0),
    )


def target_text(target: object) -> str:
    """The ground truth, of which there may be several."""
    return ", ".join(map(str, target)) if isinstance(target, list) else str(target)


OtherRuns = Mapping[str, Sequence[OtherTask]]  # by model


@contextmanager
def reading(path: Path, tool: str) -> Iterator[None]:
    """Raises DataError, which names the file, where what is read is not as the tool writes it."""
    try:
        yield
    except DataError:
        raise
    except KeyError as error:
        raise DataError(
            N_(
                "{path}: not as {tool} writes it: there is no {error}",
                path=path,
                tool=tool,
                error=error,
            )
        ) from error
    except (ValueError, TypeError, IndexError, AttributeError, OSError) as error:
        raise DataError(
            N_("{path}: not as {tool} writes it: {error}", path=path, tool=tool, error=error)
        ) from error


def json_lines(path: Path) -> Iterator[Json]:
    """The objects of a file of JSON lines."""
    with path.open("rb") as file:
        yield from map(orjson.loads, file)


def json_file(path: Path) -> Json:
    """The object in a file; an empty one where there is no file."""
    found: Json = orjson.loads(path.read_bytes()) if path.exists() else {}
    return found


def text_of(content: object) -> str:
    """The text of a message, which may come in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")


def finish(reason: object) -> str:
    """Why a reply ended, in the words of the OpenAI API."""
    return "length" if reason in ("max_tokens", "model_length", "length") else str(reason or "")


def share(value: object) -> float | None:
    """A number or a yes or no as a number; None for all else."""
    return float(value) if isinstance(value, bool | int | float) else None
