"""Whether a base URL is the right one and serves the model, before anything is asked there."""

from collections.abc import Mapping
from typing import Any

from yarl import URL

from evaluator.client import reply
from evaluator.client.endpoint import Endpoint, attempt
from evaluator.client.transport import Transport, courtesy
from evaluator.client.urls import hosted, joined
from evaluator.errors import NotModels, RequestError, ServerError, UsageError
from evaluator.locale import N_
from evaluator.types import Json, Request

ABSENT = (404, 405)  # what a server answers where it has nothing


async def served(transport: Transport) -> list[Json]:
    """The entries of /models; none where the server has no such page.

    Raises ServerError where it does not answer, UsageError where the API is at another URL.
    """
    try:
        entries = await courtesy(transport.models())
    except NotModels:
        await refuse_elsewhere(transport)
        raise
    if entries is None:
        await refuse_elsewhere(transport)
    return entries or []


async def model_card(endpoint: Endpoint, model: str) -> Json:
    """What the endpoint's /models says of the model; empty where it does not list it.

    Raises ServerError where it does not answer, UsageError where it serves other models or the API
    is at another URL.
    """
    there = await listed(endpoint, model)
    if there and model not in there and not await _is_alias(endpoint, model, there):
        names = ", ".join(map(repr, there))
        raise UsageError(
            N_(
                "{url} does not serve {model!r}; it serves {names}",
                url=endpoint.transport.url,
                model=model,
                names=names,
            )
        )
    card = there.get(model, {})
    if base := there.get(card.get("parent")):  # vLLM tells an adapter's context with its base only
        card = {**card, "max_model_len": card.get("max_model_len") or base.get("max_model_len")}
    return card


async def listed(endpoint: Endpoint, model: str) -> dict[Any, Json]:
    """What the endpoint lists, by name; where the list fails, one answer stands in for it.

    Raises ServerError where it does not answer, UsageError where the API is at another URL.
    """
    try:
        entries = await served(endpoint.transport)
    except NotModels:
        if not await answers(endpoint, model):
            raise
        entries = []
    return {entry.get("id"): entry for entry in entries}


async def _is_alias(endpoint: Endpoint, model: str, there: Mapping[Any, Json]) -> bool:
    """Whether the endpoint serves the model without listing it: gateways do, vLLM never."""
    complete = any(entry.get("owned_by") == "vllm" for entry in there.values())
    return not complete and await answers(endpoint, model)


async def answers(endpoint: Endpoint, model: str) -> bool:
    """Whether the endpoint gives one token of the model.

    That decides where its list of models does not: lists fail, or leave out aliases.
    """
    for asked in ({"messages": [{"role": "user", "content": "Hello"}]}, {"prompt": "Hello"}):
        request = Request("check", "1", "model", {"model": model, "max_tokens": 1, **asked})
        try:
            await attempt(endpoint, request)
        except RequestError:
            continue
        return True
    return False


async def refuse_elsewhere(transport: Transport) -> None:
    """Raises UsageError where nothing is at this URL, and the API at another of the server.

    Where the server answers a chat at this URL, it is the right one, whatever else there is.
    """
    if not transport.url or hosted(transport.url):
        return
    url = joined(transport.url, "/chat/completions")
    chat = await courtesy(transport.exchange(url, b"{}"))
    if chat is None or chat[0] not in ABSENT:
        return
    base = URL(transport.url)
    for other in dict.fromkeys((base / "v1", base.with_path("/v1"))):
        if other != base and await lists_models(transport, other):
            raise UsageError(
                N_(
                    "{url} has no /chat/completions; did you mean {other!r}, where the server "
                    "lists its models?",
                    url=transport.url,
                    other=str(other),
                )
            )


async def lists_models(transport: Transport, base: URL) -> bool:
    """Whether there is a list of models at this base URL."""
    found = await courtesy(transport.exchange(joined(str(base), "/models")))
    if found is None:
        return False
    try:
        return bool(reply.models(str(base), found[0], {}, found[1]))
    except ServerError:
        return False
