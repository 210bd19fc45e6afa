"""A prompt as the model reads it: after the server's chat template, where the server tells."""

from collections.abc import Sequence
from contextlib import suppress

import orjson

from evaluator.client.pool import Pool
from evaluator.client.transport import courtesy
from evaluator.types import Json

SHAPING = ("model", "messages", "prompt", "tools", "chat_template", "chat_template_kwargs")
OTHERS = (ValueError, LookupError, TypeError)  # no such page, or another server's


async def templated(pool: Pool, body: Json) -> str | None:
    """The whole prompt with its special tokens, by vLLM's /tokenize and /detokenize, else None."""
    if (tokens := await tokenized(pool, body)) is None:
        return None
    transport = pool.endpoints[0].transport
    posted = orjson.dumps({"model": pool.model, "tokens": tokens})
    detokenized = await courtesy(transport.page("/detokenize", posted))
    with suppress(*OTHERS):
        return str(orjson.loads(detokenized or "")["prompt"])
    return None


async def tokenized(pool: Pool, body: Json, patience: float | None = None) -> Sequence[int] | None:
    """The tokens of the whole prompt, its special ones too, by vLLM's /tokenize, else None."""
    transport = pool.endpoints[0].transport
    asked = {name: body[name] for name in SHAPING if name in body}
    told = await courtesy(transport.page("/tokenize", orjson.dumps(asked)), patience)
    with suppress(*OTHERS):
        return list(orjson.loads(told or "")["tokens"])
    return None
