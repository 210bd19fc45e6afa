"""What is known of the model behind a name: the identities in run.json and report.json."""

from dataclasses import dataclass, field, fields
from typing import Self

from evaluator.digest import content_digest
from evaluator.locale import filled
from evaluator.results.figures import LEAVE_OUT

FACTS = ("root", "parent")  # that cannot differ where the model is the same


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of a model's weights, as far as they can be seen from here."""

    files: int
    """How many there are."""

    size: int
    """Bytes of all of them."""

    newest: str
    """When the newest was changed: ISO 8601, UTC."""

    digest: str
    """16 hex digits over their names, sizes and times."""

    def __str__(self) -> str:
        files = filled("{n} weight {n:file|files}", {"n": self.files})
        return f"{files} of {self.size:,} bytes, the newest of {self.newest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an endpoint says of its model, and what the model says. What is not known is empty.

    `created` of /v1/models is left out: vLLM and others give the time of the request.
    """

    host: str = ""
    """Host of a provider, which is asked nothing."""

    root: str = ""
    """`root` in /v1/models."""

    parent: str = ""
    """`parent` in /v1/models."""

    owner: str = ""
    """`owned_by` in /v1/models."""

    version: str = ""
    """Version of the server's software, by /version."""

    weights: Weights | None = None
    """The files at `root`, where they can be seen."""

    api: str = ""
    """The API by which it was asked: chat or completions."""

    replies: tuple[str | None, ...] = ()
    """Its replies to five questions at temperature 0; None where they change."""

    logprobs: tuple[str, ...] = ()
    """Of each reply its tokens with their logprobs, as JSON."""

    def __str__(self) -> str:
        named = {name: getattr(self, name) for name in ("host", *FACTS, "owner", "version")}
        parts = [f"{name} {value}" for name, value in named.items() if value]
        parts += [str(self.weights)] if self.weights else []
        if any(self.replies):
            mark = content_digest(repr(self.replies), 3)
            parts.append(f"replies {mark}")
        return ", ".join(parts) or "nothing known"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRecord(Identity):
    """An identity, and when it was found."""

    words: str = ""
    """All of it in one line."""

    asked: bool = False
    """Whether it was asked in the last session."""

    checked_at: str = ""
    """When it was asked last: ISO 8601, UTC."""

    caution: str | None = field(default=None, metadata=LEAVE_OUT)
    """Why it is in doubt that all replies are of this model; left out where it is not."""

    @classmethod
    def of(cls, found: Identity, checked_at: str, caution: str | None = None) -> Self:
        """The record of an identity that was found now."""
        known = {each.name: getattr(found, each.name) for each in fields(Identity)}
        return cls(**known, words=str(found), asked=True, checked_at=checked_at, caution=caution)
