"""What a throughput run is asked to do: the options of `evaluator perf`, read and checked.

Every mistake is a UsageError in one line that names the option and its value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from yarl import URL

from evaluator.data import SourceName
from evaluator.errors import UsageError
from evaluator.options import sampling
from evaluator.options.settings import ProgressMode
from evaluator.options.values import complaint, key_in, pairs, urls
from evaluator.perf.load.generator import Load
from evaluator.results.perf import SLO_FIGURES

T = TypeVar("T")
MILLISECOND = 0.001
MOST_RATE = 100_000  # requests a second, several times what one client can send
LONGEST = 86_400.0  # seconds of a point
FIRST_LOADS = (1, 8, 32)  # at once, where nothing is asked for


@dataclass(frozen=True, slots=True)
class Span:
    """A number of tokens, drawn evenly from `low` to `high`."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}" if self.low == self.high else f"{self.low}-{self.high}"


def span(option: str, text: object) -> Span:
    """ "128" or "64-256"."""
    low, _, high = str(text).partition("-")
    if not (low.isdecimal() and (high or low).isdecimal()):
        raise UsageError(f"{option}: {text!r} is not a number of tokens such as 128 or 64-256")
    made = Span(int(low), int(high or low))
    if not 1 <= made.low <= made.high:
        raise UsageError(f"{option}: {text!r} is not 1 token or more, the lower number first")
    return made


def listed(read: Callable[[str], T]) -> Callable[[object], list[T]]:
    """Reads a comma-separated list, each number once."""

    def parse(text: object) -> list[T]:
        return list(dict.fromkeys(read(word.strip()) for word in str(text).split(",")))

    return parse


def read_concurrency(word: str) -> int:
    """How many at once."""
    if not word.isdecimal() or int(word) < 1:
        raise UsageError(f"--concurrency: {word!r} is not a number of requests, 1 or more")
    return int(word)


