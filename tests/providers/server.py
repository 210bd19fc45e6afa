"""The imitations behind a proxy, so that they are met under the providers' own names."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.providers.imitations import Provider

KEY = "sk-of-the-provider"
USAGE = {"prompt_tokens": 9, "completion_tokens": 3}


@dataclass
class Served:
    """The proxy's address, what was asked of the provider, and what it replies.

    `failures` are what it says first, each once: status, headers and JSON.
    """

    proxy: str = ""
    reply: Callable[[dict[str, Any]], str] = lambda body: "Answer: B"
    failures: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusals: int = 0


class Imitation(BaseHTTPRequestHandler):
    """Answers as the provider does."""

    provider: Provider
    served: Served
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        self._say(404, {"error": {"message": "no such page"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        address, base = urlsplit(self.path), urlsplit(self.provider.base_url)
        wanted = (base.netloc, f"{base.path}/chat/completions", base.query)
        if (address.netloc, address.path, address.query) != wanted:
            self._say(404, {"error": {"message": f"no {self.path}"}})
        elif KEY not in self.headers.get(self.provider.key_header, ""):
            self._say(401, dict(self.provider.unauthorized))
        elif self.served.failures:
            status, headers, said = self.served.failures.pop(0)
            self._say(status, said, **headers)
        elif refusal := self.provider.refuses(body):
            self.served.refusals += 1
            self._say(*refusal)
        else:
            self.served.asked.append(body)
            self._stream(body) if body.get("stream") else self._whole(body)

    def _whole(self, body: dict[str, Any]) -> None:
        message = {"role": "assistant", "content": self.served.reply(body), **self.provider.message}
        choice = {"index": 0, "message": message, "finish_reason": "stop", **self.provider.choice}
        said = json.dumps({"choices": [choice], "usage": USAGE}, ensure_ascii=False)
        self._send(200, self.provider.waits[0] + said, "application/json")

    def _stream(self, body: dict[str, Any]) -> None:
        text = self.served.reply(body)
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{key: value, "content": None} for key, value in self.provider.message.items()]
        deltas += [{"content": text[:4]}, {"content": text[4:]}]
        chunks = [*self.provider.first, *({"choices": [{"delta": each}]} for each in deltas)]
        end = {"index": 0, "delta": {}, "finish_reason": "stop", **self.provider.choice}
        chunks += [{"choices": [end]}, {"choices": [], "usage": USAGE}]
        data = [json.dumps(each, ensure_ascii=False) for each in chunks]
        said = "".join(f"data: {each}\n\n" for each in [*data, "[DONE]"])
        self._send(200, self.provider.waits[1] + said, "text/event-stream")

    def _say(self, status: int, data: dict[str, Any], **headers: str) -> None:
        content = json.dumps(data, ensure_ascii=False)
        self._send(status, content, "application/json", **headers)

    def _send(self, status: int, text: str, kind: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(provider: Provider) -> Iterator[Served]:
    """A proxy behind which the provider is."""
    served = Served()
    imitation = type("Made", (Imitation,), {"provider": provider, "served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), imitation)
    server.daemon_threads = True
    served.proxy = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
