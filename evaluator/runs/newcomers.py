"""Servers that `launch` adds, or starts again elsewhere, while a run asks the others."""

import asyncio
from collections.abc import Mapping
from time import monotonic

from evaluator.client.endpoint import Endpoint, remember
from evaluator.client.pool import Pool
from evaluator.client.urls import hosted
from evaluator.options.endpoints import launched_key, launched_urls
from evaluator.options.settings import Settings
from evaluator.options.values import key_in
from evaluator.runs.connect import transports

LOOK_EVERY = 1.0  # seconds


async def welcome(pools: Mapping[str, Pool], settings: Settings) -> None:
    """Adds to a pool each new server of its model in the file of `launch`, until cancelled.

    A pool whose servers the user named stays as it is, and so do those of several clients: each
    has its share of the servers that were there at first.
    """
    ours = launched_urls()
    growing = {
        role: pool
        for role, pool in pools.items()
        if role in ("model", "judge") and any(e.transport.url in ours for e in pool.endpoints)
    }
    while growing and settings.clients == 1:
        await asyncio.sleep(LOOK_EVERY)
        for role, pool in growing.items():
            for url in launched_urls(pool.model, role) - {
                each.transport.url for each in pool.endpoints
            }:
                add(pool, url, role, settings)


def add(pool: Pool, url: str, role: str, settings: Settings) -> None:
    """It is asked once it answers a probe, with what the pool has learnt of the others."""
    of = settings.judge if role == "judge" else settings
    key = key_in(launched_key(pool.model, role), "EVALUATOR_ENDPOINTS")
    (transport,) = transports(settings, of, [url], [key])
    earlier = pool.endpoints[0]
    endpoint = Endpoint(transport, takes_optional=not hosted(url), card=earlier.card)
    remember(endpoint, earlier)
    pool.endpoints.append(endpoint)
    pool.health.eject(endpoint, "it has just been added", monotonic())
