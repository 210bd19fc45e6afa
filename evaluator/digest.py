"""Short names for values, the same on every machine."""

from hashlib import blake2b

import orjson


def digest(value: object) -> str:
    """16 hex digits over the value as JSON; the order of keys makes no difference."""
    return content_digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def content_digest(content: str | bytes, size: int = 8) -> str:
    """Twice `size` hex digits over a text or the content of a file, as it is."""
    packed = content.encode() if isinstance(content, str) else content
    return blake2b(packed, digest_size=size).hexdigest()


def shuffle_key(name: str) -> bytes:
    """Sorts names in an order that looks random, and is the same every time."""
    return blake2b(name.encode(), digest_size=8).digest()
