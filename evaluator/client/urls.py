"""URLs: known hosts, joined paths, passwords, and the time to connect."""

import re
from collections.abc import Iterable

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


def to_connect(timeout: float) -> float:
    """Seconds to wait for a connection; fewer than for a reply, to tell the two apart."""
    return min(LONGEST_TO_CONNECT, timeout / 2)


def to_answer(timeout: float) -> float:
    """Seconds to wait for a page, for which no model has to work."""
    return min(LONGEST_TO_ANSWER, timeout)
