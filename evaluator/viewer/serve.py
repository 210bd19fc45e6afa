"""Runs the viewer until it is interrupted."""

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import uvicorn

from evaluator.errors import UsageError
from evaluator.locale import N_, Language
from evaluator.viewer.app import application
from evaluator.viewer.guard import AccessRules

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # addresses that stand for all of a machine's
PATIENCE = 2  # seconds that requests in progress have as it ends


def serve(
    roots: Sequence[Path],
    host: str,
    port: int,
    token: str,
    language: Language,
    ready: Callable[[str], None],
) -> None:
    """Serves the folders in a language at an address, which `ready` is told, until SIGINT.

    Raises UsageError where the address cannot be had or would need a token.
    """
    if not (token or is_loopback(host)):
        raise UsageError(
            N_(
                "--host {host}: others could read the results; give --token auto, or a token of "
                "yours",
                host=host,
            )
        )
    server: uvicorn.Server | None = None
    rules = rules_for(host, token)
    app = application(roots, rules, lambda: bool(server and server.should_exit), language)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,  # addresses hold the token, and texts that were searched for
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    with listening(host, port) as listener:
        server = uvicorn.Server(config)
        ready(address(host, listener.getsockname()[1], token))
        with suppress(KeyboardInterrupt):  # that is how it ends
            server.run([listener])


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def rules_for(host: str, token: str) -> AccessRules:
    """Under which names the viewer may be asked."""
    own = (socket.gethostname(), socket.getfqdn()) if host in EVERYWHERE else ()
    names = frozenset(name.lower() for name in (*LOOPBACK, host, *own))
    return AccessRules(names, host in EVERYWHERE, token)


def listening(host: str, port: int) -> socket.socket:
    """A socket at the address; port 0 is any that is free.  Raises UsageError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            N_(
                "cannot listen on {host}, port {port}: {reason}; give another --port or --host",
                host=host,
                port=port,
                reason=reason,
            )
        ) from error


def address(host: str, port: int, token: str) -> str:
    """What to open in a browser."""
    name = socket.gethostname() if host in EVERYWHERE else host
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")
