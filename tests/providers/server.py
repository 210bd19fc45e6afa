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


@dataclass
class Served:
    """The proxy's address, what was asked of the provider, and what it replies."""

    proxy: str = ""
    reply: Callable[[dict[str, Any]], str] = lambda body: "Answer: B"
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusals: int = 0


@contextmanager
def serving(provider: Provider) -> Iterator[Served]:
    """A proxy behind which the provider is."""
    served = Served()
    base = urlsplit(provider.base_url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

        def do_GET(self) -> None:
            self._say(404, {"error": {"message": "no such page"}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            address = urlsplit(self.path)
            wanted = (base.netloc, f"{base.path}/chat/completions", base.query)
            if (address.netloc, address.path, address.query) != wanted:
                self._say(404, {"error": {"message": f"no {self.path}"}})
            elif KEY not in self.headers.get(provider.key_header, ""):
                self._say(401, {"error": {"message": "who is asking?"}})
            elif refusal := provider.refuses(body):
                served.refusals += 1
                self._say(*refusal)
            else:
                served.asked.append(body)
                message = {"role": "assistant", "content": served.reply(body)}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                usage = {"prompt_tokens": 9, "completion_tokens": 3}
                self._say(200, {"choices": [choice], "usage": usage})

        def _say(self, status: int, data: dict[str, Any]) -> None:
            content = json.dumps(data, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
