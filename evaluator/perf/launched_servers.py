"""The servers of `launch`, as what a throughput run measures."""

import asyncio
from dataclasses import replace

from rich.console import Console

from evaluator.errors import ServerError
from evaluator.locale import N_
from evaluator.options.endpoints import launched_for, launched_key, servers_to_come
from evaluator.options.values import key_in
from evaluator.report.terminal import plain_text
from evaluator.results.perf import Arm

LOOK_EVERY = 1.0  # seconds

NamedArm = tuple[str, Arm]


async def all_started(console: Console) -> None:
    """Returns once no server is still to come: a figure of a part of them would mislead."""
    told = False
    while missing := servers_to_come():
        if not told:
            words = f"waiting for {missing} more of the servers that `launch` starts"
            console.print(plain_text(words, "yellow"))
            told = True
        await asyncio.sleep(LOOK_EVERY)


def launched(model: str | None, every: list[int]) -> tuple[list[NamedArm], list[int]]:
    """The servers of `launch`, replicas as one; those started in turn say which round this is."""
    ours = launched_for(model, command="perf")
    named: dict[str, Arm] = {}
    for e in ours:
        name, url = e.get("name") or e["model"], e["base_url"]
        if url is None:
            raise ServerError(N_("a throughput run needs a server, and none was started yet"))
        if first := named.get(name):
            named[name] = replace(first, replicas=(*first.replicas, url))
        else:
            named[name] = Arm(model=e["model"], base_url=url, flags=tuple(e.get("flags", ())))
    rounds = [e["round"] for e in ours if "round" in e]
    return list(named.items()), rounds[:1] or every


def own_key(model: str) -> str:
    """The key of the model's servers; "" where they ask for none.  Raises UsageError."""
    return key_in(launched_key(model, "model"), "EVALUATOR_ENDPOINTS")
