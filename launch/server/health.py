"""Asks a server whether it is healthy, and which models it serves."""

import http.client
import json
import os
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from ..errors import StartError
from ..locale import N_
from .engines import ENGINES

NOT_FOUND = 404
PROBE_TIMEOUT = 1.0  # seconds; a signal is acted on after this time at most

# requests to this machine's own ports must not go through a proxy of the environment
DIRECT: OpenerDirector = build_opener(ProxyHandler({}))


def served_models(url: str, engine: str = "vllm") -> Sequence[str] | None:
    """The ids of a healthy server's models; None while it is not healthy or lists none.

    They are empty where the engine lists none at all. Raises StartError where the server asks for
    an API key.
    """
    lists = ENGINES[engine].lists_models
    try:
        _check_health(url, needed=not lists)
        listing = json.loads(_get(f"{url}/v1/models")) if lists else {}
    except HTTPError as error:
        error.close()
        if error.code in (401, 403):
            raise StartError(
                N_(
                    "the server at {url} wants an API key; give it as VLLM_API_KEY, not as a flag",
                    url=url,
                )
            ) from None
        return None
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return None
    found = [str(model["id"]) for model in listing.get("data", ())]
    return found or (None if lists else ())


def _check_health(url: str, needed: bool) -> None:
    """Raises HTTPError while it is not healthy. Where there is no such page, the list decides."""
    try:
        _get(f"{url}/health")
    except HTTPError as error:
        if needed or error.code != NOT_FOUND:
            raise
        error.close()


def unlisted(names: Sequence[str], found: Sequence[str], engine: str) -> list[str]:
    """Which of the names a healthy server does not answer to, as far as it lists any."""
    return [each for each in names if each not in found and ENGINES[engine].lists_models]


def _get(url: str) -> bytes:
    key = os.environ.get("VLLM_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with DIRECT.open(Request(url, headers=headers), timeout=PROBE_TIMEOUT) as response:
        body: bytes = response.read()
    return body
