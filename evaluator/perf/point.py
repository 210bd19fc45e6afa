"""One point: a warm-up, then the measured requests, and everything that was seen meanwhile."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil, inf
from time import monotonic, process_time
from typing import Any

from evaluator.dashboard.screen import background
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.errors import RunStopped, ServerError, UsageError
from evaluator.perf.accuracy import Questions
from evaluator.perf.figures import figures
from evaluator.perf.load import Load, Traffic, closed_loop, open_loop
from evaluator.perf.options import Options
from evaluator.perf.progress import Progress
from evaluator.perf.schedule import arrivals
from evaluator.perf.server import Server
from evaluator.perf.workload import Workload, fingerprint
from evaluator.types import Request

OPEN_LOOP_WARMUP = 4


@dataclass(frozen=True, slots=True)
class Bench:
    """What all points of a run have in common.  `nonce` keeps two runs' cache salts apart."""

    options: Options
    workload: Workload
    progress: Progress
    questions: Questions | None = None
    nonce: str = ""

    async def point(self, server: Server, load: Load, repeat: int) -> dict[str, Any]:
        """The point's figures.  Raises ServerError or RunStopped where there are none."""
        label = f"{server.arm.name}, {load.label}, repeat {repeat}"
        part = f"{load.label}/{repeat}"
        await self.warm_up(server, load, part, label)
        await server.cool()
        planned = self.planned(load)
        drawn = self.requests(server, part)
        requests = drawn if planned is None else iter(list(islice(drawn, planned)))
        traffic, check = Traffic(server.wire.timed), SelfCheck()
        self.progress.begin(label, traffic, planned)
        self.progress.check = check
        gc.collect()
        gc.freeze()  # a look at everything that was there before would stop the clock for long
        async with server.watched() as watch, background(check.watch()):
            begin, cpu = monotonic(), process_time()
            await self.drive(traffic, requests, load, repeat, planned)
            spent = (process_time() - cpu) / (monotonic() - begin)
        gc.unfreeze()
        self.refuse(traffic, label, planned)
        if self.options.seconds and planned is None and next(requests, None) is None:
            raise UsageError(
                f"the prompts ran out before the time at {label}: {len(traffic.trips)} of them; "
                "give --requests, or more prompts"
            )
        found = figures(traffic.trips, traffic.peak, self.options.slo)
        if load.rate == inf:
            found["steady"] = None  # what is sent at once is all drain
        return {
            "arm": server.arm.name,
            "load": load.label,
            "concurrency": load.concurrency,
            "rate": None if load.rate == inf else load.rate,
            "burstiness": None if load.burstiness == inf else load.burstiness,
            "repeat": repeat,
            "cache": server.cache,
            **found,
            "server": watch.figures(),
            "client": {"cpu": spent, "lag": check.worst_lag, "bound_share": check.bound_share},
            "accuracy": await self.questions.score(traffic.trips) if self.questions else None,
        }

    async def warm_up(self, server: Server, load: Load, part: str, label: str) -> None:
        """Requests that open connections and wake the server, and count nowhere."""
        usual = OPEN_LOOP_WARMUP if load.concurrency is None else load.concurrency
        count = usual if self.options.warmup is None else self.options.warmup
        traffic = Traffic(server.wire.timed)
        self.progress.begin(f"{label}, warm-up", traffic, None)
        requests = islice(self.requests(server, f"{part}/warm-up"), count)
        await closed_loop(traffic, requests, load.concurrency or max(1, count))
        if count:
            self.refuse(traffic, f"{label}, warm-up", None)

    async def drive(
        self,
        traffic: Traffic,
        requests: Iterator[Request],
        load: Load,
        repeat: int,
        planned: int | None,
    ) -> None:
        """Sends the requests as the load wants it."""
        if load.concurrency is not None:
            await closed_loop(traffic, requests, load.concurrency, self.options.seconds or inf)
            return
        seed = self.options.seed * 1000 + repeat
        times = arrivals(planned or 0, load.rate or inf, load.burstiness, seed)
        await open_loop(traffic, requests, times)

    @property
    def most(self) -> int | None:
        """Requests that a point can have; None where there is no bound."""
        rows, asked = self.workload.about.get("rows"), self.options.requests
        if rows is None or self.questions:
            return rows or asked
        if (asked or 0) > rows:
            raise UsageError(
                f"--requests {asked}: there are only {rows} prompts, and one that is sent twice "
                "would be answered from the prefix cache"
            )
        return asked or rows

    def planned(self, load: Load) -> int | None:
        """Requests of a point; None where the time decides.  Raises UsageError where too few."""
        if self.options.seconds:
            return None if load.rate is None else max(1, ceil(load.rate * self.options.seconds))
        exactly = self.options.requests or self.questions
        count = self.most if exactly else min(self.most or inf, load.usual_requests)
        if load.concurrency and (count or 0) < load.concurrency:
            raise UsageError(
                f"{count} requests are too few for {load.label}; give 8 for each slot, say"
            )
        return int(count or 0)

    def requests(self, server: Server, part: str) -> Iterator[Request]:
        """The part's requests for this server."""
        kind, salt = str(self.workload.about["kind"]), fingerprint([self.nonce, part])
        for number, body in self.workload.draw(part):
            yield server.request(kind, number, body, salt)

    def refuse(self, traffic: Traffic, label: str, planned: int | None) -> None:
        """Raises where there is nothing to make figures of."""
        if traffic.down:
            raise ServerError(f"the server died at {label}: {traffic.down}")
        if planned and len(traffic.trips) < planned:
            raise UsageError(f"the prompts ran out at {label}: {len(traffic.trips)} of {planned}")
        if not traffic.trips:
            raise RunStopped(f"nothing was sent at {label}; give more --seconds")
        failed = [trip.error for trip in traffic.trips if trip.error]
        if len(failed) == len(traffic.trips):
            raise RunStopped(f"every request failed at {label}: {failed[-1]}")