def read_rate(word: str) -> float:
    """Requests a second."""
    try:
        value = float(word)
    except ValueError:
        raise UsageError(f"--rate: {word!r} is not a number of requests a second, or inf") from None
    if not value > 0:
        raise UsageError(f"--rate: at {word} a second nothing is sent; give more than 0, or inf")
    if MOST_RATE < value < inf:
        raise UsageError(
            f"--rate: {word} a second is more than can be sent; give inf for all at once"
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
            raise UsageError(f"--slo: {pair!r} is not NAME:MILLISECONDS with a name of {known}")
        bounds[name] = milliseconds * MILLISECOND
    return bounds


def positive(value: float) -> float:
    """A shape of gaps: inf is even."""
    if not value > 0:
        raise ValueError("must be greater than 0")
    return value


ANY = "--param-unchecked"


def known(given: dict[str, Any]) -> dict[str, Any]:
    """Sampling fields, each of a known name and with a value that can be."""
    sampling.check("--param", given, ANY)
    return given


def any_named(given: dict[str, Any]) -> dict[str, Any]:
    """Sampling fields of any name."""
    sampling.check_names(ANY, given)
    return given


class Options(BaseModel):
    """Every option of `evaluator perf`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    model: str | None = None
    base_url: Annotated[list[str], AfterValidator(partial(urls, "--base-url"))] = []
    api_key_env: str | None = None
    concurrency: Annotated[list[int], BeforeValidator(listed(read_concurrency))] = []
    rate: Annotated[list[float], BeforeValidator(listed(read_rate))] = []
    burstiness: Annotated[float, AfterValidator(positive)] = 1.0
    requests: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0, le=LONGEST, allow_inf_nan=False)
    warmup: int | None = Field(default=None, ge=0)
    prompt_tokens: Annotated[Span, BeforeValidator(partial(span, "--prompt-tokens"))] | None = None
    output_tokens: Annotated[Span, BeforeValidator(partial(span, "--output-tokens"))] | None = None
    benchmark: str | None = None
    workload: Path | None = None
    data_dir: Path | None = None
    data: SourceName | None = None
    param: Annotated[dict[str, Any], BeforeValidator(pairs), AfterValidator(known)] = {}
    param_unchecked: Annotated[
        dict[str, Any], BeforeValidator(partial(pairs, option=ANY)), AfterValidator(any_named)
    ] = {}
    ignore_eos: bool | None = None
    warm_cache: bool = False
    slo: Annotated[dict[str, float], BeforeValidator(read_slo)] = {}
    find_knee: bool = False
    repeats: int = Field(default=3, ge=1)
    with_accuracy: str | None = None
    seed: int = Field(default=0, ge=0)
    against: Path | None = None
    timeout: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    progress: ProgressMode = "auto"
    out: Path
    csv: Path | None = None

    @property
    def loads(self) -> list[Load]:
        """The loads asked for, in that order; a search for the knee has none of its own."""
        if self.rate:
            return [Load(rate=value, burstiness=self.burstiness) for value in self.rate]
        if self.find_knee and not self.concurrency:
            return []
        return [Load(concurrency=value) for value in self.concurrency or FIRST_LOADS]

    @property
    def name(self) -> str | None:
        """The benchmark that the prompts come from."""
        return self.with_accuracy or self.benchmark

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields that the user gave."""
        return {**self.param, **self.param_unchecked}

    @property
    def api_key(self) -> str:
        """The key itself, which stays out of every file."""
        return key_in(self.api_key_env or "", "--api-key-env")


def options(given: Mapping[str, Any]) -> Options:
    """The options, each in its bounds and all of them together possible."""
    try:
        made = Options(**given)
    except ValidationError as error:
        raise UsageError("; ".join(map(complaint, error.errors()))) from None
    for wrong, words in contradictions(made):
        if wrong:
            raise UsageError(words)
    return made


def contradictions(o: Options) -> list[tuple[bool, str]]:
    """What cannot be asked for together."""
    prompts = [o.benchmark, o.workload, o.with_accuracy, o.prompt_tokens]
    finite = o.benchmark or o.workload or o.with_accuracy
    return [
        (bool(o.concurrency and o.rate), "--concurrency or --rate: a load is one or the other"),
        (bool(o.requests and o.seconds), "--requests or --seconds: a point ends by one of them"),
        (
            bool(o.data and o.data_dir),
            f"--data {o.data} and --data-dir {str(o.data_dir)!r}: the data comes from one of them",
        ),
        (
            bool((o.data or o.data_dir) and not o.name),
            "--data and --data-dir are for --benchmark and --with-accuracy: give one of them",
        ),
        (
            bool(o.output_tokens and "max_tokens" in o.sampling),
            "--output-tokens and --param max_tokens: the length of a reply is one or the other",
        ),
        (
            bool(o.with_accuracy and o.seed and not o.rate),
            "--seed: --with-accuracy asks the same questions in their order; it shapes --rate",
        ),
        (
            o.burstiness != 1.0 and set(o.rate) == {inf},
            "--burstiness: --rate inf sends all at once, without gaps",
        ),
        (
            bool(o.api_key_env and o.base_url and all(URL(url).user for url in o.base_url)),
            "--api-key-env: the URL holds a user and password, which are sent instead",
        ),
        (inf in o.rate and bool(o.seconds), "--rate inf sends all at once: give --requests"),
        (o.burstiness != 1.0 and not o.rate, "--burstiness shapes the gaps of --rate: give one"),
        (o.find_knee and not o.slo, "--find-knee needs an --slo such as ttft:300,tpot:50"),
        (o.find_knee and bool(o.rate), "--find-knee searches over --concurrency, not --rate"),
        (
            sum(each is not None for each in prompts) > 1,
            "prompts come from one of --prompt-tokens, --benchmark, --workload, --with-accuracy",
        ),
        (
            bool(o.with_accuracy and o.seconds),
            "--with-accuracy asks the same questions at every point: give --requests",
        ),
        (
            bool(finite and o.seconds and o.warm_cache),
            "--seconds with --warm-cache: prompts would run out; give --requests",
        ),
    ]
