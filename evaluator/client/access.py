"""How an endpoint is reached: through which proxy, trusting whom, with which headers."""

import os
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from evaluator.client.failures import PROXY_ADVICE
from evaluator.client.urls import of_host, without_password
from evaluator.errors import EvaluatorError, ServerError, Transient, UsageError
from evaluator.locale import N_

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
CA_VARIABLE = "SSL_CERT_FILE"  # read by OpenSSL itself
LONG_ENOUGH = 8  # characters from which a word of a secret is told from any other word


@dataclass(frozen=True, slots=True)
class Access:
    """What a user gives beside a URL and a key.

    `secrets` are those of the headers' values that must stand in no file and no message.
    """

    ca_file: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)


PLAIN = Access()


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one endpoint; `proxy` is None where there is none between."""

    url: str  # as it may be shown
    proxy: str | None
    certificates: ssl.SSLContext | bool
    headers: Mapping[str, str] = field(repr=False)
    secrets: Sequence[bytes] = field(repr=False)

    def without_secrets(self, body: bytes) -> bytes:
        """What a server said, should it repeat a secret that it was sent."""
        for secret in self.secrets:
            body = body.replace(secret, b"***")
        return body

    def unreached(self, reason: object, error: BaseException) -> EvaluatorError:
        """The error for a connection that did not come about."""
        if untrusted := distrust(error):
            return ServerError(
                N_(
                    "the certificate of {url} is not trusted: {untrusted}; name the authority "
                    "that made it with --ca-file FILE, or in {variable}",
                    url=self.url,
                    untrusted=untrusted,
                    variable=CA_VARIABLE,
                )
            )
        if not self.proxy:
            return Transient(N_("cannot connect: {reason}", reason=str(reason)), down=True)
        through = N_(
            "cannot connect through the proxy {proxy}: {reason}",
            proxy=self._shown,
            reason=str(reason),
        )
        return Transient(through, down=True)

    def turned_away(self, status: int) -> EvaluatorError:
        """The error for a proxy that does not connect to the endpoint."""
        words = N_(
            "the proxy {proxy} answers with status {status}, asked for {url}",
            proxy=self._shown,
            status=status,
            url=self.url,
        )
        if 400 <= status < 500:
            return ServerError(N_("{words}; {advice}", words=words, advice=PROXY_ADVICE))
        return Transient(words, down=True, status=status)

    @property
    def _shown(self) -> str:
        return repr(without_password(self.proxy or ""))


def route(url: str, api_key: str, access: Access) -> Route:
    """The way to an endpoint, as the user and the environment name it.  Raises UsageError."""
    through = proxy(url)
    secure = any(each.startswith("https:") for each in (url, through or ""))
    sent = [api_key, URL(url).password or "", *access.secrets]
    return Route(
        without_password(url),
        through,
        trust(access.ca_file) if secure else True,
        headers(url, api_key, access.headers),
        [word.encode() for value in sent for word in value.split() if len(word) >= LONG_ENOUGH],
    )


def headers(url: str, api_key: str, own: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request: the key's, and the user's own, which go before it.

    Raises UsageError where the URL holds a password, which takes their place.
    """
    names = {name.lower() for name in own}
    if URL(url).user is not None:
        if "authorization" in names:
            raise UsageError(
                N_("a header Authorization beside a URL with a user and password: give one of them")
            )
        return dict(own)
    if not api_key or names & {"authorization", "api-key"}:
        return dict(own)
    if of_host(url, ("azure.com",)):
        return {"api-key": api_key, **own}
    return {"Authorization": f"Bearer {api_key}", **own}


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Trust in the authorities of the system, or of SSL_CERT_FILE, and in those of the file.

    Raises UsageError.
    """
    named = os.environ.get(CA_VARIABLE)
    if named and not Path(named).is_file():
        raise UsageError(
            N_("{variable} names {named!r}, which is no file", variable=CA_VARIABLE, named=named)
        )
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # an SSLError is one
            raise UsageError(
                N_(
                    "cannot read certificates in PEM form from {ca_file!r}: {strerror}",
                    ca_file=str(ca_file),
                    strerror=error.strerror,
                )
            ) from error
    return context


def distrust(error: BaseException | None) -> str:
    """Why a certificate was not trusted; empty where the error is another."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError) and hasattr(error, "verify_message"):
            return str(error.verify_message)
        error = error.__cause__ or error.__context__
    return ""


def proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.

    This machine is always spoken to directly.  Raises UsageError for what is no proxy.
    """
    address, proxies = URL(url), getproxies()
    host = address.host or ""
    if is_here(host) or proxy_bypass(f"{host}:{address.port}") or in_bypassed_network(host):
        return None
    named = proxies.get(address.scheme) or proxies.get("all")
    if not named:
        return None
    full = named if "://" in named else f"http://{named}"
    if not is_proxy(full):
        raise UsageError(
            N_(
                "{full!r} in the environment is no proxy such as http://HOST:3128; mend "
                "{scheme}_PROXY or ALL_PROXY",
                full=without_password(full),
                scheme=address.scheme.upper(),
            )
        )
    return full


def is_proxy(url: str) -> bool:
    """Whether a proxy can have this URL."""
    try:
        return URL(url).scheme in SCHEMES and bool(URL(url).host)
    except ValueError:
        return False


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def in_bypassed_network(host: str) -> bool:
    """Whether NO_PROXY holds a network, such as 10.0.0.0/8, that the host's address is in."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in bypassed_networks())


def bypassed_networks() -> Iterator[IPv4Network | IPv6Network]:
    """The networks among the words of NO_PROXY."""
    for word in getproxies().get("no", "").split(","):
        try:
            yield ip_network(word.strip(), strict=False)
        except ValueError:
            continue
