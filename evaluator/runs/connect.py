"""From settings to pools: which endpoints are asked, and how hard."""

import asyncio
from collections.abc import Collection, Sequence

from evaluator.client.concurrency import FIRST_SLOTS, MOST_SLOTS
from evaluator.client.pool import Pool
from evaluator.client.rates import Rates
from evaluator.client.transport import NoEndpoint, Transport, transport
from evaluator.judging.judges import Judge, judges
from evaluator.options.endpoints import cause_of_death
from evaluator.options.settings import Settings


def pools(settings: Settings, roles: Collection[str] | None = None) -> dict[str, Pool]:
    """A pool for each role: the model, and those of the judges that are among `roles`."""
    by_role = {"model": model_pool(settings)}
    for judge in judges(settings):
        if roles is None or judge.role in roles:
            itself = not judge.urls and judge.model == settings.model
            by_role[judge.role] = by_role["model"] if itself else judge_pool(settings, judge)
    return by_role


def check_model(settings: Settings) -> None:
    """Proves that the model's endpoints answer, where there are any.  Raises EvaluatorError."""

    async def check() -> None:
        pool = model_pool(settings)
        try:
            await pool.check()
        finally:
            await pool.close()

    if settings.base_url and not settings.replay:
        asyncio.run(check())


def check_keys(settings: Settings, roles: Collection[str]) -> None:
    """Raises UsageError where the variable of an API key is not set."""
    _ = [settings.api_key, *(judge.api_key for judge in judges(settings) if judge.role in roles)]


def model_pool(settings: Settings) -> Pool:
    """The pool of the model's endpoints; in a replay there is none to ask."""
    return Pool(
        settings.model,
        transports(settings, settings.base_url, "" if settings.replay else settings.api_key),
        **slots(settings.concurrency),
        retries=settings.retries,
        rates=Rates(settings.rpm, settings.tpm),
        died=cause_of_death,
    )


def judge_pool(settings: Settings, judge: Judge) -> Pool:
    """The pool of a judge, with slots and rates of its own."""
    return Pool(
        judge.model,
        transports(settings, judge.urls, "" if settings.replay else judge.api_key),
        **slots(settings.judge.concurrency),
        retries=settings.retries,
        rates=Rates(settings.judge.rpm, settings.judge.tpm),
        died=cause_of_death,
    )


def slots(concurrency: int | str) -> dict[str, int]:
    """How many requests a pool keeps in flight, and may grow to."""
    if concurrency == "auto":
        return {"slots": FIRST_SLOTS, "most_slots": MOST_SLOTS}
    return {"slots": int(concurrency), "most_slots": 0}


def transports(settings: Settings, urls: Sequence[str], key: str) -> list[Transport]:
    """A transport for each URL."""
    if settings.replay:
        return [NoEndpoint(settings.out)]
    kind, timeout, stream = settings.transport, settings.timeout, settings.stream
    return [transport(url, kind, key, timeout, stream) for url in urls]
