"""Which endpoints of a pool answer.  One that does not is ejected, and probed until it is back."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from evaluator.client.address import listed
from evaluator.client.endpoint import Endpoint
from evaluator.client.transport import Transport, courtesy
from evaluator.client.urls import hosted, joined
from evaluator.errors import EvaluatorError, ServerError

PROBE_EVERY = 1.0  # seconds between probes of an endpoint that is down
LOOK_EVERY = 5.0  # seconds between looks for endpoints that are frozen
SILENT = 15.0  # seconds without progress after which an endpoint is asked whether it is there
TO_ANSWER = 10.0  # seconds that it has for that
NOT_THERE = (502, 503, 504)  # what a gateway answers in place of a server that does not
Died = Callable[[str], str]
FROZEN = "it takes requests and answers nothing"


class Health:
    """The health of the endpoints of one model.

    `given_up` is set once every endpoint has been down for `patience` seconds, or is known to have
    died: `died` says why the server at a URL will not be back, and is empty while it may.
    `changed` is called when an endpoint is back, and when all are given up.
    """

    def __init__(
        self,
        model: str,
        endpoints: Sequence[Endpoint],
        patience: float,
        changed: Callable[[], None],
        died: Died,
    ) -> None:
        self.given_up: ServerError | None = None
        self._model = model
        self._endpoints = endpoints
        self._patience = patience
        self._changed = changed
        self._died = died

    def eject(self, endpoint: Endpoint, reason: str, since: float) -> None:
        """Sends an endpoint no more requests until it answers again."""
        if endpoint.up:
            endpoint.down_since, endpoint.down_for = since, reason
            endpoint.probe = asyncio.create_task(self._probe(endpoint))

    async def watch(self) -> None:
        """Ejects endpoints that freeze, until cancelled; what waits there is sent elsewhere."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            silent = [each for each in self._endpoints if is_silent(each.transport)]
            await asyncio.gather(*(self._look_at(endpoint) for endpoint in silent if endpoint.up))
            if any(endpoint.up for endpoint in self._endpoints):
                for endpoint in silent:
                    if not endpoint.up:
                        endpoint.transport.liveness.end()

    async def _look_at(self, endpoint: Endpoint) -> None:
        """Ejects an endpoint that is silent and does not even answer for a page."""
        liveness = endpoint.transport.liveness
        since = monotonic() - liveness.silent
        if not await is_there(endpoint.transport) and is_silent(endpoint.transport):
            self.eject(endpoint, FROZEN, since)

    async def _probe(self, endpoint: Endpoint) -> None:
        # What is in flight at a frozen server has its whole time, for it may wake up.
        liveness = endpoint.transport.liveness
        frozen = endpoint.down_for == FROZEN
        patience = max(self._patience, liveness.limit if frozen else 0.0)
        while True:
            try:
                await listed(endpoint, self._model)
                break
            except EvaluatorError as error:
                if cause := self._death():
                    self._give_up(cause)
                    return
                late = monotonic() > endpoint.down_since + patience
                if late and not any(each.up for each in self._endpoints):
                    self._give_up(f"no endpoint has answered for {patience:g} s: {error}")
                    return
            await asyncio.sleep(PROBE_EVERY)
        endpoint.probe = None
        self._changed()

    def _death(self) -> str:
        """Why none of the servers will be back; empty where one may."""
        urls = [endpoint.transport.url for endpoint in self._endpoints]
        causes = [self._died(url) for url in urls]
        return f"the server at {urls[0]} died: {causes[0]}" if all(causes) else ""

    def _give_up(self, reason: str) -> None:
        self.given_up = ServerError(reason)
        for endpoint in self._endpoints:
            endpoint.transport.liveness.end()
        self._changed()


def is_silent(transport: Transport) -> bool:
    """Whether requests wait longer than a server of one's own usually takes to say anything."""
    return transport.liveness.silent > SILENT and not hosted(transport.url)


async def is_there(transport: Transport) -> bool:
    """Whether a server answers at all; any status will do, and no model has to work for it."""
    said = await courtesy(transport.exchange(joined(transport.url, "/health")), TO_ANSWER)
    return said is not None and said[0] not in NOT_THERE
