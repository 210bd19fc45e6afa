"""How many clients a run may have."""

from collections.abc import Sequence
from typing import Literal

from evaluator.client.pool import Pool
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judges
from evaluator.locale import N_
from evaluator.options.endpoint_file import read_endpoints
from evaluator.options.settings import Settings
from evaluator.processes.cores import usable_cores


def check_clients(settings: Settings) -> None:
    """Raises UsageError where several clients cannot do what the settings ask for."""
    if settings.clients_on == "ray" and not settings.replay:
        check_ray(settings)
    if settings.clients == 1 or settings.replay:
        return
    if settings.own:
        raise UsageError(
            N_(
                "clients={clients!r}: benchmarks that are passed as objects are asked by one "
                "client; leave it away",
                clients=settings.clients,
            )
        )
    if settings.clients != "auto":
        check_slots(settings, settings.clients)


def check_slots(settings: Settings, clients: int) -> None:
    """Raises UsageError where there is not a request at once for each client."""
    given = {"--concurrency": settings.concurrency, "--judge-concurrency": judge_slots(settings)}
    if settings.endpoints:
        own = [each.concurrency for each in read_endpoints(settings.endpoints) if each.concurrency]
        given |= {f"{settings.endpoints}: concurrency": min(own)} if own else {}
    for option, slots in given.items():
        if slots != "auto" and slots < clients:
            raise UsageError(
                N_(
                    "--clients {clients}: {option} {slots} is less than one request at once "
                    "for each client; give --clients {slots}",
                    clients=clients,
                    option=option,
                    slots=slots,
                )
            )


def judge_slots(settings: Settings) -> int | Literal["auto"]:
    """Requests at once to a judge, where there is one of its own."""
    itself = settings.judge.model == [SELF] or not judges(settings)
    return settings.concurrency if itself else settings.judge.concurrency


def check_ray(settings: Settings) -> None:
    """Raises UsageError where clients cannot be on a Ray cluster, or it has no room for them."""
    clients = settings.clients
    if clients == "auto" or clients == 1:
        raise UsageError(
            N_(
                "--clients-on ray: give --clients N, the cores of the cluster to take; it is "
                "{clients}",
                clients=clients,
            )
        )
    if settings.budgeted:
        raise UsageError(
            N_(
                "--clients-on ray: --max-requests, --max-tokens-total and --max-cost are counted "
                "by clients of one machine; leave it away"
            )
        )
    from evaluator.processes.ray_tasks import connected, free_cores  # an extra

    if (free := free_cores(connected(), clients)) < clients:
        raise UsageError(
            N_(
                "--clients {clients}: the Ray cluster has {free} free {free:core|cores}; give "
                "fewer, or wait until it has room",
                clients=clients,
                free=free,
            )
        )


def most_clients(pools: Sequence[Pool]) -> int:
    """How many clients may be added to: each has a core, and a request to each endpoint."""
    given = [pool.slots for pool in pools if not pool.steered]
    given += [each.slots for pool in pools for each in pool.endpoints if each.slots]
    return min([usable_cores(), *given])
