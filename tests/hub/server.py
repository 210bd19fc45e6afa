"""The servers: what `huggingface_hub`, `datasets` and `modelscope-hub` ask of the real ones."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

Files = Mapping[str, bytes]
BIG = 100_000  # bytes from which a file is in LFS


@dataclass
class Repository:
    """A repository by branch.  The faults are those that were seen of real hubs.

    `gated` is the status of a refusal, `cut` and `wrong` name files that arrive short or changed.
    """

    branches: dict[str, Files]
    gated: int = 0
    cut: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()
    requests: list[str] = field(default_factory=list)

    def files(self, revision: str) -> Files | None:
        """The files of a branch or of a commit."""
        if revision in self.branches:
            return self.branches[revision]
        return next((f for f in self.branches.values() if commit_of(f) == revision), None)


def commit_of(files: Files) -> str:
    """The commit that these files are."""
    if (known := _commits.get(id(files))) and known[0] is files:
        return known[1]
    names = (f"{path}{hashlib.sha1(files[path]).hexdigest()}" for path in sorted(files))
    commit = hashlib.sha1("".join(names).encode()).hexdigest()
    _commits[id(files)] = files, commit
    return commit


_commits: dict[int, tuple[Files, str]] = {}


class Hub:
    """A hub with these repositories, each request taking `latency` seconds.

    `hang`: nothing is ever answered. `raw` are files by path, as GitHub serves raw ones.
    """

    def __init__(
        self,
        repositories: Mapping[str, Repository] | None = None,
        latency: float = 0.0,
        hang: bool = False,
        raw: Files | None = None,
        port: int = 0,
    ) -> None:
        self.repositories = dict(repositories or {})
        self.latency, self.hang, self.raw = latency, hang, dict(raw or {})
        self.requests: list[str] = []
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang = False
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Serves until the process ends."""
        self._server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        time.sleep(self.hub.latency)
        while self.hub.hang:
            time.sleep(0.05)
        address = urlsplit(self.path)
        path, query = unquote(address.path), parse_qs(address.query)
        if path.startswith("/api/v1/datasets/"):
            self._modelscope(path.removeprefix("/api/v1/datasets/"), query)
        elif path.startswith("/api/datasets/"):
            self._described(path.removeprefix("/api/datasets/"))
        elif path.startswith("/api/models/"):
            self._described(path.removeprefix("/api/models/"))
        elif "/resolve/" in path and not path.startswith("/datasets/"):
            self._resolved(path.lstrip("/"))
        elif path.startswith("/datasets/"):
            self._resolved(path.removeprefix("/datasets/"))
        elif (content := self.hub.raw.get(path.lstrip("/"))) is not None:
            self._send(200, content)
        else:
            self._send(404, b"")

    def _repository(self, id: str) -> Repository | None:
        found = self.hub.repositories.get(id)
        if found is None:
            self._send(401, b"", {"X-Error-Code": "RepoNotFound"})
        elif found.gated and not self.headers.get("Authorization"):
            self._send(found.gated, b"", {"X-Error-Code": "GatedRepo"})
        else:
            return found
        return None

    def _described(self, path: str) -> None:
        """/api/datasets/ID[/revision/REV], /tree/REV[/FOLDER] and /paths-info/REV."""
        id, (verb, rest) = _split(path, ("revision", "tree", "paths-info"))
        if (repository := self._repository(id)) is None:
            return
        branch, files = "main", repository.files("main")
        if verb:
            branch = next(
                (b for b in repository.branches if rest.startswith(b)), rest.split("/")[0]
            )
            files = repository.files(branch)
        if files is None:
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
        elif verb == "paths-info":
            self._json([_entry(path, content) for path, content in files.items()])
        elif verb == "tree":
            folder = rest.removeprefix(branch).strip("/")
            self._json(list(_tree(files, folder, "recursive=True" in self.path)))
        else:
            siblings = [_sibling(path, content) for path, content in files.items()]
            sha = commit_of(files)
            self._json({"id": id, "sha": sha, "siblings": siblings, "tags": [], "private": False})

    def _resolved(self, path: str) -> None:
        """/datasets/ID/resolve/REV/PATH."""
        id, (_, rest) = _split(path, ("resolve",))
        if (repository := self._repository(id)) is None:
            return
        revision, _, name = rest.partition("/")
        files = repository.files(revision)
        if files is None or name not in files:
            code = "RevisionNotFound" if files is None else "EntryNotFound"
            self._send(404, b"", {"X-Error-Code": code})
            return
        content, sent = files[name], files[name]
        if name in repository.wrong:
            sent = bytes([content[0] ^ 1]) + content[1:]
        headers = {"X-Repo-Commit": commit_of(files), "ETag": f'"{_etag(content)}"'}
        if name in repository.cut:
            self._send(200, sent[: len(sent) // 2], headers, length=len(sent))
        else:
            self._send(200, sent, headers)

    def _modelscope(self, path: str, query: Mapping[str, list[str]]) -> None:
        """/api/v1/datasets/ID/repo/tree and /api/v1/datasets/ID/repo?FilePath=PATH."""
        id, (_, verb) = _split(path, ("repo",))
        found = self.hub.repositories.get(id)
        if found is None:
            self._json({"Code": 10010205001, "Message": "record not found", "Success": False}, 404)
            return
        files = found.branches["main"]
        if verb == "tree":
            size, page = int(query["PageSize"][0]), int(query["PageNumber"][0])
            shown = sorted(files)[(page - 1) * size : page * size]
            entries = [_modelscope_entry(name, files[name]) for name in shown]
            self._json({"Code": 200, "Data": {"Files": entries}, "Success": True})
        elif (name := query.get("FilePath", [""])[0]) in files:
            content = files[name]
            sent = bytes([content[0] ^ 1]) + content[1:] if name in found.wrong else content
            self._send(200, sent)
        else:
            self._json({"Code": 404, "Message": "no such file", "Success": False}, 404)

    def _json(self, data: Any, status: int = 200) -> None:
        self._send(status, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def _send(
        self,
        status: int,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(content)
        if length is not None:  # cut short: only this connection ends, and in the middle of a body
            self.close_connection = True


def _split(path: str, verbs: tuple[str, ...]) -> tuple[str, tuple[str, str]]:
    """OWNER/NAME/VERB/REST as (id, (verb, rest))."""
    owner, name, *more = path.split("/", 3)
    if more and more[0] in verbs:
        return f"{owner}/{name}", (more[0], more[1] if len(more) > 1 else "")
    return f"{owner}/{name}", ("", "")


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if len(content) >= BIG else _blob(content)


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": _blob(content)}
    if len(content) >= BIG:
        digest = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"size": len(content), "sha256": digest, "pointerSize": 130}
    return entry


def _entry(path: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(content), "oid": _blob(content)}


def _tree(files: Files, folder: str, recursive: bool) -> Iterator[dict[str, Any]]:
    """The files and folders in a folder."""
    start = f"{folder}/" if folder else ""
    folders = set()
    for path, content in files.items():
        if not path.startswith(start):
            continue
        parent = path[len(start) :].rpartition("/")[0]
        if parent:
            folders.add(start + (parent if recursive else parent.partition("/")[0]))
        if recursive or not parent:
            yield _entry(path, content)
    yield from ({"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in folders)


def _modelscope_entry(path: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"Path": path, "Name": path, "Size": len(content), "Sha256": digest, "Type": "blob"}
