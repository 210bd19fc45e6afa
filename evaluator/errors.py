"""What can go wrong, and how a run ends by it.

EvaluatorError                one line for the user, no traceback; carries its exit code
├── UsageError            2   a mistake in the command or the configuration
│   ├── DataError         2   a data set that is malformed
│   │   └── MissingData   2   or not there
│   └── UnlikeRuns        2   runs that were not asked the same
├── ServerError           3   an endpoint that cannot be used at all
│   ├── Unauthorized      3   it refuses the API key: retrying 1,000 times will not help
│   └── NotModels         3   its /models is no list of models: the URL may be wrong
├── BudgetSpent           3   what the run may spend is spent: a larger budget goes on
├── ClientDied            3   one of several client processes died: its part is not measured
├── RunStopped            1   too many errors to go on
├── JournalError          1   the journal cannot be written; what was answered is kept
├── Interrupted         130   a person or the system asked the run to end
├── Unjudged              -   a verdict stayed unreadable: its sample ends as judge_unparsed
└── RequestError          -   one request failed for good: its sample ends as an error
    └── Transient         -   failed for now: the pool tries again, if need be elsewhere
"""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, TypeVar

from evaluator.locale import N_

T = TypeVar("T")
U = TypeVar("U")


class EvaluatorError(Exception):
    """Something a person can act on: the message says what, with the value, and what to do."""

    exit_code = 1

    @property
    def message(self) -> str:
        """What it was made with, which may be marked to be translated, or else its text."""
        first = self.args[0] if len(self.args) == 1 else None
        return first if isinstance(first, str) else str(self)


class UsageError(EvaluatorError):
    """A mistake in the command or the configuration."""

    exit_code = 2


class DataError(UsageError):
    """A data set that is missing or malformed; names the place."""


class MissingData(DataError):
    """A data set that is not there."""


class UnlikeRuns(UsageError):
    """Runs that were not asked the same, and are paired by --force alone; `line` says but why."""

    def __init__(self, line: str) -> None:
        super().__init__(N_("{line}; --force pairs what can be paired", line=line))
        self.line = line


class ServerError(EvaluatorError):
    """An endpoint that cannot be used at all."""

    exit_code = 3


class Unauthorized(ServerError):
    """The endpoint refuses the API key."""


class NotModels(ServerError):
    """The endpoint's /models is no list of models."""


class BudgetSpent(EvaluatorError):
    """What the run may spend is spent; what was answered is kept."""

    exit_code = 3


class ClientDied(EvaluatorError):
    """One of several client processes died, and what it measured with it."""

    exit_code = 3


class RunStopped(EvaluatorError):
    """The run was given up: too many errors."""


class JournalError(EvaluatorError):
    """The journal cannot be written."""


class Interrupted(EvaluatorError):
    """A person or the system asked for the end.

    To go on, the same command needs `more` words, and must not have those of `less`.
    """

    exit_code = 130

    def __init__(self, message: str, more: Sequence[str] = (), less: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.more = more
        self.less = less


class Unjudged(EvaluatorError):
    """A verdict stayed unreadable: the sample was answered, but is not measured."""


class RequestError(EvaluatorError):
    """One request failed for good.

    `status` is what the server answered, where it did, and `said` all that it said of the failure.
    """

    def __init__(self, message: str, status: int | None = None, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Transient(RequestError):
    """One request failed for now.

    `retry_after` is in seconds, where the server named it; `kind` is what a report counts it
    under; `down` says that the endpoint did not answer at all, rather than answering badly.
    """

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        kind: str = "cannot connect",
        down: bool = False,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(message, status, said)
        self.retry_after = retry_after
        self.kind = kind
        self.down = down


def message_of(error: Exception) -> str:
    """What an error says; of one that is ours, marked to be translated."""
    return error.message if isinstance(error, EvaluatorError) else str(error)


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group, however deep."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def gather_all(*asked: Awaitable[T]) -> list[T]:
    """All results, or the first failure once all have ended: nothing is left behind that asks."""
    import asyncio  # the start of a command needs none

    results = await asyncio.gather(*asked, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def gather_both(one: Awaitable[T], other: Awaitable[U]) -> tuple[T, U]:
    """Two results of different kinds, in the same way."""
    results: list[Any] = await gather_all(one, other)
    return results[0], results[1]


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The nearest of the known names as a hint; what else to do where none is near."""
    from difflib import get_close_matches  # only a mistake needs it

    lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), list(lower), 1)
    return N_("did you mean {name!r}?", name=lower[near[0]]) if near else otherwise
