"""An OpenAI-compatible server that is fast, deterministic and, on request, faulty.

It stands in for vLLM in tests and speed benchmarks; it has no model and is no part of the product.
"""

from .faults import Fault, first_attempts, in_order, random_faults
from .replies import NAMED, Reply
from .server import StubServer
from .stub import Received, Stub
from .tokens import tokens

__all__ = [
    "NAMED",
    "Fault",
    "Received",
    "Reply",
    "Stub",
    "StubServer",
    "first_attempts",
    "in_order",
    "random_faults",
    "tokens",
]
