"""Where the clients of a run are: processes of this machine, or tasks of a Ray cluster."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from evaluator.options.settings import Settings
from evaluator.processes.child import Begin, command

COMMAND = (sys.executable, "-m", "evaluator.runs.clients.client")


@asynccontextmanager
async def begin_clients(settings: Settings) -> AsyncIterator[Begin]:
    """What starts one, as long as this is open.  Raises UsageError where no cluster answers."""
    if settings.clients_on == "local":
        yield command(COMMAND)
        return
    from evaluator.processes.ray_tasks import RayTasks, connected
    from evaluator.runs.clients.client import serve

    async with RayTasks(connected()) as tasks:
        yield tasks.running(serve)


def variables(settings: Settings) -> dict[str, str]:
    """What a client on another machine needs of the environment: keys, proxies, certificates."""
    names = {*settings.api_key_env, *settings.judge.api_key_env}
    names |= {*settings.header_env.values(), *settings.judge.header_env.values(), "SSL_CERT_FILE"}
    names |= {name for name in os.environ if name.lower().endswith("_proxy")}
    return {name: os.environ[name] for name in names if name in os.environ}
