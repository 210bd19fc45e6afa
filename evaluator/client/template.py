"""A prompt as the model reads it: after the server's chat template, where the server tells."""

import orjson

from evaluator.client.pool import Pool
from evaluator.client.transport import courtesy
from evaluator.types import Json

SHAPING = ("model", "messages", "prompt", "tools", "chat_template", "chat_template_kwargs")


async def templated(pool: Pool, body: Json) -> str | None:
    """The whole prompt with its special tokens, by vLLM's /tokenize and /detokenize, else None."""
    transport = pool.endpoints[0].transport
    asked = {name: body[name] for name in SHAPING if name in body}
    try:
        tokenized = await courtesy(transport.page("/tokenize", orjson.dumps(asked)))
        tokens = orjson.loads(tokenized or "")["tokens"]
        posted = orjson.dumps({"model": pool.model, "tokens": tokens})
        detokenized = await courtesy(transport.page("/detokenize", posted))
        return str(orjson.loads(detokenized or "")["prompt"])
    except (ValueError, LookupError, TypeError):  # no such page, or another server's
        return None
