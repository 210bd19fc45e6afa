"""From settings to pools: which endpoints are asked, and how hard."""

from evaluator.client.concurrency import FIRST_SLOTS, MOST_SLOTS
from evaluator.client.pool import Pool
from evaluator.client.rates import Rates
from evaluator.client.transport import Nowhere, Transport, transport
from evaluator.settings import Settings


def pools(settings: Settings) -> dict[str, Pool]:
    """A pool for each role that is asked."""
    return {"model": model_pool(settings)}


def model_pool(settings: Settings) -> Pool:
    """The pool of the model's endpoints; in a replay there is none to ask."""
    transports: list[Transport]
    if settings.replay:
        transports = [Nowhere(settings.out)]
    else:
        key, timeout = settings.api_key, settings.timeout
        transports = [
            transport(url, settings.transport, key, timeout, settings.stream)
            for url in settings.base_url
        ]
    auto = settings.concurrency == "auto"
    return Pool(
        settings.model,
        transports,
        slots=FIRST_SLOTS if auto else int(settings.concurrency),
        most_slots=MOST_SLOTS if auto else 0,
        retries=settings.retries,
        rates=Rates(settings.rpm, settings.tpm),
    )
