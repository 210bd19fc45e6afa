"""How many clients a run may have."""

from typing import Literal

from evaluator.errors import UsageError
from evaluator.judging.judges import SELF, judges
from evaluator.locale import N_
from evaluator.options.endpoint_file import read_endpoints
from evaluator.options.settings import Settings


def check_clients(settings: Settings) -> None:
    """Raises UsageError where several clients cannot do what the settings ask for."""
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
    if settings.clients == "auto":
        return
    given = {"--concurrency": settings.concurrency, "--judge-concurrency": judge_slots(settings)}
    if settings.endpoints:
        own = [each.concurrency for each in read_endpoints(settings.endpoints) if each.concurrency]
        given |= {f"{settings.endpoints}: concurrency": min(own)} if own else {}
    for option, slots in given.items():
        if slots != "auto" and slots < settings.clients:
            raise UsageError(
                N_(
                    "--clients {clients}: {option} {slots} is less than one request at once "
                    "for each client; give --clients {slots}",
                    clients=settings.clients,
                    option=option,
                    slots=slots,
                )
            )


def judge_slots(settings: Settings) -> int | Literal["auto"]:
    """Requests at once to a judge, where there is one of its own."""
    itself = settings.judge.model == [SELF] or not judges(settings)
    return settings.concurrency if itself else settings.judge.concurrency
