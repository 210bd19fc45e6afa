"""Fields that providers and servers want in another way: one table, for models and judges alike.

A rule holds from the start where its host is known. Elsewhere it holds once the endpoint has
refused a request in words that the rule matches, because gateways stand in front of any provider.
Rules that are `guessed` are also tried once after a refusal that says nothing of its cause.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluator.client.urls import of_host
from evaluator.types import Body, Json, Response

JUST_BELOW_1, JUST_ABOVE_0 = 0.99, 0.01


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


def open_interval(body: Body) -> Body:
    """GLM's: greedy decoding is do_sample, and temperature and top_p lie between 0 and 1."""
    changed = dict(body)
    if (temperature := body.get("temperature")) is not None and temperature <= 0:
        del changed["temperature"]
        changed.pop("top_p", None)
        changed["do_sample"] = False
    for name in ("temperature", "top_p"):
        if (value := changed.get(name)) is not None:
            changed[name] = min(max(value, JUST_ABOVE_0), JUST_BELOW_1)
    return changed


def renamed(old: str, new: str) -> Callable[[Body], Body]:
    """The field under another name."""
    return lambda body: {new if key == old else key: value for key, value in body.items()}


def without(*names: str) -> Callable[[Body], Body]:
    """The body without these fields."""
    return lambda body: {key: value for key, value in body.items() if key not in names}


def one_of_two(kept: str, left_out: str) -> Callable[[Body], Body]:
    """Of two fields that exclude each other, the first."""
    return lambda body: without(left_out)(body) if kept in body else dict(body)


def stops(most: int) -> Callable[[Body], Body]:
    """So many stop sequences; `cut` does what the others would have done."""

    def change(body: Body) -> Body:
        kept = sequences(body)[:most]
        return {**without("stop")(body), "stop": kept} if kept else without("stop")(body)

    return lambda body: change(body) if len(sequences(body)) > most else dict(body)


def sequences(body: Body) -> list[str]:
    """The stop sequences of a request."""
    stop = body.get("stop") or []
    return [stop] if isinstance(stop, str) else list(stop)


def cut(response: Response, asked: Body, sent: Body) -> Response:
    """The reply up to the first stop sequence, where not all of them were sent."""
    if not (unsent := set(sequences(asked)) - set(sequences(sent))):
        return response
    ends = [at for each in unsent if (at := response.text.find(each)) >= 0]
    return (
        replace(response, text=response.text[: min(ends)], finish_reason="stop")
        if ends
        else response
    )


def without_thinking(body: Body) -> Body:
    """Qwen's thinking switched off, unless the user said otherwise."""
    return {"enable_thinking": False} | body


def as_json_object(body: Body) -> Body:
    """Any JSON object in place of one that keeps to a schema."""
    if body.get("response_format", {}).get("type") != "json_schema":
        return body
    return {**body, "response_format": {"type": "json_object"}}


def one_token_beyond(body: Body) -> Body:
    """An echoed prompt with one generated token behind it, which is cut off when it is read."""
    return {**body, "max_tokens": 1} if body.get("echo") and body.get("max_tokens") == 0 else body


def at_most(names: Sequence[str], most: int) -> Callable[[Body], Body]:
    """The numbers of these fields, where they are not above `most`."""

    def change(body: Body) -> Body:
        return {**body, **{name: most for name in names if count(body.get(name)) > most}}

    return change


def count(value: Any) -> int:
    """A field's number; 0 where it has none, as chat's `logprobs: true`."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


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
