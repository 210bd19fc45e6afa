"""One point: a warm-up, then the measured requests, and everything that was seen meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from evaluator.client.watch import MetricsWatch
from evaluator.digest import digest
from evaluator.errors import RunStopped, ServerError, UsageError
from evaluator.locale import N_
from evaluator.perf.clients.load_clients import LoadClients
from evaluator.perf.load.benchmark_prompts import BenchmarkPrompts
from evaluator.perf.load.generator import Load
from evaluator.perf.load.sending import Part, SentPart
from evaluator.perf.load.server import MeasuredServer
from evaluator.perf.load.workload import Workload
from evaluator.perf.options import SweepOptions
from evaluator.perf.report.figures import Setting, perf_point
from evaluator.results.perf_point import PerfPoint, ServerFigures, ServerTtft

OPEN_LOOP_WARMUP = 4


@dataclass(frozen=True, slots=True)
class PointRunner:
    """What all points of a run have in common.

    `scored` are the prompts whose replies are scored; `nonce` keeps two runs' cache salts apart.
    """

    options: SweepOptions
    workload: Workload
    clients: LoadClients
    scored: BenchmarkPrompts | None = None
    nonce: str = ""

    async def measure(self, server: MeasuredServer, load: Load, repeat: int) -> PerfPoint:
        """The point's figures.  Raises ServerError or RunStopped where there are none."""
        name = f"{load.label}/{repeat}"
        sent, seen = await self.sent(server, load, repeat, name)
        while self.clients.grow(sent, load):  # the figures would be the clients' own
            another = f"{name}/{self.clients.count} clients"  # what was sent may be cached
            sent, seen = await self.sent(server, load, repeat, another)
        accuracy = await self.scored.score(sent.timed) if self.scored else None
        setting = Setting(server.name, load, repeat, server.cache)
        return perf_point(setting, sent, self.options.slo, server_figures(seen), accuracy)

    async def sent(
        self, server: MeasuredServer, load: Load, repeat: int, name: str
    ) -> tuple[SentPart, MetricsWatch]:
        """What came of all requests, and what the server's metrics said meanwhile."""
        label, planned = f"{server.name}, {load.label}, repeat {repeat}", self.planned(load)
        seconds, seed = self.options.seconds or inf, self.options.seed * 1000 + repeat
        part = Part(name, load, self.salt(name), planned, seconds, seed)
        await self.warm_up(server, part, label)
        await server.empty_cache()
        async with server.watched() as metrics:
            sent = await self.clients.send(server, part, label, planned)
        refuse_empty(sent, label, planned)
        if sent.ran_out:
            raise UsageError(
                N_(
                    "the prompts ran out before the time at {label}: {count} of them; give "
                    "--requests, or more prompts",
                    label=label,
                    count=len(sent.timed),
                )
            )
        return sent, metrics

    async def warm_up(self, server: MeasuredServer, part: Part, label: str) -> None:
        """Requests that open connections and wake the server, and count nowhere."""
        usual = part.load.concurrency or max(OPEN_LOOP_WARMUP, self.clients.count)
        count = usual if self.options.warmup is None else self.options.warmup
        load = Load(part.load.concurrency or max(self.clients.count, count))
        name = f"{part.name}/warm-up"
        warming = replace(part, name=name, load=load, salt=self.salt(name), count=count)
        label = f"{label}, warm-up"
        sent = await self.clients.send(server, replace(warming, seconds=inf), label, None)
        if count:
            refuse_empty(sent, label, None)
        server.stop_guessing()

    def salt(self, name: str) -> str:
        """What keeps the prompts of a part, and of this run, apart in a server's cache."""
        return digest([self.nonce, name])

    @property
    def most(self) -> int | None:
        """Requests that a point can have; None where there is no bound."""
        rows, asked = self.workload.size, self.options.requests
        if rows is None or self.scored:
            return rows or asked
        if (asked or 0) > rows:
            raise UsageError(
                N_(
                    "--requests {asked}: there {rows:is|are} only {rows} {rows:prompt|prompts}, "
                    "and one that is sent twice would be answered from the prefix cache",
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
                    "{count} {count:request is|requests are} too few for {label}; give 8 for each "
                    "slot, say",
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
                        "{label} needs {needed} {needed:prompt|prompts}, and there {rows:is|are} "
                        "only {rows}",
                        label=load.label,
                        needed=needed,
                        rows=rows,
                    )
                )


def server_figures(metrics: MetricsWatch) -> ServerFigures | None:
    """The server's own figures over the time that was watched; None where it tells nothing."""
    before, after = metrics.before, metrics.latest
    if not (before and after):
        return None
    first = after.ttft.since(before.ttft)
    return ServerFigures(
        prefix_hit_rate=metrics.prefix_hit_rate,
        most_kv_cache_use=metrics.most_kv_cache_use,
        most_waiting=metrics.most_waiting,
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


def refuse_empty(sent: SentPart, label: str, planned: int | None) -> None:
    """Raises where there is nothing to make figures of."""
    if sent.down:
        raise ServerError(N_("the server died at {label}: {down}", label=label, down=sent.down))
    if planned and len(sent.timed) < planned:
        raise UsageError(
            N_(
                "the prompts ran out at {label}: {count} of {planned}",
                label=label,
                count=len(sent.timed),
                planned=planned,
            )
        )
    if not sent.timed:
        raise RunStopped(N_("nothing was sent at {label}; give more --seconds", label=label))
    failed = [each.error for each in sent.timed if each.error]
    if len(failed) == len(sent.timed):
        raise RunStopped(
            N_("every request failed at {label}: {reason}", label=label, reason=failed[-1])
        )
