"""From settings to pools: which endpoints are asked, and how hard."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack

from evaluator.client.concurrency import FIRST_SLOTS, MOST_SLOTS
from evaluator.client.pool import Pool
from evaluator.client.rates import Rates
from evaluator.client.transport import NoEndpoint, Transport, transport
from evaluator.engine.stopping import run_stoppable
from evaluator.judging.judges import Judge, judges
from evaluator.options.endpoint_file import ServedAt, read_endpoints
from evaluator.options.endpoints import cause_of_death, launched_urls
from evaluator.options.parts import Connection
from evaluator.options.settings import Settings
from evaluator.runs.proof import Proof, prove

Connect = Callable[[], Mapping[str, Pool]]  # a pool for each role; made inside the event loop


async def connected(
    connect: Connect, stack: AsyncExitStack, may_be_down: Collection[str] = ()
) -> Mapping[str, Pool]:
    """The pools, each proven to answer, until the stack closes them.

    One at a URL that `may_be_down` need not answer, nor one that `launch` serves: a replica that
    died may be about to start again.
    """
    pools = connect()
    for pool in dict.fromkeys(pools.values()):
        stack.push_async_callback(pool.close)
        await pool.check({*may_be_down, *launched_urls()})
    return pools


def pools(settings: Settings, roles: Collection[str] | None = None) -> dict[str, Pool]:
    """A pool for each role: the model, and those of the judges that are among `roles`."""
    by_role = {"model": model_pool(settings)}
    for judge in judges(settings):
        if roles is None or judge.role in roles:
            itself = not judge.urls and judge.model == settings.model
            by_role[judge.role] = by_role["model"] if itself else judge_pool(settings, judge)
    return by_role


def prove_model(settings: Settings) -> list[Proof]:
    """What the model's endpoints show, where there are any.  Raises EvaluatorError."""

    async def proofs() -> list[Proof]:
        pool = model_pool(settings)
        try:
            await pool.check(launched_urls())
            return await prove({"model": pool}, settings)
        finally:
            await pool.close()

    return run_stoppable(proofs()) if settings.base_url and not settings.replay else []


def check_keys(settings: Settings, roles: Collection[str]) -> None:
    """Raises UsageError where the variable of an API key or of a secret header is not set."""
    _ = settings.api_keys(settings.base_url), settings.access
    if judging := [judge for judge in judges(settings) if judge.role in roles]:
        _ = [judge.api_key for judge in judging], settings.judge.access


def model_pool(settings: Settings) -> Pool:
    """The pool of the model's endpoints; in a replay there is none to ask."""
    urls = settings.base_url
    return pool(settings, settings, settings.model, urls, lambda: settings.api_keys(urls))


def judge_pool(settings: Settings, judge: Judge) -> Pool:
    """The pool of a judge, with slots and rates of its own."""
    return pool(
        settings, settings.judge, judge.model, judge.urls, lambda: [judge.api_key] * len(judge.urls)
    )


def pool(
    settings: Settings,
    of: Connection,
    model: str,
    urls: Sequence[str],
    keys: Callable[[], Sequence[str]],
) -> Pool:
    """A pool that asks the model at the URLs, as `of` says."""
    made = Pool(
        model,
        [NoEndpoint(settings.out)] if settings.replay else transports(settings, of, urls, keys()),
        **slots(of.concurrency),
        retries=settings.retries,
        rates=Rates(of.rpm, of.tpm),
        died=cause_of_death,
    )
    if settings.endpoints and not settings.replay:
        limit(made, urls, read_endpoints(settings.endpoints), "judge" if of.prefix else "model")
    return made


def limit(pool: Pool, urls: Sequence[str], served: Sequence[ServedAt], role: str) -> None:
    """Gives endpoints the limits of their own that a file names."""
    by_url = {each.base_url: each for each in served if each.role == role}
    for endpoint, url in zip(pool.endpoints, urls, strict=True):
        if own := by_url.get(url):
            endpoint.slots = own.concurrency or 0
            endpoint.rates = Rates(own.rpm, own.tpm)
    pool.steered = pool.steered and not all(endpoint.slots for endpoint in pool.endpoints)


def slots(concurrency: int | str) -> dict[str, int]:
    """How many requests a pool keeps in flight, and may grow to."""
    if concurrency == "auto":
        return {"slots": FIRST_SLOTS, "most_slots": MOST_SLOTS}
    return {"slots": int(concurrency), "most_slots": 0}


def transports(
    settings: Settings, of: Connection, urls: Sequence[str], keys: Sequence[str]
) -> list[Transport]:
    """A transport for each URL, with its key."""
    kind, timeout, stream = settings.transport, settings.timeout, settings.stream
    return [
        transport(url, kind, key, timeout, stream, of.access)
        for url, key in zip(urls, keys, strict=True)
    ]
