"""What the pools of clients have done so far, and the parent's pools as their sum."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from evaluator.client.endpoint import Endpoint
from evaluator.client.pool import Pool


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """One endpoint as a client sees it; `down_for` is why it is down, empty where it is up."""

    in_flight: int
    reconnected: int
    down_since: float
    down_for: str
    refused: dict[str, str]
    adapted: dict[str, str]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """The counts of a client's pool, by the names that they have there."""

    open: int
    replies: int
    output_tokens: int
    uncounted: int
    latency: float
    prompt_tokens: int  # of replies that say how many of them were cached
    cached_tokens: int
    failures: Counter[str]
    last_fault: str
    endpoints: Sequence[EndpointFigures]


ADDED = ("open", "replies", "output_tokens", "uncounted", "latency")


def figures(pool: Pool) -> PoolFigures:
    """What a pool has done so far."""
    return PoolFigures(
        **{name: getattr(pool, name) for name in ADDED},
        prompt_tokens=pool.cached.prompt_tokens,
        cached_tokens=pool.cached.cached_tokens,
        failures=pool.failures,
        last_fault=pool.last_fault,
        endpoints=[of_endpoint(each) for each in pool.endpoints],
    )


def of_endpoint(endpoint: Endpoint) -> EndpointFigures:
    """What an endpoint has done so far."""
    return EndpointFigures(
        endpoint.in_flight,
        endpoint.transport.liveness.reconnected,
        endpoint.down_since,
        "" if endpoint.up else endpoint.down_for,
        endpoint.refusals,
        endpoint.adapted,
    )


def stopped(figures: PoolFigures) -> PoolFigures:
    """The same, once nothing is under way any more."""
    endpoints = [replace(each, in_flight=0, down_for="") for each in figures.endpoints]
    return replace(figures, open=0, endpoints=endpoints)


def add_up(pool: Pool, by_client: Sequence[PoolFigures]) -> None:
    """Has the parent's pool, which sends nothing itself, show the sum of the clients'."""
    for name in ADDED:
        setattr(pool, name, sum(getattr(each, name) for each in by_client))
    pool.cached.prompt_tokens = sum(each.prompt_tokens for each in by_client)
    pool.cached.cached_tokens = sum(each.cached_tokens for each in by_client)
    pool.failures = sum((each.failures for each in by_client), Counter())
    pool.last_fault = next((each.last_fault for each in by_client if each.last_fault), "")
    seen = zip(*(each.endpoints for each in by_client), strict=True)
    for endpoint, of_clients in zip(pool.endpoints, seen, strict=True):
        add_up_endpoint(pool, endpoint, of_clients)


def add_up_endpoint(pool: Pool, endpoint: Endpoint, seen: Iterable[EndpointFigures]) -> None:
    """The same for one endpoint; where a client finds it down, the parent's pool probes it too."""
    endpoint.in_flight = endpoint.transport.liveness.reconnected = 0
    for each in seen:
        endpoint.in_flight += each.in_flight
        endpoint.transport.liveness.reconnected += each.reconnected
        endpoint.refused |= each.refused
        endpoint.adapted |= each.adapted
        if each.down_for:
            pool.health.eject(endpoint, each.down_for, each.down_since)
