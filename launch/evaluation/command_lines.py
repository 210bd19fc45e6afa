"""The command lines of `evaluator` and of `launch` for an evaluation, as pure functions."""

import json
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..locale import N_
from ..options import EachOptions, EvalOptions, MeasureOptions, of_servers
from ..server.adapters import read_model
from ..server.engines import engine_of, environment_of
from ..server.presets import find_preset
from .request import Evaluation

OF_SERVERS = (
    "tp",
    "replicas",
    "presets",
    "engine",
    "engine_command",
)  # options that say nothing of a server that runs
OF_EACH = ("model", "models", "tp", "replicas", "judge_tp", "judge_replicas")  # not of a fleet
RUNNING = N_("the servers that --endpoint (ENDPOINT=) names run already")
DEMO_REPLY_TOKENS = 256  # the demo model rambles to any limit, as author and as judge

Words = tuple[str, ...]


def evaluator() -> str:
    """The `evaluator` program of the environment that runs this."""
    beside = Path(sys.executable).with_name("evaluator")
    return str(beside) if beside.exists() else "evaluator"


def evaluate_launched(request: Evaluation) -> Words:
    """Measures the model that it finds launched."""
    return (
        *(evaluator(), "run", *request.benchmarks),
        *_option("--config", request.config),
        *_option("--out", request.out),
        *_option("--data", request.data),
        *_option("--data-dir", request.data_dir),
        *_option("--limit", request.limit),
        *_option("--judge-model", request.judge_name),
        *_repeated("--judge-base-url", request.judge_urls),
        *_demo_reply_limits(request),
        *_option("--chat-template", request.chat_template),
        *request.evaluator_options,
    )


def evaluate_all(request: Evaluation, names: Iterable[str], *more: str) -> Words:
    """Measures every model by its name, and compares them."""
    return (*evaluate_launched(request), *_option("--models", " ".join(names)), *more)


def evaluate_at(request: Evaluation, base_urls: Iterable[str]) -> Words:
    """Measures every model at servers that run already."""
    return evaluate_all(request, request.models, *_repeated("--base-url", base_urls))


def each_options(request: Evaluation, options: EvalOptions, servers: Iterable[str]) -> EachOptions:
    """A server per model, only for what is not answered yet: a finished run is shown at once."""
    judges = (request.judge_to_serve,) if request.judge_to_serve else ()
    return EachOptions(
        models=",".join(request.models),
        recipe=request.recipe,
        gpus=options.gpus,
        **of_servers(options),
        judge=request.judge_to_serve,
        judge_gpus=request.judge_gpus,
        judge_tp=options.judge_tp,
        judge_replicas=options.judge_replicas,
        judge_server_args=options.judge_server_args,
        tp=options.tp,
        replicas=options.replicas,
        if_needed=True,
        prepare=installation(options, engines_of(options, (*servers, *judges))),
        dry_run=options.dry_run,
    )


def fleet_options(options: EvalOptions, config: Path) -> FleetOptions:
    """The models and the judge of a file, in place of those that are named."""
    return FleetOptions(
        config=config.expanduser(),
        gpus=options.gpus,
        **of_servers(options),
        if_needed=True,
        dry_run=options.dry_run,
    )


def each_words(request: Evaluation, options: EvalOptions) -> Words:
    """What follows the options of `each`: flags of vLLM and COMMAND."""
    # A template travels with each request, which vLLM must be told to accept
    trust = ("--trust-request-chat-template",) if request.chat_template else ()
    flags = (*trust, *shlex.split(options.server_args))
    command = evaluate_launched(request)
    return (*flags, "--", *command) if flags else command


def engines_of(
    options: MeasureOptions, models: Iterable[str], system: str = sys.platform
) -> list[str]:
    """By which engine each of the models is served."""
    presets = (find_preset(read_model(word).base, options.presets) for word in models)
    return [engine_of(each, options.engine, False, system) for each in presets]


def installation(
    options: MeasureOptions, engines: Iterable[str], system: str = sys.platform
) -> str:
    """The command that makes the environment of the engines; empty where there is one to use.

    One will do for all of them: that of vLLM has transformers too.
    """
    if not options.install or options.vllm_python:
        return ""
    needed = {environment_of(engine, bool(options.gpus), system) for engine in engines} - {""}
    return f"{options.install} {min(needed)}" if needed else ""


def refuse_without_effect(options: MeasureOptions, names: Iterable[str], why: str) -> None:
    """Raises UsageError for the first of these options that is given."""
    for name in names:
        if getattr(options, name) is not None:
            raise UsageError(
                N_(
                    "--{option} ({variable}=) would change nothing: {why}",
                    option=name.replace("_", "-"),
                    variable=name.upper(),
                    why=why,
                )
            )


def _demo_reply_limits(request: Evaluation) -> Words:
    if not request.is_demo:
        return ()
    judge = ("--judge-param", f"max_tokens={DEMO_REPLY_TOKENS}") if request.judge else ()
    if request.config or "alignbench" not in request.benchmarks:
        return judge
    limit = {"alignbench": {"param": {"max_tokens": DEMO_REPLY_TOKENS}}}
    return (*judge, "--dataset-args", json.dumps(limit))


def _option(name: str, value: str) -> Words:
    return (name, value) if value else ()


def _repeated(name: str, values: Iterable[str]) -> Words:
    return tuple(word for value in values for word in (name, value))
