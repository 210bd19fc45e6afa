"""URLs: known hosts, joined paths, passwords, certificates, proxies and the time to connect."""

import re
import ssl
from collections.abc import Iterable
from urllib.request import getproxies, proxy_bypass

from yarl import URL

HOSTED = (  # providers whose own SDK conventions matter more than client speed
    "openai.com",
    "azure.com",
    "bigmodel.cn",
    "z.ai",
    "aliyuncs.com",
    "deepseek.com",
    "moonshot.cn",
    "volces.com",
    "openrouter.ai",
    "googleapis.com",
    "anthropic.com",
)
LONGEST_TO_CONNECT = LONGEST_TO_ANSWER = 30.0  # seconds
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def joined(base: str, path: str) -> str:
    """The path below a base URL; a query, such as Azure's api-version, stays at the end."""
    address, mark, query = base.partition("?")
    return f"{address.rstrip('/')}{path}{mark}{query}"


def hosted(url: str) -> bool:
    """Whether the URL is one of the known hosted providers'."""
    return of_host(url, HOSTED)


def of_host(url: str, domains: Iterable[str]) -> bool:
    """Whether the URL's host is one of the domains, or below one."""
    host = URL(url).host or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def without_password(url: str) -> str:
    """The URL as it may stand in a file or a message: without user and password."""
    return re.sub(r"^([^/]*//)[^/?#]*@", r"\1", url)


def certificates(url: str) -> ssl.SSLContext | bool:
    """How a server proves who it is: by the system's authorities, or those of SSL_CERT_FILE."""
    return ssl.create_default_context() if url.startswith("https:") else True


def proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.

    This machine is always spoken to directly.
    """
    address, proxies = URL(url), getproxies()
    host = address.host or ""
    if host in LOOPBACK or proxy_bypass(host):
        return None
    return proxies.get(address.scheme) or proxies.get("all")


def to_connect(timeout: float) -> float:
    """Seconds to wait for a connection; fewer than for a reply, to tell the two apart."""
    return min(LONGEST_TO_CONNECT, timeout / 2)


def to_answer(timeout: float) -> float:
    """Seconds to wait for a page, for which no model has to work."""
    return min(LONGEST_TO_ANSWER, timeout)
