"""`eval`: serve the models, evaluate each, show their comparison, take the servers down."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..commands import foreground
from ..commands.each import run_each
from ..commands.endpoints_file import VARIABLE, ServedEndpoint, endpoints_file
from ..commands.fleet_file import names_of_fleet, run_fleet_file
from ..commands.per_model import model_names
from ..commands.servers import names_of
from ..errors import UsageError
from ..fleet_options import FleetOptions
from ..locale import N_
from ..options import EachOptions, EvalOptions
from ..processes.signals import Signals
from ..progress import Progress
from .command_lines import (
    OF_EACH,
    OF_SERVERS,
    RUNNING,
    Words,
    each_options,
    each_words,
    evaluate_all,
    evaluate_at,
    fleet_options,
    installation,
    refuse_without_effect,
)
from .request import Evaluation, evaluation, names

FINISHED = (0, 1, 3)  # exit codes of `each` after which the results of all models are shown


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """The steps. `each` is None where no server is started; `last` is empty after one server.

    `judge` is that of a fleet, which no option names.
    """

    each: EachOptions | FleetOptions | None
    each_words: Words
    last: Words
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What an evaluation starts: each of `servers` serves one of `models` or more."""

    each: EachOptions | FleetOptions
    servers: Sequence[str]
    models: Sequence[str]
    judge: str = ""


def evaluation_plan(options: EvalOptions, environment: dict[str, str]) -> EvaluationPlan:
    """Which steps an evaluation takes, as a pure function of its options."""
    request = evaluation(options, environment)
    if urls := names(options.endpoint):
        refuse_without_effect(options, OF_SERVERS, RUNNING)
        dry_run = ("--dry-run",) if options.dry_run else ()
        return EvaluationPlan(None, (), (*evaluate_at(request, urls), *dry_run))
    check_chat_template(request, options)
    fleet = options.fleet
    served = of_fleet(request, options, fleet) if fleet else of_models(request, options)
    check_out(request, served.models)
    last: Words = ()
    if options.dry_run:
        last = evaluate_all(request, served.models, "--dry-run")
    elif len(served.servers) > 1:  # the models of one server are compared beside it
        last = evaluate_all(request, served.models, "--replay", "--progress", "none")
    return EvaluationPlan(served.each, each_words(request, options), last, served.judge)


def of_fleet(request: Evaluation, options: EvalOptions, fleet: Path) -> Served:
    """The servers that a file names.  Raises UsageError for options that contradict it."""
    refuse_without_effect(options, OF_EACH, N_("{file} says what is served", file=fleet))
    if request.judge_to_serve:
        raise UsageError(
            N_(
                "--judge {judge!r} (JUDGE=): give it a [[server]] in {fleet} with role = "
                '"judge", or name where it runs: --judge-endpoint (JUDGE_ENDPOINT=)',
                judge=request.judge,
                fleet=fleet,
            )
        )
    each = fleet_options(options, fleet)
    found = names_of_fleet(each)
    each = replace(each, prepare=installation(options, found.engines))
    return Served(each, found.words, found.models, found.judge)


def of_models(request: Evaluation, options: EvalOptions) -> Served:
    """The servers of the models that options name, one after the other."""
    servers = model_names(",".join(request.models), request.recipe, options.presets)
    flags = shlex.split(options.server_args)
    models = [name for server in servers for name in names_of(server, flags, options.presets)]
    return Served(each_options(request, options, servers), servers, models)


def check_chat_template(request: Evaluation, options: EvalOptions) -> None:
    """Raises UsageError where the engine takes none with a request."""
    if request.chat_template and options.engine not in (None, "vllm"):
        raise UsageError(
            N_(
                "--chat-template (CHAT_TEMPLATE=) travels with each request, which vLLM alone "
                "takes; give {engine!r} a flag of its own: --server-args (SERVER_ARGS=)",
                engine=options.engine,
            )
        )


def check_out(request: Evaluation, models: Sequence[str]) -> None:
    """Raises UsageError where several models would share a folder."""
    if len(models) > 1 and request.out and "{model}" not in request.out:
        raise UsageError(
            N_(
                "--out {out!r} (OUT=): several models in one folder; give {folder}/{{model}}",
                out=request.out,
                folder=request.out.rstrip("/"),
            )
        )


def run_evaluation(options: EvalOptions, signals: Signals, progress: Progress) -> int:
    """The exit code of the last step if it failed, else that of `each`."""
    plan = evaluation_plan(options, dict(os.environ))
    if plan.each is None:
        foreground.become(plan.last)
    if isinstance(plan.each, FleetOptions):
        code = run_fleet_file(plan.each, plan.each_words, signals, progress)
    else:
        code = run_each(plan.each, plan.each_words, signals, progress)
    if not plan.last or code not in FINISHED or signals.received:
        return code
    judge = [asdict(ServedEndpoint("judge", plan.judge, None))] if plan.judge else []
    with endpoints_file(judge, []) as file:  # its verdicts are replayed too
        environment = {**os.environ, **({VARIABLE: str(file.path)} if judge else {})}
        return foreground.run(plan.last, environment, signals) or code
