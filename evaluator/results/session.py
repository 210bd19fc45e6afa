"""What a session notes of its serving, in run.json and report.json."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLoad:
    """How the client itself did."""

    cpu: float
    """Its CPU time as a share of one core."""

    lag: float
    """How late its event loop woke up, in seconds."""

    bound_share: float
    """Share of the time in which it held the run up."""

    processes: int = 1
    """Processes that asked at the end; the others are the mean over them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """Requests in flight at the end of a session."""

    slots: int
    """Requests at once, for each endpoint."""

    knee: int | None
    """Requests at once beyond which more brought nothing; None where that was not found."""

    reason: str
    """Why so many: given, or what decided it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleServing:
    """What another role than the model, such as a judge, was asked in this session."""

    model: str
    """Name of its model."""

    replies: int
    """How many replies came."""

    output_tokens: int | None
    """Tokens in them; None where the server did not count those of every reply."""

    seconds: float
    """Sum of their latencies, in seconds."""

    slots: int
    """Requests at once, for each endpoint."""

    knee: int | None
    """Requests at once beyond which more brought nothing; None where that was not found."""

    reason: str
    """Why so many: given, or what decided it."""
