"""Values of the options of a throughput run, read from text.

Every mistake is a UsageError in one line that names the option and its value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite
from typing import TypeVar

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.perf import SLO_FIGURES

T = TypeVar("T")
MILLISECOND = 0.001
MOST_RATE = 100_000  # requests a second, several times what one client can send


@dataclass(frozen=True, slots=True)
class TokenRange:
    """A number of tokens, drawn evenly from `low` to `high`."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}" if self.low == self.high else f"{self.low}-{self.high}"


def span(option: str, text: object) -> TokenRange:
    """ "128" or "64-256"."""
    low, _, high = str(text).partition("-")
    if not (low.isdecimal() and (high or low).isdecimal()):
        raise UsageError(
            N_(
                "{option}: {text!r} is not a number of tokens such as 128 or 64-256",
                option=option,
                text=text,
            )
        )
    made = TokenRange(int(low), int(high or low))
    if not 1 <= made.low <= made.high:
        raise UsageError(
            N_(
                "{option}: {text!r} is not 1 token or more, the lower number first",
                option=option,
                text=text,
            )
        )
    return made


def listed(read: Callable[[str], T]) -> Callable[[object], list[T]]:
    """Reads a comma-separated list, each number once."""

    def parse(given: object) -> list[T]:
        text = ",".join(map(str, given)) if isinstance(given, list) else str(given)
        return list(dict.fromkeys(read(word.strip()) for word in text.split(","))) if text else []

    return parse


def read_concurrency(word: str) -> int:
    """How many at once."""
    if not word.isdecimal() or int(word) < 1:
        raise UsageError(
            N_("--concurrency: {word!r} is not a number of requests, 1 or more", word=word)
        )
    return int(word)


def read_rate(word: str) -> float:
    """Requests a second."""
    try:
        value = float(word)
    except ValueError:
        raise UsageError(
            N_("--rate: {word!r} is not a number of requests a second, or inf", word=word)
        ) from None
    if not value > 0:
        raise UsageError(
            N_("--rate: at {word} a second nothing is sent; give more than 0, or inf", word=word)
        )
    if MOST_RATE < value < inf:
        raise UsageError(
            N_(
                "--rate: {word} a second is more than can be sent; give inf for all at once",
                word=word,
            )
        )
    return value


def read_slo(text: object) -> dict[str, float]:
    """ "ttft:300,tpot:50", in milliseconds, as seconds by name."""
    bounds = {}
    for pair in str(text).split(","):
        name, _, value = pair.strip().partition(":")
        name = "latency" if name == "e2el" else name
        try:
            milliseconds = float(value)
        except ValueError:
            milliseconds = 0.0
        if name not in SLO_FIGURES or not (milliseconds > 0 and isfinite(milliseconds)):
            known = ", ".join(SLO_FIGURES)
            raise UsageError(
                N_(
                    "--slo: {pair!r} is not NAME:MILLISECONDS with a name of {known}",
                    pair=pair,
                    known=known,
                )
            )
        bounds[name] = milliseconds * MILLISECOND
    return bounds
