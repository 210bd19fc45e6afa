"""Which of several base URLs serves which of several models, as their /v1/models say."""

from collections.abc import Sequence
from itertools import compress

from evaluator.client.address import served
from evaluator.client.transport import Transport
from evaluator.client.urls import without_password
from evaluator.engine.stopping import run_stoppable
from evaluator.errors import NotModels, UsageError
from evaluator.locale import N_
from evaluator.options.endpoints import launched_urls
from evaluator.options.settings import Settings
from evaluator.runs.connect import transports

Names = frozenset[str]  # that a server lists; empty where it lists nothing


def at_their_urls(chosen: Sequence[Settings]) -> list[Settings]:
    """Each model's settings with the URLs that list it, of those that were given for all.

    A URL that lists nothing is for all of the models. A model that no URL lists keeps them all, and
    its own run tells. Raises UsageError where a URL serves none of the models, ServerError where it
    does not answer.
    """
    first = chosen[0]
    urls = first.base_url
    if len(chosen) < 2 or len(urls) < 2 or first.replay:
        return list(chosen)
    if launched_urls().intersection(urls):  # `launch` has told where each is
        return list(chosen)
    listed = run_stoppable(lists(first))
    models = {each.model for each in chosen}
    for url, names in zip(urls, listed, strict=True):
        if names and not names & models:
            raise UsageError(
                N_(
                    "{url} serves none of the models: it serves {names}",
                    url=without_password(url),
                    names=", ".join(map(repr, sorted(names))),
                )
            )
    return [narrowed(each, listed) for each in chosen]


async def lists(settings: Settings) -> list[Names]:
    """The names that each base URL lists."""
    urls = settings.base_url
    asked = transports(settings, settings, urls, settings.api_keys(urls))
    try:
        return [await names_at(each) for each in asked]
    finally:
        for each in asked:
            await each.close()


async def names_at(transport: Transport) -> Names:
    """What one server lists."""
    try:
        return frozenset(str(entry.get("id")) for entry in await served(transport))
    except NotModels:  # a run asks it for an answer in place of the list
        return frozenset()


def narrowed(settings: Settings, listed: Sequence[Names]) -> Settings:
    """The settings with the model's own URLs, and with their keys where each has one."""
    own = [not names or settings.model in names for names in listed]
    if not any(own):
        return settings
    keys = settings.api_key_env
    return settings.changed(
        base_url=list(compress(settings.base_url, own)),
        api_key_env=list(compress(keys, own)) if len(keys) > 1 else keys,
    )
