"""A text longer than the model's context: cut on the left, or asked for in windows, as by lm-eval.

The server's own tokens are counted, and sent in place of the text.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace

from evaluator.client.endpoint import TOO_LONG
from evaluator.client.pool import Pool
from evaluator.client.template import tokenized
from evaluator.errors import RequestError, gather_all
from evaluator.types import Request, Response

PATIENCE = 60.0  # seconds for the tokens of a long text, which a busy server tells late
UNKNOWN = (
    "{refusal}; lm-eval would send what fits, but the server does not tell the prompt's tokens "
    "(/tokenize) and its context: serve the model with a longer one"
)
NO_PREFIX = "its first token has no logprob without --prefix-token"
NO_ROOM = "what is scored or generated leaves no room for a prompt"
Send = Callable[[Request], Awaitable[Response]]


async def within_context(
    pool: Pool, request: Request, refusal: RequestError, send: Send
) -> Response:
    """The reply to as much of the text as fits; of a text that is scored whole, to its windows.

    Raises the `refusal` of the whole text where its length is not the reason, and with what to do
    where that cannot be helped.
    """
    if "prompt" not in request.body or not TOO_LONG.search(refusal.said):
        raise refusal
    text = request.body["prompt"]
    whole_and_start = dict.fromkeys((text, text[: len(text) - request.scored]))  # one and the same?
    told = await gather_all(
        *(tokenized(pool, {**request.body, "prompt": part}, PATIENCE) for part in whole_and_start)
    )
    tokens, before = told[0], told[-1]
    length = pool.endpoints[0].card.get("max_model_len")
    if tokens is None or before is None or not length:
        said = UNKNOWN.format(refusal=refusal)
        raise RequestError(said, refusal.status, refusal.said) from refusal
    parts = list(fitting(request, tokens, len(before), length - 1))
    if not parts:
        reason = NO_PREFIX if request.overlong == "windows" else NO_ROOM
        raise RequestError(f"{refusal}; {reason}", refusal.status, refusal.said) from refusal
    return joined(request, await gather_all(*map(send, parts)))


def fitting(request: Request, tokens: Sequence[int], start: int, most: int) -> Iterator[Request]:
    """The requests for `tokens` that are scored from `start` on, each of `most` tokens.

    None where the tokens that are scored, or generated, leave no room for any before them.
    """
    if not request.scored:
        kept = most - request.body.get("max_tokens", 0)
        if kept > 0:
            yield of_tokens(request, tokens[-kept:], 0)
    elif request.overlong == "windows":
        while 0 < start < len(tokens):
            end = min(start + most - 1, len(tokens))
            yield of_tokens(request, tokens[max(0, end - most) : end], end - start)
            start = end
    elif 0 < len(tokens) - start < most:
        yield of_tokens(request, tokens[-most:], len(tokens) - start)


def of_tokens(request: Request, tokens: Sequence[int], scored: int) -> Request:
    """The request with these tokens in place of its text."""
    return replace(request, body={**request.body, "prompt": list(tokens)}, scored=scored)


def joined(request: Request, responses: Sequence[Response]) -> Response:
    """The response to the whole request."""
    ended = max(each.sent_at + each.latency for each in responses)
    began = min(each.sent_at for each in responses)
    return replace(
        responses[0],
        key=request.key,
        fitted=True,
        prompt_tokens=sum(each.prompt_tokens for each in responses),
        output_tokens=sum(each.output_tokens for each in responses),
        sent_at=began,
        latency=ended - began,
        token_logprobs=[pair for each in responses for pair in each.token_logprobs],
        top_logprobs=[place for each in responses for place in each.top_logprobs],
    )
