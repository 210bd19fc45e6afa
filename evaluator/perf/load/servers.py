"""The compared servers: opened as the options say, by this process or as another has found them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from evaluator.client.wire import Wire
from evaluator.perf.launched_servers import NamedArm, own_key
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.options import SweepOptions
from evaluator.results.perf import Arm
from evaluator.results.perf_point import CacheState


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server that another process has looked at: what that found."""

    name: str
    arm: Arm
    cache: CacheState
    is_vllm: bool

    @classmethod
    def of(cls, server: MeasuredServer) -> "KnownServer":
        """The same, as it can be told to another process."""
        return cls(server.name, server.arm, server.cache, server.is_vllm)


def opened(options: SweepOptions, arms: Sequence[NamedArm]) -> list[MeasuredServer]:
    """The arms, reached as the options say.  Raises UsageError where a key is missing."""
    keys = api_keys(options, [arm for _, arm in arms])
    timeout, access = options.timeout, options.access
    return [
        MeasuredServer(
            name,
            arm,
            [Wire(url, key, timeout, True, access) for url in (arm.base_url, *arm.replicas)],
        )
        for (name, arm), key in zip(arms, keys, strict=True)
    ]


def known(options: SweepOptions, servers: Sequence[KnownServer]) -> list[MeasuredServer]:
    """The servers, opened without another look at them."""
    made = opened(options, [(each.name, each.arm) for each in servers])
    for server, each in zip(made, servers, strict=True):
        server.cache, server.is_vllm = each.cache, each.is_vllm
        server.endpoint.proven = each.is_vllm  # it is known to take all fields
    return made


@asynccontextmanager
async def closed_at_end(servers: Iterable[MeasuredServer]) -> AsyncIterator[list[MeasuredServer]]:
    """The servers, whose connections end with the block."""
    every = list(servers)
    try:
        yield every
    finally:
        for server in every:
            for wire in server.wires:
                await wire.close()


def api_keys(options: SweepOptions, arms: Sequence[Arm]) -> list[str]:
    """The key of each arm: the user's, or the one that `launch` gave its servers."""
    keys = options.api_keys([arm.base_url for arm in arms])
    if options.base_url:
        return keys
    return [key or own_key(arm.model) for key, arm in zip(keys, arms, strict=True)]
