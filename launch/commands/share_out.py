"""How `each` shares out its GPUs among the models, and how its judge is served."""

import shlex
from collections.abc import Sequence

from ..errors import UsageError
from ..locale import N_
from ..options import EachOptions, ServerOptions, of_servers
from ..planning import ServerRequest, check_has_gpus, wished
from ..server.adapters import check_model, read_model
from ..server.layout import Size, lay_out
from ..server.placement import Placement, Want, check_apart, shares
from .servers import asked_name


def shared_out(
    options: EachOptions, models: Sequence[str], gpus: Placement, flags: tuple[str, ...]
) -> dict[str, int]:
    """How many GPUs each model is to have. Raises UsageError where they are too few for one."""
    requests = [
        ServerRequest(model, options, None, flags, options.tp, options.replicas) for model in models
    ]
    wants = [want(request, options.gpus_per_model) for request in requests]
    sizes = [1] * len(models) if gpus.on_cpu else shares(len(gpus.gpus), wants)
    for request, size in zip(requests, sizes, strict=True):
        check_layout(request, Placement(gpus.gpus[:size]))
    return dict(zip(models, sizes, strict=True))


def want(request: ServerRequest, per_model: int | None) -> Want:
    """What an option says, else what the model's preset says, else its part."""
    preset = request.preset
    wish = wished(request, preset)
    each = wish.per_replica
    asked = each * wish.replicas if each and wish.replicas else None
    title = read_model(request.model).title
    return Want(title, per_model or preset.gpus or asked, each or 1)


def check_layout(request: ServerRequest, placement: Placement) -> None:
    """Raises UsageError where the GPUs are too few for what is asked."""
    check_has_gpus(request)
    if not placement.on_cpu:
        lay_out(len(placement.gpus), wished(request, request.preset), Size())


def check_judge(options: EachOptions, models: Placement, judge: Placement) -> None:
    """Raises UsageError where the judge cannot be served as is asked, or is none to serve."""
    if options.judge:
        check_model(read_model(options.judge), options.presets)
        check_apart(models, judge, options.judge)
        check_layout(judge_request(options), judge)
    elif options.judge_tp or options.judge_replicas or options.judge_server_args:
        raise UsageError(
            N_(
                "--judge-tp, --judge-replicas and --judge-server-args are for a judge that is "
                "served; name one: --judge (JUDGE=)"
            )
        )


def served_judge(options: EachOptions) -> str:
    """The name that COMMAND asks the judge by."""
    request = judge_request(options)
    return asked_name(request.model, request.extra, options.presets)


def judge_request(options: EachOptions) -> ServerRequest:
    """The judge's servers."""
    own = ServerOptions(gpus=options.judge_gpus, **of_servers(options))
    flags = tuple(shlex.split(options.judge_server_args))
    return ServerRequest(options.judge, own, None, flags, options.judge_tp, options.judge_replicas)
