"""What is asked: synthetic prompts, a file's or a benchmark's, the same for every compared server.

Each part of a run (a load in one of its repeats) draws its own prompts, from the seed, so that no
part finds those of an earlier one in a server's prefix cache.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from random import Random
from typing import Any, Literal, Protocol, TypeVar

from evaluator.digest import digest
from evaluator.perf.load.schedule import WHOLE, Stride
from evaluator.perf.load.synthetic_prompts import Vocabulary
from evaluator.perf.option_values import TokenRange
from evaluator.perf.options import SweepOptions
from evaluator.results import perf as results
from evaluator.results.files import present

BodyFields = Mapping[str, Any]  # of a request, or a part of it
Described = TypeVar("Described", bound=results.WorkloadInfo)

PROMPT_TOKENS, OUTPUT_TOKENS = TokenRange(256, 256), TokenRange(128, 128)


class Workload(Protocol):
    """Where the prompts of a run come from."""

    @property
    def kind(self) -> str: ...

    @property
    def size(self) -> int | None:
        """Prompts that there are; None: without end."""

    def draw(self, part: str, stride: Stride = WHOLE) -> Iterator[tuple[str, BodyFields]]:
        """The prompts of a part, as (id, body): the same ones by however many clients."""

    def described(self, options: SweepOptions) -> results.WorkloadInfo:
        """What perf.json says of them."""


@dataclass(frozen=True, slots=True)
class SyntheticPrompts:
    """Prompts of given lengths, without end."""

    vocabulary: Vocabulary
    prompt_tokens: TokenRange
    output_tokens: TokenRange
    params: BodyFields
    seed: int
    kind: Literal["synthetic"] = "synthetic"
    size: None = None

    def described(self, options: SweepOptions) -> results.SyntheticWorkload:
        return with_fingerprint(
            results.SyntheticWorkload(
                prompt_tokens=str(self.prompt_tokens),
                output_tokens=str(self.output_tokens),
                params=self.params,
                seed=options.seed,
                requests=options.requests,
                seconds=options.seconds,
                warmup=options.warmup,
                warm_cache=options.warm_cache,
                fingerprint="",
            )
        )

    def draw(self, part: str, stride: Stride = WHOLE) -> Iterator[tuple[str, BodyFields]]:
        for number in count(stride.first, stride.step):
            random = Random(f"{self.seed}/{part}/{number}")
            tokens = random.randint(self.prompt_tokens.low, self.prompt_tokens.high)
            limit = random.randint(self.output_tokens.low, self.output_tokens.high)
            text = self.vocabulary.prompt(tokens, random)
            yield str(number), {**chat(text), "max_tokens": limit, **self.params}


@dataclass(frozen=True, slots=True)
class PromptRows:
    """Prompts from elsewhere.  `shuffled`: each part has its own order, else all the same."""

    kind: Literal["file", "benchmark"]
    name: str
    rows: Sequence[tuple[str, BodyFields]]
    seed: int = 0
    shuffled: bool = True
    left_out: int = 0  # rows of the file that ask nothing
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest(list(self.rows)))

    @property
    def size(self) -> int:
        return len(self.rows)

    def described(self, options: SweepOptions) -> results.RowsWorkload:
        return with_fingerprint(
            results.RowsWorkload(
                kind=self.kind,
                name=self.name,
                rows=len(self.rows),
                left_out=self.left_out or None,
                digest=self.digest,
                seed=options.seed,
                requests=options.requests,
                seconds=options.seconds,
                warmup=options.warmup,
                warm_cache=options.warm_cache,
                fingerprint="",
            )
        )

    def draw(self, part: str, stride: Stride = WHOLE) -> Iterator[tuple[str, BodyFields]]:
        rows = self.rows
        if self.shuffled:
            rows = Random(f"{self.seed}/{part}").sample(rows, len(rows))
        return islice(rows, stride.first, None, stride.step)


def with_fingerprint(workload: Described) -> Described:
    """The workload with the digest of all that it says of itself."""
    said = {key: value for key, value in present(workload).items() if key != "fingerprint"}
    return replace(workload, fingerprint=digest(said))


def chat(text: str) -> BodyFields:
    """One user turn."""
    return {"messages": [{"role": "user", "content": text}]}


def sampling(options: SweepOptions, ignore_eos: bool) -> BodyFields:
    """Greedy unless asked otherwise, so that every server makes the same choices."""
    forced = {"ignore_eos": True} if ignore_eos else {}
    return {"temperature": 0.0, **forced, **options.sampling}


def synthetic(options: SweepOptions, vocabulary: Vocabulary) -> SyntheticPrompts:
    """Replies of full length, unless told otherwise.  Raises UsageError for too short a prompt."""
    wanted = options.prompt_tokens or PROMPT_TOKENS
    vocabulary.check(wanted.low)
    params = sampling(options, options.ignore_eos is not False)
    output = options.output_tokens or OUTPUT_TOKENS
    return SyntheticPrompts(vocabulary, wanted, output, params, options.seed)
