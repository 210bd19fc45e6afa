"""Messages between processes of this program, as bytes.

A frame is its length in eight bytes and a pickled list of messages. Both ends are this program, by
the same user.
"""

import copyreg
import pickle
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from io import RawIOBase
from operator import attrgetter
from typing import Any

LENGTH = struct.Struct(">Q")


def pack_fast(*types: type) -> None:
    """Has dataclasses and named tuples that come often pickled fast from now on.

    They are made anew from their values, in the order in which they were declared.
    """
    for each in types:
        copyreg.pickle(each, reducer(each))


def reducer(of: Any) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """How a value of that type, of two fields or more, is pickled."""
    if issubclass(of, tuple):
        return lambda each: (of, tuple(each))
    values = attrgetter(*(each.name for each in fields(of) if each.init))
    return lambda each: (of, values(each))


def frame(messages: Sequence[object]) -> bytes:
    """The messages as bytes."""
    packed = pickle.dumps(messages, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(packed)) + packed


def received(file: RawIOBase) -> Iterator[Any]:
    """The messages that come, until the other end is closed."""
    while head := whole(file, LENGTH.size):
        if not (packed := whole(file, *LENGTH.unpack(head))):
            return
        yield from pickle.loads(packed)


def whole(file: RawIOBase, size: int) -> bytes:
    """So many bytes; none where the other end was closed before they came."""
    parts = []
    while size:
        try:
            part = file.read(size)
        except ConnectionError:  # of a connection; a pipe just ends
            part = b""
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
