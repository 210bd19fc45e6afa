"""The whole vocabulary: what is asked, what comes back, what it is worth."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol, TypeVar, dataclass_transform

import orjson

from evaluator.results.figures import Figure
from evaluator.results.names import MEASURED as MEASURED
from evaluator.results.names import SHARE as SHARE
from evaluator.results.names import Kind, Topic
from evaluator.results.names import ModeName as ModeName
from evaluator.results.names import Params as Params
from evaluator.results.names import Scale as Scale
from evaluator.results.names import Status as Status
from evaluator.results.outcomes import OutcomeLines, OutcomeRecord
from evaluator.wording import Asked as Asked
from evaluator.wording import Message as Message
from evaluator.wording import Overlong as Overlong
from evaluator.wording import Prompt as Prompt

Body = dict[str, Any]  # the JSON of a request
Schema = Mapping[str, Any]  # a JSON schema that a reply must keep to
DataRow = Mapping[str, Any]  # a row of a data set
Fields = dict[str, Any]  # what fills a prompt: made of a row
Json = Mapping[str, Any]  # an object of JSON whose shape is not ours
Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(of: type[Made]) -> type[Made]:
    """A dataclass that is frozen to the type checker alone: so it is made three times as fast."""
    return dataclass(slots=True, unsafe_hash=True)(of)


@value
class Sample:
    """One question. `id` is stable across runs and machines; `fields` fill the prompt."""

    id: str
    fields: Mapping[str, Any]
    target: str = ""
    group: str = ""


@value
class Request:
    """What is asked of the `role`'s model. `body` is the JSON sent, model and sampling included.

    `schema` is what the reply must look like, where the server can hold it to that; `optional`
    fields go along to an endpoint that takes them. Neither is part of what is asked, nor is the
    `question` in plain words, nor what is done where it is `overlong`. Of an echo only the last
    `scored` characters' logprobs are wanted; the last tokens', where the prompt is one of tokens.
    """

    benchmark: str
    sample_id: str
    role: str
    body: Body
    nth: int = 0
    schema: Schema | None = None
    optional: Params = field(default_factory=dict)
    scored: int = 0
    likeliest: bool = False  # of an echo, the likeliest token at each place is wanted, too
    question: "str | list[Message] | None" = None  # where the body puts it in other words
    overlong: Overlong = ""
    key: str = field(init=False)  # 32 hex digits naming what is asked, and not where

    def __post_init__(self) -> None:
        identity = [self.benchmark, self.sample_id, self.role, self.body, self.nth]
        if self.scored:
            identity.append(self.scored)
        packed = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
        object.__setattr__(self, "key", blake2b(packed, digest_size=16).hexdigest())

    @property
    def sent(self) -> Body:
        """The whole JSON; what is asked wins over what is optional."""
        return {**self.optional, **self.body} if self.optional else self.body


@value
class Response:
    """One reply. Times in seconds; `sent_at` since the epoch; `ttft` None when not streamed."""

    key: str
    text: str
    reasoning: str = ""
    tool_calls: Sequence[Json] = ()
    finish_reason: str = ""
    # a mapping of token to logprob per position; of an echo, those of its scored end, where wanted
    top_logprobs: Sequence[Mapping[str, float]] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0
    sent_at: float = 0.0
    ttft: float | None = None
    latency: float = 0.0
    endpoint: str = ""
    attempts: int = 1
    token_logprobs: Sequence[tuple[str, float]] = ()  # of the scored end of an echoed prompt
    cached_tokens: int | None = None  # of the prompt, from the prefix cache; None: it does not say
    fitted: bool = False  # the prompt did not fit into the context: it was cut, or sent in windows

    @property
    def counted(self) -> bool:
        """Whether the server counted its tokens: no prompt is empty."""
        return self.prompt_tokens > 0 or self.output_tokens > 0


@dataclass(frozen=True, slots=True)
class Check:
    """One of several things that a score was made of, and what it says."""

    name: str
    passed: bool
    said: str = ""


@value
class Score:
    """What a reply is worth. `answer` None means that nothing could be read in it.

    `dimensions` are further figures of the same sample, averaged beside the value. Of repeats,
    `repeats` says how many have a dimension, where not all do. `checks` are for samples.jsonl.
    """

    value: float
    answer: str | None = None
    note: str = ""
    dimensions: Mapping[str, float] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    checks: Sequence[Check] = ()


@value
class Outcome:
    """Where a sample ended: in exactly one status. `error` and `judge_unparsed` have no score.

    `states` counts where each of its repeats ended, where there are several. `leaked` and `ran_on`
    count the model's replies that held tokens of a chat template, and those that went on with a
    turn nobody asked for: neither is part of what was scored. `fitted` counts the prompts that
    were longer than the model's context.
    """

    benchmark: str
    sample_id: str
    group: str
    status: Status
    score: Score | None
    error: str = ""
    target: str = ""
    response_keys: Sequence[str] = ()
    prompt: str = ""  # 16 hex digits naming what the model was asked first, whichever model it was
    states: Mapping[str, int] = field(default_factory=dict)
    leaked: int = 0
    ran_on: int = 0
    fitted: int = 0
    # What it came of, for samples.jsonl; responses by the key of their request.
    sample: Sample | None = field(default=None, compare=False)
    requests: Sequence[Request] = field(default=(), compare=False)
    responses: Mapping[str, Response] = field(default_factory=dict, compare=False)
    lines: OutcomeLines | None = field(default=None, compare=False)  # where another made them


class Ask(Protocol):
    """Sends one request; a repeated question is the next of its repeats (`nth`).

    A JSON `schema` holds the reply to it where the server can; `optional` fields go along where
    the server takes them. `params` go before the benchmark's own, and the user's before both; one
    that is None is not sent.
    """

    def __call__(
        self,
        messages: Asked,
        role: str = "model",
        *,
        schema: Schema | None = None,
        optional: Params | None = None,
        **params: Any,
    ) -> Awaitable[Response]: ...


Solve = Callable[[Sample, Ask], Awaitable[Score]]


@dataclass(frozen=True, slots=True)
class Mode:
    """Another way to measure a benchmark than by what the model writes."""

    solve: Solve
    params: Params


class Rows(Protocol):
    """Reads one split of a data set: rows("openai/gsm8k", "main", "test").

    A local mirror that has no such split at all gives `instead`, and the report says so.
    """

    def __call__(
        self, dataset: str, config: str, split: str, instead: str = ""
    ) -> Iterable[DataRow]: ...


Outcomes = Sequence[OutcomeRecord]  # of one benchmark
Totals = Mapping[str, Figure]  # a benchmark's further figures, by name
Summarize = Callable[[Outcomes], Totals]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark is two functions: `load` gives samples, `solve` asks and scores one.

    `load(rows, shots)` builds samples with that many worked examples in each, as many as `shots`
    unless the user says otherwise. `params` are its sampling parameters. `categories` gathers
    groups under wider names. `metric` names the value, which lies on `scale`. `summarize` gives
    further figures of the whole benchmark, where they are not means over samples. `roles` has an
    entry for each request that a sample takes; "judge" stands for every judge of the run.
    """

    name: str
    title: str
    dataset: str  # hub id, config and split, as shown to people
    load: Callable[[Rows, int], Iterable[Sample]]
    solve: Solve
    params: Params = field(default_factory=dict)
    shots: int = 0
    size: int = 0  # samples of the real data set
    metric: str = "accuracy"
    scale: Scale = SHARE
    summarize: Summarize | None = None
    roles: Sequence[str] = ("model",)
    categories: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)  # by name, beside "generate"
    paper: str = ""
    licence: str = ""
    languages: Sequence[str] = ("en",)  # that its questions are in
    kind: Kind = "text"
    topics: Sequence[Topic] = ()
    about: str = ""  # what it asks, in a few words behind its title
    examples: bool = False  # where it shows none by itself: whether it has worked examples

    @property
    def data_set(self) -> str:
        """The data set's id on the hub."""
        return self.dataset.partition(" ")[0]

    @property
    def split(self) -> str:
        """The split that is scored."""
        return self.dataset.rpartition(" ")[2]


Event = Request | Response | Outcome
Emit = Callable[[Event], None]
