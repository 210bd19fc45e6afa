"""Who may ask: nobody but a person at this machine, or one who was given the token.

Everything is refused but GET, from a page of the viewer's own or typed by a person, under a name of
this machine (another site's name may lead here too: DNS rebinding), and with the token where there
is one. Every reply forbids the browser to run or load anything else than the viewer's own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from secrets import token_urlsafe
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "evaluator-viewer"
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Under which names the viewer may be asked, and by whom."""

    hosts: Collection[str]  # without ports, in lower case
    any_address: bool = False  # whether every IP address is a name of it: it listens on all
    token: str = ""

    def knows(self, host: str) -> bool:
        """Whether a Host header names this machine."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self.hosts or (self.any_address and is_address(name))


def is_address(name: str) -> bool:
    """Whether a host is an IP address, which no other site's name can stand for."""
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, rules: AccessRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it with why not."""
        if scope["type"] != "http":  # no websockets; the server has no lifespan
            return
        nonce = scope.setdefault("state", {})["nonce"] = token_urlsafe(16)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**FIXED, "content-security-policy": policy(nonce)}.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(Request(scope)) or self._app
        await answer(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("only GET is answered\n", 405, {"allow": "GET, HEAD"})
        if not self._rules.knows(headers.get("host", "")):
            return PlainTextResponse("not a name of this viewer\n", 421)
        if from_elsewhere(headers):
            return PlainTextResponse("asked for by another site: type the address instead\n", 403)
        return self._stranger(request) if self._rules.token else None

    def _stranger(self, request: Request) -> Response | None:
        """What to answer to one without the cookie: with the token, here it is."""
        name = f"{COOKIE}-{request.url.port}"  # cookies are shared by all ports of a host
        if same(request.cookies.get(name, ""), self._rules.token):
            return None
        if not same(request.query_params.get("token", ""), self._rules.token):
            return PlainTextResponse("open the address that the viewer printed\n", 403)
        rest = [pair for pair in parse_qsl(request.url.query) if pair[0] != "token"]
        # A path of two slashes would lead to another host.
        path = "/" + request.scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
        answer.set_cookie(name, self._rules.token, httponly=True, samesite="strict")
        return answer


def same(given: str, token: str) -> bool:
    """Whether it is the token; how long that takes tells nothing of it."""
    return compare_digest(given.encode(), token.encode())


def from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site asks."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def policy(nonce: str) -> str:
    """What a page of the viewer may run and load: its own. Vega sets styles of elements."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src data: blob:; connect-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    )
