"""One point: a warm-up, then the measured requests, and everything that was seen meanwhile."""

import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from math import ceil, inf
from time import monotonic, process_time

from evaluator.client.watch import MetricsWatch
from evaluator.dashboard.screen import background
from evaluator.dashboard.selfcheck import SelfCheck
from evaluator.digest import digest
from evaluator.errors import RunStopped, ServerError, UsageError
from evaluator.locale import N_
from evaluator.perf.load.benchmark_prompts import BenchmarkPrompts
from evaluator.perf.load.generator import Load, Traffic, closed_loop, open_loop
from evaluator.perf.load.schedule import arrivals
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.workload import Workload
from evaluator.perf.options import SweepOptions
from evaluator.perf.progress import SweepProgress
from evaluator.perf.report.figures import Setting, perf_point
from evaluator.results.perf_point import ClientFigures, PerfPoint, ServerFigures, ServerTtft
from evaluator.types import Request

OPEN_LOOP_WARMUP = 4


@dataclass(slots=True)
class Observed:
    """What was seen of server and client while requests were sent."""

    metrics: MetricsWatch
    check: SelfCheck
    cpu: float = 0.0  # share of one core that the client took

    @property
    def client(self) -> ClientFigures:
        return ClientFigures(
            cpu=self.cpu, lag=self.check.worst_lag, bound_share=self.check.bound_share
        )

    @property
    def server(self) -> ServerFigures | None:
        """None where the server tells nothing."""
        before, after = self.metrics.before, self.metrics.latest
        if not (before and after):
            return None
        first = after.ttft.since(before.ttft)
        return ServerFigures(
            prefix_hit_rate=self.metrics.prefix_hit_rate,
            most_kv_cache_use=self.metrics.most_kv_cache_use,
            most_waiting=self.metrics.most_waiting,
            preemptions=after.preemptions - before.preemptions,
            prompt_tokens=after.prompt_tokens - before.prompt_tokens,
            output_tokens=after.output_tokens - before.output_tokens,
            ttft=ServerTtft(
                mean=first.mean,
                p50=first.quantile(0.5),
                p90=first.quantile(0.9),
                p99=first.quantile(0.99),
            ),
        )


