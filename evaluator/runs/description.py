"""run.json as data: what a run is, and what it took.  Never a secret."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

from evaluator.client.concurrency import Steering
from evaluator.client.pool import Pool
from evaluator.client.transport import chosen
from evaluator.dashboard.meter import Meter
from evaluator.engine.form import NEUTRAL, Form
from evaluator.engine.work import Work
from evaluator.judging.judges import judges, read_prompt
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.settings import Settings
from evaluator.runs.noise import served
from evaluator.types import Benchmark


def description(settings: Settings, works: Sequence[Work]) -> dict[str, Any]:
    """run.json: what the run is, without any secret."""
    return {
        "schema_version": 1,
        "run": settings.out.name,
        "model": settings.model,
        "judge": judge_names(settings, works),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
        "requests": 0,
        "replayed": 0,
        "faults": {},
        "evaluator": version("evaluator"),
        "limit": settings.limit,
        "settings": settings.recorded(),
        **served(settings),
        "sent_where_taken": NEUTRAL,
        "refused": {},
        "transport": sorted({chosen(url, settings.transport) for url in settings.base_url}),
        "benchmarks": {
            work.benchmark.name: {
                **work_description(work),
                **asked_for(settings, work.benchmark),
            }
            for work in works
        },
    }


def asked_for(settings: Settings, benchmark: Benchmark) -> dict[str, Any]:
    """The settings of one benchmark that its samples do not show."""
    own = settings.dataset_args.get(benchmark.name, DatasetArgs())
    asked = [judge.model for judge in judges(settings) if judge.role in benchmark.roles]
    return {
        "limit": settings.limit if own.limit is None else own.limit,
        "subsets": sorted(own.subset_list),
        "source": settings.data or ("mirror" if settings.data_dir else "hub"),
        "judge": ", ".join(asked) or None,
        "judging": judging_description(settings) if asked else None,
    }


def judging_description(settings: Settings) -> dict[str, Any]:
    """How the judges are asked; of a prompt of the user's own its hash."""
    prompt = read_prompt(settings.judge.prompt).encode() if settings.judge.prompt else b""
    return {
        "params": settings.judge.param,
        "prompt": blake2b(prompt, digest_size=8).hexdigest() if prompt else "",
        "pooled": settings.judge.pooled,
    }


def judge_names(settings: Settings, works: Sequence[Work]) -> str | None:
    """The judges that the run asks; None where it asks none."""
    asked = {role for work in works for role in work.benchmark.roles}
    return ", ".join(j.model for j in judges(settings) if j.role in asked) or None


def work_description(work: Work) -> dict[str, Any]:
    """What a report needs to know of a benchmark besides its outcomes."""
    return {
        "title": work.benchmark.title,
        "metric": work.benchmark.metric,
        "scale": work.benchmark.scale,
        "samples": work.total,
        "shots": work.shots,
        "repeats": work.repeats,
        "params": dict(work.params),
        "mode": work.mode,
        **form_description(work.form),
        "data": work.data,
        "origin": asdict(work.origin) if work.origin else None,
        "deviations": list(work.deviations),
        "categories": dict(work.benchmark.categories),
        "about": list(work.benchmark.about),
        "language": work.benchmark.language,
        "summarizes": work.benchmark.summarize is not None,
    }


def form_description(form: Form) -> dict[str, Any]:
    """How the model is asked; of a chat template its hash."""
    template = blake2b(form.chat_template.encode(), digest_size=8).hexdigest()
    return {
        "api": form.api,
        "system": form.system,
        "shots_as_turns": form.shots_as_turns,
        "chat_template": template if form.chat_template else "",
    }


def serving_description(
    pools: Sequence[Pool], meter: Meter, steering: Mapping[Pool, Steering]
) -> dict[str, Any]:
    """How the endpoints and the client did in this session."""
    model = meter.pools["model"]
    return {
        "faults": dict(sum((pool.faults for pool in pools), Counter()).most_common()),
        "refused": {
            endpoint.transport.url: dict(endpoint.refused)
            for pool in pools
            for endpoint in pool.endpoints
            if endpoint.refused
        },
        "adapted": {
            endpoint.transport.url: endpoint.adapted
            for pool in pools
            for endpoint in pool.endpoints
            if endpoint.adapted
        },
        "client": client_description(meter),
        "concurrency": concurrency_description(model, steering.get(model)),
        "roles": {
            role: role_description(pool, steering.get(pool)) for role, pool in meter.others.items()
        },
    }


def client_description(meter: Meter) -> dict[str, Any]:
    """How the client itself did: shares of a core and of the time in which it held things up."""
    check = meter.check
    return {"cpu": check.cpu, "lag": check.lag, "bound_share": check.bound_share}


def concurrency_description(pool: Pool, steering: Steering | None) -> dict[str, Any]:
    """How many were in flight per endpoint at the end, and why."""
    if steering is None:
        return {"slots": pool.slots, "knee": None, "reason": "given"}
    return {"slots": pool.slots, "knee": steering.knee, "reason": steering.reason}


def role_description(pool: Pool, steering: Steering | None) -> dict[str, Any]:
    """What another role than the model was asked, and how hard."""
    asked = {"model": pool.model, "replies": pool.replies, "output_tokens": pool.output_tokens}
    return {**asked, "seconds": pool.latency, **concurrency_description(pool, steering)}
