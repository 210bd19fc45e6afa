"""arena.json: how a judge ranks models whose recorded answers met in battles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluator.results.figures import Interval

NAME = "arena.json"
SCHEMA_VERSION = 1
Bound = Literal["min", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleCounts:
    """What became of the battles."""

    possible: int
    """Battles that the answers allow."""

    planned: int
    """Battles that were chosen: fewer than possible with a budget."""

    judged: int
    """Battles with a result."""

    ties: int
    """Judged battles in which nobody won."""

    disagreements: int
    """Judged battles in which the two orders of the answers led to different verdicts."""

    identical: int
    """Judged battles of equal answers: ties, for which no judge was asked."""

    repaired: int
    """Judged battles with a verdict that was readable only when asked for again."""

    unreadable: int
    """Battles without a result, because a verdict stayed unreadable."""

    errors: int
    """Battles without a result, because a request failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadToHead:
    """Battles of one player against another, from the first one's side."""

    battles: int
    """Number of judged battles."""

    wins: int
    """Battles with more than half a point."""

    ties: int
    """Battles with exactly half a point."""

    losses: int
    """Battles with less than half a point."""

    points: float
    """Sum over the battles: 1 for a win, 0.5 for a tie, means where several judges differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One player of the leaderboard.  A player without a judged battle has no rating or rank."""

    name: str
    """Name in the arena: the model's, or the folder's where models share a name."""

    model: str
    """Name of the model."""

    run: str
    """Folder of the run with its answers."""

    rating: float | None
    """Bradley-Terry rating in Elo points: 400 points are odds of 10 to 1."""

    ci95: Interval | None
    """Bootstrap interval of the rating over questions."""

    bound: Bound | None
    """"min" for a player that lost no point and could be any better, "max" for one that took no
    point and could be any worse; None for all others."""

    rank: int | None
    """1 plus the number of players whose rating is certainly higher."""

    island: int | None
    """Number of the player's connected group: players of different groups never met, even by way
    of others, so their ratings do not compare."""

    battles: int
    """Number of judged battles."""

    wins: int
    """Battles with more than half a point."""

    ties: int
    """Battles with exactly half a point."""

    losses: int
    """Battles with less than half a point."""

    points: float
    """Points from all battles."""

    apart: int
    """Questions of the player without a battle: it or every opponent has no answer to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """Whether the judge prefers the answer in one place, whichever answer stands there."""

    first_share: float | None
    """Share of the decided verdicts that went to the answer shown first; None without any."""

    battles_leaning_first: int
    """Battles in which the place shown first took more verdicts than the second."""

    battles_leaning_second: int
    """Battles in which the place shown second took more verdicts than the first."""

    p_value: float
    """Two-sided sign test over these battles: the chance of such a lean with a fair judge."""

    significant: bool
    """Whether `p_value` is below 0.05."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaReport:
    """All of arena.json."""

    schema_version: int = SCHEMA_VERSION
    """Version of this file's shape."""

    run: str
    """Name of the arena's folder."""

    judges: Sequence[str]
    """Names of the judge models."""

    baseline: str | None
    """The player that all others met and whose rating is 1000; None: all pairs met."""

    budget: int | None
    """Most battles allowed; None: no bound."""

    started_at: str
    """Start of the judging, ISO 8601 in UTC."""

    seconds: float
    """Duration of the last round of judging."""

    questions: Mapping[str, int]
    """Number of questions with a judged battle, by benchmark."""

    battles: BattleCounts
    """What became of the battles."""

    players: Sequence[Standing]
    """In the order in which the runs were given."""

    matrix: Mapping[str, Mapping[str, HeadToHead]]
    """By player and opponent; pairs without a judged battle are left out."""

    position: PositionBias
    """Whether the judge prefers a place."""

    self_family: Sequence[str]
    """Players whose model is of the same family as a judge."""

    error_messages: Mapping[str, int]
    """The most frequent errors and how many battles ended in each."""

    faults: Mapping[str, int]
    """Temporary failures of requests that were tried again, by kind."""

    requests: int
    """Requests sent in this session, over all rounds."""

    replayed: int
    """Replies taken from the journal instead."""
