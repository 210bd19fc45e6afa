"""Short names for values, the same on every machine."""

from hashlib import blake2b

import orjson


def digest(value: object) -> str:
    """16 hex digits over the value as JSON; the order of keys makes no difference."""
    packed = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return blake2b(packed, digest_size=8).hexdigest()
