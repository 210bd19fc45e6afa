"""Prompts of a file: JSON of ShareGPT's shape, or JSON lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import orjson

from evaluator.data import read_jsonl
from evaluator.errors import DataError, UsageError
from evaluator.locale import N_
from evaluator.perf.load.workload import OUTPUT_TOKENS, BodyFields, PromptRows, chat, sampling
from evaluator.perf.options import SweepOptions

ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
ROLES |= {"system": "system"}


def from_file(options: SweepOptions, path: Path) -> PromptRows:
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
        body = question(place, row)
        limit = row.get("max_tokens") or row.get("output_tokens") or OUTPUT_TOKENS.high
        limit = limits.randint(span.low, span.high) if span else limit
        params = sampling(options, bool(options.ignore_eos))
        rows.append((str(number), {**body, "max_tokens": limit, **params}))
    if not rows:
        words = f": {left_out} conversations do not begin with a question" if left_out else ""
        raise DataError(
            N_("--workload: no prompts in {path!r}{words}", path=str(path), words=words)
        )
    return PromptRows("file", path.name, rows, options.seed, left_out=left_out)


def read_prompts(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, row) of a .json list, or of JSON lines."""
    try:
        if path.suffix != ".json":
            yield from read_jsonl(path)
            return
        listed = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(
            N_(
                "--workload: cannot read {path!r}: {strerror}",
                path=str(path),
                strerror=error.strerror,
            )
        ) from error
    except orjson.JSONDecodeError as error:
        raise DataError(N_("{path}: not valid JSON: {error}", path=path, error=error)) from error
    if not isinstance(listed, list):
        raise DataError(N_("{path}: a .json workload must be a list of conversations", path=path))
    yield from ((f"{path} entry {number}", row) for number, row in enumerate(listed, 1))


def asks_nothing(row: Any) -> bool:
    """Whether a row is a conversation that is empty or begins with the model's turn."""
    if not isinstance(row, dict) or row.get("prompt") or row.get("messages"):
        return False
    conversation = row.get("conversations")
    return isinstance(conversation, list) and not turns(conversation)


def question(place: str, row: Any) -> BodyFields:
    """The question of a row: of a recorded conversation, all before the model's first turn."""
    if isinstance(row, dict):
        if isinstance(row.get("prompt"), str) and row["prompt"]:
            return chat(row["prompt"])
        if isinstance(row.get("messages"), list) and row["messages"]:
            return {"messages": row["messages"]}
        if isinstance(row.get("conversations"), list) and (said := turns(row["conversations"])):
            return {"messages": said}
    raise DataError(
        N_("{place}: no prompt, messages or conversations in {row!r:.80}", place=place, row=row)
    )


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
