"""`perf`: serve a model, or configurations of it in turn, and measure how fast it is served."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ..commands import foreground
from ..commands.fleet import prepare
from ..commands.interleaved import run_interleaved
from ..commands.one_server import run_with_server
from ..commands.servers import asked_name
from ..declared import option_words
from ..locale import N_
from ..options import PerfOptions, TurnsOptions, WithOptions, of_servers
from ..processes.signals import Signals
from ..progress import Progress
from ..server.adapters import check_model, read_model
from ..server.machine import place
from .command_lines import (
    OF_SERVERS,
    RUNNING,
    Words,
    engines_of,
    evaluator,
    installation,
    refuse_without_effect,
)
from .request import names

PROMPTS = "--benchmark", "--workload", "--with-accuracy"
# For the demo model on the CPU, a load that ends in minutes: each part unless ARGS have another
DEMO_LOAD = {
    ("--concurrency", "1,8"): ("--rate", "--find-knee"),
    ("--prompt-tokens", "128"): PROMPTS,
    ("--output-tokens", "32"): (*PROMPTS, "--param"),
}


@dataclass(frozen=True, slots=True)
class ThroughputPlan:
    """`server` is None where the servers run already. `prepare` makes vLLM's environment."""

    command: Words
    server: WithOptions | TurnsOptions | None = None
    flags: Words = ()
    prepare: str = ""


def throughput_plan(options: PerfOptions, time_stamp: str) -> ThroughputPlan:
    """Which command measures, and beside which server. Each run has a folder of its own."""
    model = options.model or "demo"
    load = (*_load(model, shlex.split(options.args)), *option_words({"lang": options.lang}))
    flags = tuple(shlex.split(options.server_args))
    asked = model if options.endpoint else asked_name(model, flags, options.presets)
    named = () if options.configs else ("--model", asked)
    out = options.out if options.out is not None else _default_out(asked, time_stamp)
    command = (evaluator(), "perf", *named, *(("--out", out) if out else ()), *load)
    if urls := (*names(options.endpoint), *names(options.endpoint2)):
        refuse_without_effect(options, OF_SERVERS, RUNNING)
        addresses = (word for url in urls for word in ("--base-url", url))
        return ThroughputPlan((*command, *addresses))
    if options.configs:
        refuse_without_effect(
            options, ("tp", "replicas"), N_("each [[server]] has flags of its own")
        )
        turns = TurnsOptions(
            model=model,
            config=Path(options.configs).expanduser(),
            gpus=options.gpus,
            **of_servers(options),
        )
        return ThroughputPlan(
            command, turns, prepare=installation(options, engines_of(options, [model]))
        )
    beside = WithOptions(
        model=model,
        gpus=options.gpus,
        **of_servers(options),
        tp=options.tp,
        replicas=options.replicas,
    )
    return ThroughputPlan(
        command, beside, flags, installation(options, engines_of(options, [model]))
    )


def run_throughput(options: PerfOptions, signals: Signals, progress: Progress) -> int:
    """The exit code of `evaluator perf`."""
    plan = throughput_plan(options, time.strftime("%Y%m%d-%H%M%S"))
    foreground.check_command(plan.command)
    if plan.server:
        place(plan.server.gpus)  # a mistake is told before anything is installed
    if isinstance(plan.server, WithOptions):
        check_model(read_model(plan.server.model), plan.server.presets)
    prepare(plan.prepare)
    if isinstance(plan.server, TurnsOptions):
        return run_interleaved(plan.server, plan.command, signals, progress)
    if isinstance(plan.server, WithOptions):
        words = (*plan.flags, "--", *plan.command) if plan.flags else plan.command
        return run_with_server(plan.server, words, signals, progress)
    foreground.become(plan.command)


def _load(model: str, given: Sequence[str]) -> Words:
    """The words of ARGS, with what the demo model's load has beside them."""
    named = {word.partition("=")[0] for word in given}
    parts = DEMO_LOAD.items() if model == "demo" else ()
    own = (part for part, others in parts if named.isdisjoint((part[0], *others)))
    return (*given, *chain.from_iterable(own))


def _default_out(model: str, time_stamp: str) -> str:
    return f"runs/perf-{Path(model).name}-{time_stamp}"
