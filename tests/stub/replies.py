"""What the stub says: one reply, and the named ones of the command line.

A reply is a function of the request alone, so the same question gets the same answer in any order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from .tokens import tokens

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. What is None is worked out from the text.

    `tool_calls` are in OpenAI's shape. `top_logprobs` maps token to logprob per position; the
    likeliest is the token said there. `prompt_logprobs` are the logprobs of the prompt's tokens,
    for `echo` in completions; the first is None.
    """

    text: str = "Answer: B"
    reasoning: str = ""
    tool_calls: Sequence[Mapping[str, Any]] = ()
    finish_reason: str | None = None
    top_logprobs: Sequence[Mapping[str, float]] = ()
    prompt_logprobs: Sequence[float | None] = ()
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None  # in `usage` only where it is given

    @property
    def content(self) -> str | None:
        return self.text if self.text or not (self.reasoning or self.tool_calls) else None

    @property
    def reason(self) -> str:
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")

    @property
    def spoken(self) -> int:
        """Output tokens as reported in `usage`."""
        if self.output_tokens is not None:
            return self.output_tokens
        return len(tokens(self.text)) + (len(tokens(self.reasoning)) if self.reasoning else 0)


Replier = Callable[[Body], "str | Reply"]


@lru_cache(maxsize=256)
def constant(text: str) -> Reply:
    return Reply(text)


def constrained(reply: Reply, choices: Sequence[str]) -> Reply:
    """The reply of a server that may say nothing but one of the choices, each of one token.

    It says the one with which the free reply ends, else the first; its logprobs are over these.
    """
    if reply.top_logprobs:
        return reply
    said = next((each for each in choices if reply.text.endswith(each)), choices[0])
    logprobs = {each: -0.1 if each == said else -3.0 - i for i, each in enumerate(choices)}
    return Reply(said, top_logprobs=[logprobs], finish_reason="length")


def prompt_text(body: Body) -> str:
    """The words of the prompt, whichever endpoint they were sent to."""
    if "messages" not in body:
        return str(body.get("prompt", ""))
    return "\n".join(_content(message.get("content")) for message in body["messages"])


def _content(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _number(body: Body, below: int) -> int:
    return crc32(prompt_text(body).encode()) % below


def gsm8k(body: Body) -> str:
    """About 90 tokens of working and a number that follows from the question."""
    steps = " ".join(f"Step {i}: we add {i} to what we have so far." for i in range(1, 9))
    return f"Let us think step by step. {steps}\n#### {_number(body, 100)}"


def letter(body: Body) -> str:
    return f"Answer: {'ABCD'[_number(body, 4)]}"


def rating(body: Body) -> str:
    return f"The answer is helpful and mostly correct. Rating: [[{1 + _number(body, 10)}]]"


def verdict(body: Body) -> str:
    return f"Both were compared. [[{'ABC'[_number(body, 3)]}]]"


def repeat(body: Body) -> str:
    """The last message, said back."""
    return _content(body["messages"][-1].get("content")) if "messages" in body else body["prompt"]


def words(body: Body) -> Reply:
    """As many tokens as were allowed (128 unless told), as a server with ignore_eos does."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 128
    return Reply("word" + " word" * (limit - 1), finish_reason="length")


NAMED: Mapping[str, Replier] = {
    function.__name__: function for function in (gsm8k, letter, rating, verdict, repeat, words)
}
