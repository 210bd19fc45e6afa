"""What can go wrong with one request, and who decides: a list, a chance, the first attempts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, get_args

import orjson

from .replies import Body

Name = Literal[
    "reset",  # the connection is reset (RST), nothing sent
    "hang",  # accepted and never answered
    "cut",  # the reply, streamed or not, stops in its middle; the connection is closed
    "html",  # a proxy's page with status 200
    "null_choices",  # a reply with `choices: null`
    "truncated",  # half the JSON, its Content-Length true to that; in a stream, half an event
    "short",  # half the JSON under the Content-Length of the whole, then closed
    "stream_error",  # {"error": ...} after half of a stream; status 500 when not streamed
    "too_long",  # vLLM's 400 for a prompt longer than the context
    "unknown_field",  # a strict server's 400 that names a field beyond OpenAI's
]
Kind = int | Name  # an HTTP status, or one of the above


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It comes `delay` seconds after the request.

    `retry_after` goes with a status, and so does `message`, in place of the status's usual words.
    """

    kind: Kind
    retry_after: float | datetime | str | None = None
    delay: float = 0.0
    message: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.kind, str) and self.kind not in get_args(Name):
            raise ValueError(f"no fault is called {self.kind!r}; known are {get_args(Name)}")


FaultPlan = Callable[[int, Body], Fault | None]


def as_fault(kind: Kind | Fault) -> Fault:
    return kind if isinstance(kind, Fault) else Fault(kind)


def in_order(faults: Sequence[Kind | Fault | None]) -> FaultPlan:
    """The faults of the first requests, one each; None is no fault, and so is the end."""

    def decide(index: int, body: Body) -> Fault | None:
        kind = faults[index] if index < len(faults) else None
        return None if kind is None else as_fault(kind)

    return decide


def random_faults(
    share: float = 0.2, kinds: Sequence[Kind | Fault] = (429, 500, 503), seed: int = 0
) -> FaultPlan:
    """Strikes that share of the requests; whether it strikes the n-th follows from the seed."""
    faults = [as_fault(kind) for kind in kinds]

    def decide(index: int, body: Body) -> Fault | None:
        chance = Random(f"{seed}/{index}")
        return chance.choice(faults) if chance.random() < share else None

    return decide


def first_attempts(kind: Kind | Fault, n: int = 1) -> FaultPlan:
    """Strikes the first `n` times that a body is sent, whatever the order of the bodies."""
    fault = as_fault(kind)
    seen: Counter[bytes] = Counter()

    def decide(index: int, body: Body) -> Fault | None:
        key = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        seen[key] += 1
        return fault if seen[key] <= n else None

    return decide
