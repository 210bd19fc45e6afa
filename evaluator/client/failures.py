"""What went wrong, as a server tells it: a status, an error object, or both."""

import random
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from math import isnan
from time import time
from typing import Any

import orjson

from evaluator.errors import EvaluatorError, RequestError, ServerError, Transient, Unauthorized
from evaluator.locale import N_

FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0  # seconds
RETRIED = frozenset({408, 409, 425, 429})
LONGEST_WAIT = 600.0  # seconds: one header, meant for another or mistaken, must not stop a run
LONGEST_SAID = 20_000  # bytes of a refusal that are searched for the fields it names
EXCERPT = 300  # characters of a server's words in our messages
# Providers' codes and finish reasons.
FILTERED = frozenset({"content_filter", "data_inspection_failed", "1301", "sensitive"})
BROKEN_OFF = frozenset({"network_error", "insufficient_system_resource", "error"})
USED_UP = frozenset(  # no wait helps
    {"insufficient_quota", "billing_hard_limit_reached", "1113", "1304", "1308", "1309"}
)
OF_A_MINUTE = re.compile(r"token-limit|allocated quota", re.IGNORECASE)  # DashScope's quota passes
PAGE = re.compile(r"/(chat/completions|completions|models)(?=$|\?)")  # below a base URL
STREAM_ONLY = re.compile(r"only supports? stream", re.IGNORECASE)
PROXY_ADVICE = N_(
    "give it as HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, or put the host into NO_PROXY"
)

LOST_UNANSWERED = N_("connection lost before a reply came")


def not_connected(seconds: float) -> Transient:
    """The error for a connection that did not come about in time."""
    return Transient(N_("cannot connect within {seconds:g} s", seconds=seconds), down=True)


def not_answered(seconds: float) -> str:
    """What to say of a reply that did not come in time."""
    return N_("no answer within {seconds:g} s", seconds=seconds)


def failure(status: int, body: bytes, headers: Mapping[str, str]) -> Exception:
    """The error that a status other than 200 stands for."""
    words = f"status {status}: {server_words(body)}"
    if 300 <= status < 400:  # followed, a question would become a request for a page
        there = PAGE.sub("", headers.get("Location", "nowhere"))
        return ServerError(
            N_(
                "status {status}: the endpoint redirects to {there}; give that as the base URL",
                status=status,
                there=there,
            )
        )
    named, said = codes(error_of(body)), body[:LONGEST_SAID].decode("utf-8", "replace")
    if status == 400 and STREAM_ONLY.search(said):
        return RequestError(f"{words}; add --stream", status, said)
    if named & FILTERED and status == 400:
        return filtered(server_words(body))
    if status == 429 and named & USED_UP and not OF_A_MINUTE.search(said):
        return RequestError(words, status)
    if status == 407:
        return ServerError(
            N_(
                "a proxy on the way to the endpoint answers {words}; {advice}",
                words=words,
                advice=PROXY_ADVICE,
            )
        )
    # A key may be good, and what was asked for denied to it: OpenAI says so of logprobs.
    if status == 401 or (status == 403 and "invalid_request_error" not in named):
        return Unauthorized(
            N_("the endpoint refuses the API key ({words}); see --api-key-env", words=words)
        )
    if status in RETRIED or status >= 500:
        wait, kind = retry_after(headers.get("Retry-After")), f"status {status}"
        return Transient(words, wait, kind, status=status, said=said)
    return RequestError(words, status, said)


def told(error: Any, body: bytes, where: str) -> EvaluatorError:
    """The error that a server tells of in a reply or an event whose status was 200.

    Its code decides: a client's mistake is final, anything else passes.
    """
    words, said = f"{where}: {server_words(body)}", body[:LONGEST_SAID].decode("utf-8", "replace")
    named = codes(error)
    if named & FILTERED:
        return filtered(server_words(body))
    if named & {"401", "403", "invalid_api_key"}:
        return Unauthorized(
            N_("the endpoint refuses the API key ({words}); see --api-key-env", words=words)
        )
    numbers = {int(code) for code in named if code.isdecimal()}
    client = any(400 <= code < 500 and code not in RETRIED for code in numbers)
    mistaken = "invalid_request_error" in named and not numbers & RETRIED
    if client or mistaken or named & USED_UP:
        return RequestError(words, next((code for code in numbers if code >= 400), None), said)
    kind = "error in stream" if "stream" in where else "error, status 200"
    return Transient(words, kind=kind, said=said)


def filtered(words: str) -> RequestError:
    """The error for what a provider's content filter stopped: it was never measured."""
    return RequestError(f"filtered by the provider: {words}")


def refuse_unfinished(reason: str, text: str) -> None:
    """Raises where a finish reason says that there is no whole reply."""
    if reason in FILTERED and not text:
        raise filtered("the reply was withheld")
    if reason in BROKEN_OFF:
        words = f"the provider broke the reply off: finish_reason {reason!r}"
        raise Transient(words, kind="broken reply")


def error_of(body: bytes) -> Any:
    """The error object in a body; the body's own object where there is none; None: no JSON."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return (payload.get("error") or payload) if isinstance(payload, dict) else None


def codes(error: Any) -> frozenset[str]:
    """What an error object calls itself: its code, type and status."""
    if not isinstance(error, dict):
        return frozenset()
    names = (error.get(name) for name in ("code", "type", "status"))
    return frozenset(str(name).lower() for name in names if name is not None)


def server_words(body: bytes) -> str:
    """What an error body says, on one line."""
    return " ".join(message(body).split())


def message(body: bytes) -> str:
    """The message in an error body, in whichever of the usual places it is."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return excerpt(body)
    if isinstance(payload, dict):
        error = payload.get("error") or payload.get("message") or payload.get("detail")
        if isinstance(error, dict):
            error = error.get("message")
        if error:
            return str(error)[:EXCERPT]
    return excerpt(body)


def retry_after(value: str | None) -> float | None:
    """Seconds to wait, from the header's seconds or date; None where it says nothing readable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time()
        except (ValueError, OverflowError):
            return None
    return None if isnan(seconds) else min(max(0.0, seconds), LONGEST_WAIT)


def excerpt(body: bytes) -> str:
    """The start of a body as text."""
    return body[:EXCERPT].decode("utf-8", "replace")


def backoff(failures: int, retry_after: float | None) -> float:
    """Seconds before the next attempt: what the server asked for, else doubling, with jitter."""
    if retry_after is not None:
        return retry_after + random.uniform(0, FIRST_BACKOFF)
    longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (failures - 1))
    return random.uniform(longest / 2, longest)
