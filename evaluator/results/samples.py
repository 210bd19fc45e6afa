"""samples.jsonl: what each sample was asked, what was said, and what it was worth, for people.

A line a sample, in the order in which they ended, that needs neither data set nor journal. Text
that many prompts begin with is a line of its own, before the first sample that refers to it:

{"benchmark": "b", "head": "5d41402a", "text": "..."}       or, of whole messages, "messages": [...]
{"benchmark": "b", "id": "1", ..., "exchanges": [{"messages": [{"role": "user",
    "content": {"head": "5d41402a", "text": "the rest"}}], "reply": "..."}]}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluator.results.figures import LEAVE_OUT
from evaluator.results.names import Status
from evaluator.wording import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLine:
    """What several prompts of a benchmark begin with: either a text, or whole messages."""

    benchmark: str
    """Name of the benchmark."""

    head: str
    """Its name, by which later lines refer to it: 8 hex digits over what it holds."""

    text: str | None = field(default=None, metadata=LEAVE_OUT)
    """The text that prompts begin with."""

    messages: list[Message] | None = field(default=None, metadata=LEAVE_OUT)
    """The messages that conversations begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedText:
    """A text of which the beginning stands in a line of its own."""

    head: str
    """Name of the line that holds the beginning."""

    text: str
    """The rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLine:
    """One request and its reply: `prompt` or `messages`, and `reply` where one came."""

    role: str
    """Who was asked: model, judge, judge-2, ..."""

    key: str = ""
    """Key of the reply in responses.jsonl."""

    prompt: str | SharedText | None = field(default=None, metadata=LEAVE_OUT)
    """The text that the model went on with."""

    after: int | None = field(default=None, metadata=LEAVE_OUT)
    """The messages go on from those of this exchange of the sample, counted from 0."""

    messages: list[Message] | None = field(default=None, metadata=LEAVE_OUT)
    """The conversation; the first may be `{"head": NAME}`, and a content a shared text."""

    question: str | list[Message] | None = field(default=None, metadata=LEAVE_OUT)
    """The question itself, where the request puts it in other words."""

    reply: str | None = field(default=None, metadata=LEAVE_OUT)
    """What came back; left out where nothing did."""

    finish_reason: str = field(default="", metadata=LEAVE_OUT)
    """Why the reply ended, in the server's words: stop, length, ..."""

    thinking: str = field(default="", metadata=LEAVE_OUT)
    """What the model thought, where the server tells it apart; left out where there is none."""

    tool_calls: list[Mapping[str, Any]] | None = field(default=None, metadata=LEAVE_OUT)
    """Calls of tools in the reply; left out where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One of several checks that the score was made of."""

    name: str
    """What was looked at."""

    passed: bool
    """Whether it was as it should be."""

    said: str = ""
    """What was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """One sample. `id` to `error` are those of outcomes.jsonl."""

    benchmark: str
    """Name of the benchmark."""

    id: str
    """The sample's id."""

    group: str
    """The subject or part of the data set that the sample belongs to."""

    status: Status
    """How the sample ended."""

    value: float | None
    """The score, on the benchmark's scale; None where not measured."""

    answer: str | None
    """What was read in the reply; None where nothing was."""

    target: str
    """The ground truth."""

    options: Mapping[str, str] = field(default_factory=dict, metadata=LEAVE_OUT)
    """Options of the question by label; left out where it has none."""

    reference: list[str] | None = field(default=None, metadata=LEAVE_OUT)
    """Model answers, one a turn; left out where the target is all."""

    note: str
    """A remark on how the reply was scored."""

    checks: list[CheckLine] | None = field(default=None, metadata=LEAVE_OUT)
    """What each check of the benchmark said; left out where it has none."""

    error: str
    """Why the sample was not measured."""

    exchanges: list[ExchangeLine]
    """What was asked and said, in the order of asking."""


SamplesLine = HeadLine | SampleLine
