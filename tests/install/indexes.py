"""Package indexes on this machine: folders of small wheels, served over HTTP as an index does."""

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread


def wheel(folder: Path, name: str, version: str, needs: Sequence[str] = (), size: int = 0) -> Path:
    """A wheel with one module and its metadata, in the project's place of a simple index."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        f"{name.replace('-', '_')}.py": f"VERSION = {version!r}\n" + "#" * size,
        f"{stem}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        ),
        f"{stem}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    file = place / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return file


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(slots=True)
class Index:
    url: str
    asked: list[str] = field(default_factory=list)  # every path, oldest first
    closing: Event = field(default_factory=Event)


@contextmanager
def served(folder: Path, delay: float = 0.0) -> Iterator[Index]:
    """The folder as a simple index; its wheels come `delay` seconds late."""
    folder.mkdir(parents=True, exist_ok=True)
    index = Index("")
    handler = partial(_Handler, index, delay, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        index.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield index
        finally:
            index.closing.set()
            server.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    """A folder's listing is the index page of its project: links to the files in it."""

    def __init__(self, index: Index, delay: float, *words: object, directory: str) -> None:
        self.index, self.delay = index, delay
        super().__init__(*words, directory=directory)  # type: ignore[arg-type]  # a socket's

    def do_GET(self) -> None:
        self.index.asked.append(self.path)
        if self.path.endswith(".whl") and self.index.closing.wait(self.delay):
            return
        with suppress(ConnectionError):  # who asked may have been killed
            super().do_GET()

    def log_message(self, format: str, *words: object) -> None:
        """The tests' own output says enough."""
