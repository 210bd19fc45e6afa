"""What is asked: synthetic prompts, a file's or a benchmark's, the same for every compared server.

Each part of a run (a load in one of its repeats) draws its own prompts, from the seed, so that no
part finds those of an earlier one in a server's prefix cache.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Protocol

import orjson

from evaluator.data import read_jsonl
from evaluator.errors import DataError, UsageError
from evaluator.perf.options import Options, Span
from evaluator.perf.words import Vocabulary

Body = Mapping[str, Any]  # of a request, without its model

PROMPT_TOKENS, OUTPUT_TOKENS = Span(256, 256), Span(128, 128)
ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
ROLES |= {"system": "system"}


class Workload(Protocol):
    """`draw` gives the prompts of a part as (id, body); `about` is what perf.json says of them."""

    @property
    def about(self) -> Mapping[str, Any]: ...

    def draw(self, part: str) -> Iterator[tuple[str, Body]]: ...


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Prompts of given lengths, without end."""

    vocabulary: Vocabulary
    prompt_tokens: Span
    output_tokens: Span
    params: Mapping[str, Any]
    seed: int

    @property
    def about(self) -> Mapping[str, Any]:
        return {
            "kind": "synthetic",
            "prompt_tokens": str(self.prompt_tokens),
            "output_tokens": str(self.output_tokens),
            "params": dict(self.params),
        }

    def draw(self, part: str) -> Iterator[tuple[str, Body]]:
        random = Random(f"{self.seed}/{part}")
        for number in count():
            tokens = random.randint(self.prompt_tokens.low, self.prompt_tokens.high)
            limit = random.randint(self.output_tokens.low, self.output_tokens.high)
            text = self.vocabulary.prompt(tokens, random)
            yield str(number), {**chat(text), "max_tokens": limit, **self.params}


@dataclass(frozen=True, slots=True)
class Rows:
    """Prompts from elsewhere.  `shuffled`: each part has its own order, else all the same."""

    kind: str
    name: str
    rows: Sequence[tuple[str, Body]]
    seed: int = 0
    shuffled: bool = True
    left_out: int = 0  # rows of the file that ask nothing
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", fingerprint(list(self.rows)))

    @property
    def about(self) -> Mapping[str, Any]:
        known = {"kind": self.kind, "name": self.name, "rows": len(self.rows)}
        skipped = {"left_out": self.left_out} if self.left_out else {}
        return {**known, **skipped, "digest": self.digest}

    def draw(self, part: str) -> Iterator[tuple[str, Body]]:
        if not self.shuffled:
            return iter(self.rows)
        return iter(Random(f"{self.seed}/{part}").sample(self.rows, len(self.rows)))


def chat(text: str) -> dict[str, Any]:
    """One user turn."""
    return {"messages": [{"role": "user", "content": text}]}


def sampling(options: Options, ignore_eos: bool) -> dict[str, Any]:
    """Greedy unless asked otherwise, so that every server makes the same choices."""
    forced = {"ignore_eos": True} if ignore_eos else {}
    return {"temperature": 0.0, **forced, **options.sampling}


def synthetic(options: Options, vocabulary: Vocabulary) -> Synthetic:
    """Replies of full length, unless told otherwise.  Raises UsageError for too short a prompt."""
    wanted = options.prompt_tokens or PROMPT_TOKENS
    vocabulary.check(wanted.low)
    params = sampling(options, options.ignore_eos is not False)
    output = options.output_tokens or OUTPUT_TOKENS
    return Synthetic(vocabulary, wanted, output, params, options.seed)


def from_file(options: Options, path: Path) -> Rows:
    """A JSON file of ShareGPT's shape, or JSONL of {"prompt"} or {"messages"}, each with a limit.

    ShareGPT's own file has conversations that ask nothing: in a list they are left out.  Raises
    UsageError or DataError.
    """
    limits = Random(options.seed)
    span = options.output_tokens
    rows, left_out = [], 0
    for number, (place, row) in enumerate(read_prompts(path)):
        if path.suffix == ".json" and asks_nothing(row):
            left_out += 1
            continue
        body = messages(place, row)
        limit = row.get("max_tokens") or row.get("output_tokens") or OUTPUT_TOKENS.high
        limit = limits.randint(span.low, span.high) if span else limit
        params = sampling(options, bool(options.ignore_eos))
        rows.append((str(number), {**body, "max_tokens": limit, **params}))
    if not rows:
        words = f": {left_out} conversations do not begin with a question" if left_out else ""
        raise DataError(f"--workload: no prompts in {str(path)!r}{words}")
    return Rows("file", path.name, rows, options.seed, left_out=left_out)


def read_prompts(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, row) of a .json list, or of JSON lines."""
    try:
        if path.suffix != ".json":
            yield from read_jsonl(path)
            return
        listed = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"--workload: cannot read {str(path)!r}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(listed, list):
        raise DataError(f"{path}: a .json workload must be a list of conversations")
    yield from ((f"{path} entry {number}", row) for number, row in enumerate(listed, 1))


def asks_nothing(row: Any) -> bool:
    """Whether a row is a conversation that is empty or begins with the model's turn."""
    if not isinstance(row, dict) or row.get("prompt") or row.get("messages"):
        return False
    conversation = row.get("conversations")
    return isinstance(conversation, list) and not turns(conversation)


def messages(place: str, row: Any) -> dict[str, Any]:
    """The question of a row: of a recorded conversation, all before the model's first turn."""
    if isinstance(row, dict):
        if isinstance(row.get("prompt"), str) and row["prompt"]:
            return chat(row["prompt"])
        if isinstance(row.get("messages"), list) and row["messages"]:
            return {"messages": row["messages"]}
        if isinstance(row.get("conversations"), list) and (said := turns(row["conversations"])):
            return {"messages": said}
    raise DataError(f"{place}: no prompt, messages or conversations in {row!r:.80}")


def turns(conversation: Sequence[Any]) -> list[dict[str, str]]:
    """The turns before the model's first, in the chat API's words; none of an unknown speaker."""
    said = []
    for turn in conversation:
        speaker = turn.get("from") if isinstance(turn, dict) else None
        role = ROLES.get(speaker) if isinstance(speaker, str) else None
        if role not in ("user", "system"):
            break
        said.append({"role": role, "content": str(turn.get("value", ""))})
    return said if said and said[-1]["role"] == "user" else []


def fingerprint(what: Any) -> str:
    """16 hex digits that are the same for the same thing."""
    packed = orjson.dumps(what, option=orjson.OPT_SORT_KEYS)
    return blake2b(packed, digest_size=8).hexdigest()
