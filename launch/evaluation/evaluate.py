"""`eval`: serve the models, evaluate each, show their comparison, take the servers down."""

import os
import shlex
from dataclasses import asdict, dataclass, replace

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
from .request import evaluation, names

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


def evaluation_plan(options: EvalOptions, environment: dict[str, str]) -> EvaluationPlan:
    """Which steps an evaluation takes, as a pure function of its options."""
    request = evaluation(options, environment)
    if urls := names(options.endpoint):
        refuse_without_effect(options, OF_SERVERS, RUNNING)
        dry_run = ("--dry-run",) if options.dry_run else ()
        return EvaluationPlan(None, (), (*evaluate_at(request, urls), *dry_run))
    if request.chat_template and options.engine not in (None, "vllm"):
        raise UsageError(
            N_(
                "--chat-template (CHAT_TEMPLATE=) travels with each request, which vLLM alone "
                "takes; give {engine!r} a flag of its own: --server-args (SERVER_ARGS=)",
                engine=options.engine,
            )
        )
    each: EachOptions | FleetOptions
    judge = ""
    if options.fleet:
        refuse_without_effect(
            options, OF_EACH, N_("{file} says what is served", file=options.fleet)
        )
        if request.judge_to_serve:
            raise UsageError(
                N_(
                    "--judge {judge!r} (JUDGE=): give it a [[server]] in {fleet} with role = "
                    '"judge", or name where it runs: --judge-endpoint (JUDGE_ENDPOINT=)',
                    judge=request.judge,
                    fleet=options.fleet,
                )
            )
        each = fleet_options(options, options.fleet)
        found = names_of_fleet(each)
        servers, every = found.words, found.models
        each = replace(each, prepare=installation(options, found.engines))
        judge = found.judge
    else:
        servers = model_names(",".join(request.models), request.recipe, options.presets)
        flags = shlex.split(options.server_args)
        every = [name for server in servers for name in names_of(server, flags, options.presets)]
        each = each_options(request, options, servers)
    if len(every) > 1 and request.out and "{model}" not in request.out:
        raise UsageError(
            N_(
                "--out {out!r} (OUT=): several models in one folder; give {folder}/{{model}}",
                out=request.out,
                folder=request.out.rstrip("/"),
            )
        )
    last: Words = ()
    if options.dry_run:
        last = evaluate_all(request, every, "--dry-run")
    elif len(servers) > 1:  # the models of one server are compared beside it
        last = evaluate_all(request, every, "--replay", "--progress", "none")
    return EvaluationPlan(each, each_words(request, options), last, judge)


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
