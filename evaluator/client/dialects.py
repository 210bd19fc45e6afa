"""Fields that providers and servers want in another way: one table, for models and judges alike.

A rule holds from the start where its host is known. Elsewhere it holds once the endpoint has
refused a request in words that the rule matches, because gateways stand in front of any provider.
Rules that are `guessed` are also tried once after a refusal that says nothing of its cause.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evaluator.client.body_changes import (
    as_json_object,
    at_most,
    count,
    one_of_two,
    one_token_beyond,
    open_interval,
    renamed,
    stops,
    without,
    without_thinking,
)
from evaluator.client.urls import of_host
from evaluator.types import Body, Json


@dataclass(frozen=True, slots=True)
class Rule:
    """One difference. `change` makes a body that is taken of one that is not; `note` says how."""

    field: str
    change: Callable[[Body], Body]
    note: str
    refusal: re.Pattern[str]
    hosts: tuple[str, ...] = ()
    models: re.Pattern[str] = re.compile("")
    guessed: bool = False

    def known_for(self, url: str, model: str) -> bool:
        """Whether the rule holds before anything was refused."""
        return of_host(url, self.hosts) and self.models.search(model) is not None


def words(pattern: str) -> re.Pattern[str]:
    """A pattern over what a server says, in any case and over lines."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "top_k", "min_p")
LENGTHS = ("max_tokens", "max_completion_tokens")
REASONING = re.compile(r"^(o\d|gpt-5(?!.*chat))")  # OpenAI's; its chat models take all sampling
NOT_TAKEN = (
    r"unsupported|not support|only .{0,20}(allowed|supported)|only the default|not allowed"
    r"|deprecated|extra inputs|unrecognized"
)
FORMAT = words(r"json_schema|json_object|response_format|\bjson schema\b")
# What a provider says of a reply that would be longer than it gives, with the length it gives.
LONGEST = words(
    r"range of max_tokens (?:is|should be) \[\d+, ?(\d+)\]"
    r"|max_(?:completion_)?tokens is too large.{0,60}?at most (\d+) completion tokens"
    r"|max_tokens: \d+ > (\d+), which is the maximum"
)
LOGPROBS = ("top_logprobs", "logprobs")  # how many are asked for: in a chat, in a completion
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?![\w]|\.\d)")
USUAL_CAP = 5  # on logprobs, where a refusal names none


def left_out(name: str, *more: str) -> Rule:
    """The rule for a field that reasoning models do not take, nor those that go with it."""
    named = rf"\b{name}\b"
    return Rule(
        name,
        without(name, *more),
        "left out, as the model does not take it",
        words(rf"{named}.{{0,80}}({NOT_TAKEN})|({NOT_TAKEN}).{{0,80}}{named}"),
        hosts=("openai.com",),
        models=REASONING,
    )


ONE_BEYOND = Rule(
    "max_tokens",
    one_token_beyond,
    "1 behind an echoed prompt, and the token is cut off",
    words(r"\bmax_\w*tokens\b"),
    guessed=True,
)
RULES = (
    Rule(
        "temperature",
        open_interval,
        "0 is asked for as do_sample=false, and what is not inside (0, 1) at its edge",
        words(r"\b1214\b.*(temperature|top_p)|temperature参数非法|top_p参数非法"),
        hosts=("bigmodel.cn", "z.ai"),
    ),
    Rule(
        "max_tokens",
        renamed("max_tokens", "max_completion_tokens"),
        "asked for as max_completion_tokens",
        words(r"max_tokens.*max_completion_tokens"),
        hosts=("openai.com",),
        models=REASONING,
    ),
    Rule(
        "stop",
        stops(1),
        "the first sequence; the reply is cut at the others",
        words(r"stop.{0,20}只能有\s*1\s*个"),
        hosts=("bigmodel.cn", "z.ai"),
    ),
    Rule(
        "stop",
        stops(4),
        "the first four sequences; the reply is cut at the others",
        words(r"stop.{0,60}(maximum length 4|只能有\s*4\s*个|too long)"),
        hosts=("openai.com", "azure.com"),
    ),
    Rule(
        "stop",
        stops(0),
        "left out: the reply is cut there",
        words(rf"\bstop\b.{{0,60}}({NOT_TAKEN})|({NOT_TAKEN}).{{0,60}}'stop'"),
        hosts=("openai.com",),
        models=REASONING,
    ),
    Rule(
        "top_p",
        one_of_two("temperature", "top_p"),
        "left out beside temperature",
        words(r"temperature.{0,40}top_p.{0,60}(both|together|cannot)|cannot.*both.*top_p"),
        hosts=("anthropic.com",),
    ),
    *map(left_out, SAMPLING),
    left_out("logprobs", "top_logprobs"),
    Rule(
        "enable_thinking",
        without_thinking,
        "false, as replies are not streamed",
        words(r"enable_thinking.*false.*non-streaming"),
    ),
    Rule(
        "response_format",
        as_json_object,
        "any JSON object, for want of schemas",
        FORMAT,
        guessed=True,
    ),
    Rule("response_format", without("response_format"), "left out", FORMAT, guessed=True),
    ONE_BEYOND,
)


def known(url: str, model: str) -> list[Rule]:
    """The rules that hold for an endpoint from the start."""
    return [rule for rule in RULES if rule.known_for(url, model)]


def fitted(body: Json, rules: list[Rule]) -> tuple[Body, dict[str, str]]:
    """The body as the endpoint takes it, and what was changed for that, by field."""
    changed, notes = dict(body), {}
    for rule in rules:
        before, changed = changed, dict(rule.change(changed))
        if changed != before:
            notes[rule.field] = rule.note
    return changed, notes


def learnt(body: Body, said: str, rules: list[Rule]) -> Rule | None:
    """The rule that what a server said of a body teaches; None where it teaches nothing."""
    if found := cap(fitted(body, rules)[0], said):
        return found
    for rule in (*shorter(said), *RULES):
        if rule not in rules and rule.refusal.search(said) and rule.change(body) != body:
            return rule
    return None


def shorter(said: str) -> Iterator[Rule]:
    """The rule that keeps replies to the length that a refusal names."""
    if found := LONGEST.search(said):
        most = int(next(filter(None, found.groups())))
        note = f"at most {most:,} tokens, which is what the endpoint gives"
        yield Rule("length of replies", at_most(LENGTHS, most), note, LONGEST)


def guesses(body: Body, rules: list[Rule]) -> Iterator[Rule]:
    """What an endpoint may have refused where it does not say what."""
    for rule in RULES:
        if rule.guessed and rule not in rules and rule.change(body) != body:
            yield rule


def cap(body: Body, said: str) -> Rule | None:
    """The most logprobs that a refusal allows, where it is one of their number."""
    for name in LOGPROBS:
        asked, refusal = count(body.get(name)), words(rf"{name}|logprobs")
        if asked > 1 and refusal.search(said):
            named = [number for found in NUMBER.findall(said) if 0 < (number := int(found)) < asked]
            if (most := max(named, default=USUAL_CAP)) < asked:
                return Rule(name, at_most((name,), most), f"at most {most}", refusal)
    return None
