"""What run.json says of a run and of what it took.  Never a secret."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version

from evaluator.client.concurrency import ConcurrencyController
from evaluator.client.pool import Pool
from evaluator.client.transport import chosen
from evaluator.client.watch import EVERY, Peaks
from evaluator.dashboard.meter import Meter
from evaluator.digest import content_digest
from evaluator.engine.form import NEUTRAL
from evaluator.engine.task import Task
from evaluator.judging.judges import judges, read_prompt
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.settings import Settings
from evaluator.results.run import BenchmarkInfo, JudgingInfo, OriginInfo, RunInfo
from evaluator.results.session import ClientLoad, Concurrency, RoleServing
from evaluator.results.timeline import KvCacheUse
from evaluator.runs.noise import served


def description(settings: Settings, tasks: Sequence[Task]) -> RunInfo:
    """What the run is, before anything is sent."""
    servers = served(settings)
    return RunInfo(
        run=settings.out.name,
        model=settings.model,
        judge=judge_names(settings, {role for task in tasks for role in task.roles}),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=0.0,
        requests=0,
        replayed=0,
        evaluator=version("evaluator"),
        limit=settings.limit,
        settings=settings.recorded(),
        endpoints=servers.endpoints,
        gpus=servers.gpus,
        sent_where_taken=NEUTRAL,
        transport=sorted({chosen(url, settings.transport) for url in settings.base_url}),
        prices=settings.role_prices(models_by_role(settings, tasks)) or None,
        benchmarks={task.benchmark.name: benchmark_info(settings, task) for task in tasks},
    )


def models_by_role(settings: Settings, tasks: Sequence[Task]) -> dict[str, str]:
    """The name of the model behind each role of the tasks."""
    roles = {role for task in tasks for role in task.roles}
    named = {judge.role: judge.model for judge in judges(settings) if judge.role in roles}
    return {"model": settings.model, **named}


def benchmark_info(settings: Settings, task: Task) -> BenchmarkInfo:
    """How one benchmark is asked: what a report needs to know besides its outcomes."""
    of = task.benchmark
    own = settings.dataset_args.get(of.name, DatasetArgs())
    judge = judge_names(settings, set(task.roles))
    return BenchmarkInfo(
        title=of.title,
        metric=of.metric,
        scale=of.scale,
        samples=task.total,
        shots=task.shots,
        repeats=task.repeats,
        params=dict(task.params),
        mode=task.mode,
        protocol=task.protocol,
        api=task.form.api,
        system=task.form.system,
        prompt_template=task.form.prompt_template,
        shots_as_turns=task.form.shots_as_turns,
        chat_template=text_digest(task.form.chat_template),
        data=task.data,
        origin=OriginInfo(**asdict(task.origin)) if task.origin else None,
        deviations=list(task.deviations),
        categories=dict(of.categories),
        about=list(task.notes),
        language="zh" if tuple(of.languages) == ("zh",) else "",
        summarizes=of.summarize is not None,
        limit=settings.limit if own.limit is None else own.limit,
        subsets=sorted(own.subset_list),
        source=settings.data or ("mirror" if settings.data_dir else "hub"),
        judge=judge,
        judging=judging_info(settings) if judge else None,
    )


def judging_info(settings: Settings) -> JudgingInfo:
    """How the judges are asked."""
    judge = settings.judge
    prompt = read_prompt(judge.prompt) if judge.prompt else ""
    return JudgingInfo(params=judge.param, prompt=text_digest(prompt), pooled=judge.pooled)


def judge_names(settings: Settings, roles: set[str]) -> str | None:
    """The judges among these roles; None where there is none."""
    return ", ".join(judge.model for judge in judges(settings) if judge.role in roles) or None


def text_digest(text: str) -> str:
    """A name for a text: 16 hex digits; empty for none."""
    return content_digest(text) if text else ""


def with_serving(
    info: RunInfo,
    pools: Sequence[Pool],
    meter: Meter,
    steering: Mapping[Pool, ConcurrencyController],
) -> RunInfo:
    """The same, with how the endpoints and the client did in this session."""
    model = meter.pools["model"]
    endpoints = [endpoint for pool in pools for endpoint in pool.endpoints]
    check = meter.check
    return replace(
        info,
        faults=dict(sum((pool.faults for pool in pools), Counter()).most_common()),
        refused={each.transport.url: each.refusals for each in endpoints if each.refusals},
        adapted={each.transport.url: dict(each.adapted) for each in endpoints if each.adapted},
        client=ClientLoad(
            cpu=check.cpu,
            lag=check.lag,
            bound_share=check.bound_share,
            processes=check.processes,
        ),
        concurrency=concurrency(model, steering.get(model)),
        prefix_hit_rate=meter.prefix_hit_rate,
        kv_cache=kv_cache(meter.metrics.kv_cache_use),
        roles={role: of_role(pool, steering.get(pool)) for role, pool in meter.others.items()},
    )


def kv_cache(seen: Peaks) -> KvCacheUse | None:
    """The use of the KV cache over the session; None where no server told it."""
    if not seen.values:
        return None
    shares = [round(each, 4) for each in seen.values]
    return KvCacheUse(step=EVERY * seen.per_value, shares=shares)


def concurrency(pool: Pool, steering: ConcurrencyController | None) -> Concurrency:
    """How many were in flight per endpoint at the end, and why."""
    if steering is None:
        return Concurrency(slots=pool.slots, knee=None, reason="given")
    return Concurrency(slots=pool.slots, knee=steering.knee, reason=steering.reason)


def of_role(pool: Pool, steering: ConcurrencyController | None) -> RoleServing:
    """What another role than the model was asked, and how hard."""
    at_the_end = concurrency(pool, steering)
    return RoleServing(
        model=pool.model,
        replies=pool.replies,
        output_tokens=None if pool.uncounted else pool.output_tokens,
        seconds=pool.latency,
        slots=at_the_end.slots,
        knee=at_the_end.knee,
        reason=at_the_end.reason,
    )