@dataclass(frozen=True, slots=True)
class PointRunner:
    """What all points of a run have in common.

    `scored` are the prompts whose replies are scored; `nonce` keeps two runs' cache salts apart.
    """

    options: SweepOptions
    workload: Workload
    progress: SweepProgress
    scored: BenchmarkPrompts | None = None
    nonce: str = ""

    async def measure(self, server: MeasuredServer, load: Load, repeat: int) -> PerfPoint:
        """The point's figures.  Raises ServerError or RunStopped where there are none."""
        label = f"{server.name}, {load.label}, repeat {repeat}"
        part = f"{load.label}/{repeat}"
        await self.warm_up(server, load, part, label)
        await server.empty_cache()
        planned = self.planned(load)
        drawn = self.requests(server, part)
        requests = drawn if planned is None else iter(list(islice(drawn, planned)))
        traffic = Traffic(server.timed)
        self.progress.begin(label, traffic, planned)
        before = server.reconnected
        async with self.observed(server) as seen:
            await self.drive(traffic, requests, load, repeat, planned)
        traffic.reconnected = server.reconnected - before
        refuse_empty(traffic, label, planned)
        if self.options.seconds and planned is None and next(requests, None) is None:
            raise UsageError(
                N_(
                    "the prompts ran out before the time at {label}: {count} of them; give "
                    "--requests, or more prompts",
                    label=label,
                    count=len(traffic.timed),
                )
            )
        accuracy = await self.scored.score(traffic.timed) if self.scored else None
        endpoint = server.endpoint
        differs = {"refused": endpoint.refusals, "adapted": endpoint.adapted}
        setting = Setting(server.name, load, repeat, server.cache, **differs)
        return perf_point(setting, traffic, self.options.slo, seen.server, seen.client, accuracy)

    async def warm_up(self, server: MeasuredServer, load: Load, part: str, label: str) -> None:
        """Requests that open connections and wake the server, and count nowhere."""
        usual = OPEN_LOOP_WARMUP if load.concurrency is None else load.concurrency
        count = usual if self.options.warmup is None else self.options.warmup
        traffic = Traffic(server.timed)
        self.progress.begin(f"{label}, warm-up", traffic, None)
        requests = islice(self.requests(server, f"{part}/warm-up"), count)
        await closed_loop(traffic, requests, load.concurrency or max(1, count))
        if count:
            refuse_empty(traffic, f"{label}, warm-up", None)
        server.stop_guessing()

    @asynccontextmanager
    async def observed(self, server: MeasuredServer) -> AsyncIterator[Observed]:
        """Watches server and client while the block runs; complete when it has ended."""
        self.progress.check = check = SelfCheck()
        gc.collect()
        gc.freeze()  # a look at everything that was there before would stop the clock for long
        try:
            async with server.watched() as metrics, background(check.watch()):
                seen = Observed(metrics, check)
                begin, cpu = monotonic(), process_time()
                yield seen
                seen.cpu = (process_time() - cpu) / (monotonic() - begin)
        finally:
            gc.unfreeze()

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
        rows, asked = self.workload.size, self.options.requests
        if rows is None or self.scored:
            return rows or asked
        if (asked or 0) > rows:
            raise UsageError(
                N_(
                    "--requests {asked}: there are only {rows} prompts, and one that is sent "
                    "twice would be answered from the prefix cache",
                    asked=asked,
                    rows=rows,
                )
            )
        return asked or rows

    def planned(self, load: Load) -> int | None:
        """Requests of a point; None where the time decides.  Raises UsageError where too few."""
        if self.options.seconds:
            return None if load.rate is None else max(1, ceil(load.rate * self.options.seconds))
        exactly = self.options.requests or self.scored
        count = self.most if exactly else min(self.most or inf, load.usual_requests)
        if load.concurrency and (count or 0) < load.concurrency:
            raise UsageError(
                N_(
                    "{count} requests are too few for {label}; give 8 for each slot, say",
                    count=count,
                    label=load.label,
                )
            )
        return int(count or 0)

    def check_prompts(self, loads: Sequence[Load]) -> None:
        """Raises UsageError where any load needs more prompts than there are."""
        rows = inf if self.workload.size is None else self.workload.size
        for load in loads:
            slots = 0 if self.options.requests else load.concurrency or 0
            needed = slots if slots > rows else self.planned(load) or 0
            if needed > rows:
                raise UsageError(
                    N_(
                        "{label} needs {needed} prompts, and there are only {rows}",
                        label=load.label,
                        needed=needed,
                        rows=rows,
                    )
                )

    def requests(self, server: MeasuredServer, part: str) -> Iterator[Request]:
        """The part's requests for this server."""
        salt = digest([self.nonce, part])
        for number, body in self.workload.draw(part):
            yield server.request(self.workload.kind, number, body, salt)


def refuse_empty(traffic: Traffic, label: str, planned: int | None) -> None:
    """Raises where there is nothing to make figures of."""
    if traffic.down:
        raise ServerError(N_("the server died at {label}: {down}", label=label, down=traffic.down))
    if planned and len(traffic.timed) < planned:
        raise UsageError(
            N_(
                "the prompts ran out at {label}: {count} of {planned}",
                label=label,
                count=len(traffic.timed),
                planned=planned,
            )
        )
    if not traffic.timed:
        raise RunStopped(N_("nothing was sent at {label}; give more --seconds", label=label))
    failed = [each.error for each in traffic.timed if each.error]
    if len(failed) == len(traffic.timed):
        raise RunStopped(
            N_("every request failed at {label}: {reason}", label=label, reason=failed[-1])
        )
