"""`python -m tests.stub`: prints the base_url as a JSON line and serves until killed."""

import asyncio
import signal
import sys
from argparse import ArgumentParser, Namespace

import orjson

from .faults import random_faults
from .replies import NAMED
from .server import serve
from .stub import Stub


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.stub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--reply", default="Answer: B", help=f"a text, or one of {[*NAMED]}")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to the first token")
    parser.add_argument("--jitter", type=float, default=0.0, help="uniform, +- this many seconds")
    parser.add_argument("--first-token", type=float, default=0.0, help="seconds, on top of that")
    parser.add_argument("--inter-token", type=float, default=0.0, help="seconds between tokens")
    parser.add_argument("--tokenizer-delay", type=float, default=0.0, help="seconds of /tokenize")
    parser.add_argument("--capacity", type=int, help="how many are served at once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", action="append", help="a served id; others get a 404")
    parser.add_argument("--max-model-len", type=int, default=32_768)
    parser.add_argument("--api-key")
    parser.add_argument("--no-metrics", action="store_true", help="/metrics answers 404")
    parser.add_argument("--prefix-cache", action="store_true", help="counted in /metrics")
    parser.add_argument("--fault", action="append", default=[], help="a status or a kind of fault")
    parser.add_argument("--fault-share", type=float, default=0.2, help="of the requests")
    return parser.parse_args()


def built(options: Namespace) -> Stub:
    kinds = [int(kind) if kind.isdigit() else kind for kind in options.fault]
    return Stub(
        reply=NAMED.get(options.reply, options.reply),
        faults=random_faults(options.fault_share, kinds, options.seed) if kinds else (),
        latency=options.latency,
        jitter=options.jitter,
        seed=options.seed,
        first_token=options.first_token,
        inter_token=options.inter_token,
        tokenizer_delay=options.tokenizer_delay,
        capacity=options.capacity,
        models=options.model,
        max_model_len=options.max_model_len,
        api_key=options.api_key,
        metrics=not options.no_metrics,
        prefix_cache=options.prefix_cache,
        record=False,
    )


async def main() -> None:
    options = arguments()
    until, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, until.set)

    def announce(port: int) -> None:
        line = orjson.dumps({"base_url": f"http://{options.host}:{port}/v1"}).decode()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    await serve(built(options), options.host, options.port, announce, until)


if __name__ == "__main__":
    asyncio.run(main())
