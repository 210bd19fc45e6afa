"""Pages that lie in a folder as files: HTML of anybody's, so it runs without any origin.

Such a page may load the scripts beside it and nothing else; it can read neither cookies nor other
pages. As it has no origin, what it loads looks like another site's: so its address holds a secret,
which opens this folder alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hmac import compare_digest, digest
from secrets import token_bytes
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from evaluator.viewer.folders import RESULTS, Kind, Place

FILES = "/files"
PAGES: dict[Kind, str] = {
    "run": "report.html",
    **{kind: f"{kind}.html" for kind in RESULTS if kind != "run"},
}
TYPES = {".html": "text/html", ".js": "text/javascript"}
POLICY = (  # beside that which the page carries: a browser keeps to both
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'self' 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True)
class PageKey:
    """Makes addresses that open one folder, and knows them again."""

    key: bytes = field(default_factory=lambda: token_bytes(32))

    def address(self, place: Place, name: str) -> str:
        """The address of a file of a place."""
        return f"{FILES}/{self._sign(place.id)}/{place.id}/{quote(name)}"

    def opens(self, path: str) -> bool:
        """Whether an address was made here."""
        start, _, rest = path.removeprefix(FILES + "/").partition("/")
        id = rest.partition("/")[0]
        return path.startswith(FILES + "/") and compare_digest(
            start.encode(), self._sign(id).encode()
        )

    def _sign(self, id: str) -> str:
        return digest(self.key, id.encode(), "sha256").hex()[:32]


def page_beside(place: Place) -> str:
    """The name of the page that lies beside the results of a place; empty where there is none."""
    name = PAGES[place.kind]
    return name if (place.path / name).is_file() else ""


def page_file(place: Place, name: str) -> Response:
    """A file of a page: HTML of the folder itself, or a script one below.

    Raises FileNotFoundError for any other file, and for one outside of the folder.
    """
    path = (place.path / name).resolve()
    if not path.is_relative_to(place.path) or not path.is_file():
        raise FileNotFoundError(name)
    depth = len(path.relative_to(place.path).parts)
    if (path.suffix, depth) not in ((".html", 1), (".js", 2)):
        raise FileNotFoundError(name)
    return FileResponse(path, media_type=TYPES[path.suffix], headers=dict(headers()))


def headers() -> Iterator[tuple[str, str]]:
    """The headers of such a file."""
    yield "content-security-policy", POLICY
    yield "cross-origin-resource-policy", "cross-origin"  # it has no origin of its own
