"""The end of an echoed prompt, token by token, with the likelihood that the model gives it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from evaluator.errors import RequestError
from evaluator.types import Json, Request


class Ending(NamedTuple):
    """The end of an echo: its tokens with logprobs, and the likeliest ones where wanted."""

    tokens: Sequence[tuple[str, float]]
    likeliest: Sequence[Mapping[str, float]]  # its logprob beside that of the prompt's own token


def ending(request: Request, choice: Json, generated: int = 0) -> Ending:
    """The tokens of the prompt's last `scored` characters, each with its logprob.

    Of a prompt of tokens, its last `scored` ones.
    The `generated` tokens behind the prompt are cut off.  Raises RequestError where the reply does
    not give those of the prompt.
    """
    prompt, logprobs = request.body["prompt"], choice.get("logprobs") or {}
    tokens, values = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    text, start = choice.get("text") or "", len(prompt) - request.scored
    counted = isinstance(prompt, list)
    echoed = len(tokens) >= len(prompt) if counted else text.startswith(prompt)
    if not echoed or not tokens or len(tokens) != len(values):
        raise RequestError("the server did not echo the prompt with its logprobs")
    scored = (
        slice(start, len(prompt))
        if counted
        else scored_part(tokens, prompt, start, generated or text != prompt)
    )
    found = list(zip(tokens[scored], values[scored], strict=True))
    if not found or any(value is None for _, value in found):
        first = (
            "; its first token has none without --prefix-token"
            if request.scored == len(prompt)
            else ""
        )
        raise RequestError(
            f"the echoed prompt has no logprobs for {prompt[-request.scored :]!r:.80}{first}"
        )
    likeliest = (logprobs.get("top_logprobs") or ())[scored] if request.likeliest else ()
    return Ending(found, [place or {} for place in likeliest])


def scored_part(tokens: Sequence[str], prompt: str, start: int, generated: int) -> slice:
    """Which tokens are those of the prompt from `start` on.

    Some servers list what was generated behind the prompt's tokens, and some do not.  Raises
    RequestError where tokens and prompt differ.
    """
    ends = sorted({max(0, len(tokens) - generated), len(tokens)})
    ends.sort(key=lambda end: "".join(tokens[:end]) != prompt)
    for end in ends[:-1]:
        with suppress(RequestError):
            return slice(first_token(tokens[:end], prompt, start), end)
    return slice(first_token(tokens[: ends[-1]], prompt, start), ends[-1])


def first_token(tokens: Sequence[str], text: str, start: int) -> int:
    """The index of the first token that reaches beyond `start` in the text that they spell.

    Found from the end, as offsets counted from the beginning are not to be relied on: where a
    character is split over tokens, its parts are written as nothing or as U+FFFD, and some
    tokenizers lose the space before a word.  Raises RequestError where tokens and text differ.
    """
    end, broken = len(text), False
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if not token:  # a part of the character that the next token ends
            continue
        if end <= start:
            return index + 1
        if "\ufffd" in token:
            broken = True
            continue
        begin = _begin(token, text, end, broken)
        if begin < 0:
            break
        if begin + len(token) <= start:
            return index + 1
        end, broken = begin, False
    if start == 0:
        return 0
    raise RequestError(f"the echoed tokens do not spell the end of the prompt: {tokens[-8:]!r}")


def _begin(token: str, text: str, end: int, broken: bool) -> int:
    """Where a token begins that ends at `end`, or before a space or a broken character there.

    Negative where it is not to be found.
    """
    if broken:
        return text.rfind(token, 0, end - 1)
    while not text.endswith(token, 0, end):
        if end == 0 or not text[end - 1].isspace():
            return -1
        end -= 1
    return end - len(token)
