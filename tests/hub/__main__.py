"""python -m tests.hub DATA [--port N] [--latency S]: the data sets of a mirror as a hub.

Prints the variables that point the real clients at it, and serves until it is stopped.
"""

import argparse
from pathlib import Path

from tests.hub.layouts import HUB, MODELSCOPE, authors_files, repositories
from tests.hub.server import Hub


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hub")
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    given = parser.parse_args()
    both = repositories(given.data, MODELSCOPE) | repositories(given.data, HUB)
    raw = dict(authors_files(given.data))
    hub = Hub(both, latency=given.latency, raw=raw, port=given.port)
    for name in ("HF_ENDPOINT", "MODELSCOPE_ENDPOINT", "GITHUB_RAW"):
        print(f"export {name}={hub.url}", flush=True)  # noqa: T201  # its output is its use
    hub.serve()


if __name__ == "__main__":
    main()
