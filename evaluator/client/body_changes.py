"""Ways to change the body of a request into one that a provider takes, and what makes up for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from evaluator.types import Body, Response

JUST_BELOW_1, JUST_ABOVE_0 = 0.99, 0.01


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
