"""Asks a server whether it is healthy, and which models it names."""

import http.client
import json
import os
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from launch.errors import StartError

PROBE_TIMEOUT = 1.0  # seconds; a signal waits as long at most

# a proxy of the environment knows nothing of this machine's own ports
DIRECT: OpenerDirector = build_opener(ProxyHandler({}))


def served_models(url: str) -> Sequence[str] | None:
    """The ids that a healthy server names; None while it is not healthy, or names none."""
    try:
        _get(f"{url}/health")
        listing = json.loads(_get(f"{url}/v1/models"))
    except HTTPError as error:
        error.close()
        if error.code in (401, 403):
            raise StartError(
                f"the server at {url} wants an API key; give it as VLLM_API_KEY, not as a flag"
            ) from None
        return None
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return None
    return [str(model["id"]) for model in listing.get("data", ())] or None


def _get(url: str) -> bytes:
    key = os.environ.get("VLLM_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with DIRECT.open(Request(url, headers=headers), timeout=PROBE_TIMEOUT) as response:
        body: bytes = response.read()
    return body
