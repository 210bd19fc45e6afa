"""Whether the replies that a run has, and those that it will get, are of one model.

A name stands for one model in a folder, and so does a judge's. Where another model answers to the
name now the run ends before it asks or replays anything.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from evaluator.client.pool import Pool
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder
from evaluator.results.identity import Identity, IdentityRecord
from evaluator.results.run import read_run
from evaluator.runs.identify import identify
from evaluator.runs.identity import comparable, difference

OWN = "give another --out, --fresh for a new folder beside it"
REUSED = "leave --reuse away"
FIRST = "start the server that this run had"
UNPROVEN = (
    "{count} replies in {folder} are from before runs noted which model answered them; they are "
    "taken for this one's"
)
UNTOLD = "its replies at temperature 0 change, so they do not tell whether it is the same model"


@dataclass(slots=True)
class ReplySource:
    """A folder whose replies may be taken, and who gave them: identities by role and name."""

    folder: Path
    identities: Mapping[str, IdentityRecord]
    advice: str  # what to do where they are another model's
    replies: int | None = None  # None: some

    @property
    def used(self) -> bool:
        """Whether there are replies in it."""
        return self.replies is None or self.replies > 0


@dataclass(slots=True)
class IdentityCheck:
    """What a session finds; `own` is the run's folder, `others` those whose replies it may take."""

    own: ReplySource
    others: Sequence[ReplySource]
    same_model: bool
    entries: dict[str, IdentityRecord] = field(default_factory=dict)
    cautions: list[str] = field(default_factory=list)

    async def all(self, pools: Mapping[str, Pool]) -> None:
        """Looks at the pool of every role.  Raises UsageError."""
        self.entries = {
            key: replace(entry, asked=False) for key, entry in self.own.identities.items()
        }
        seen: set[Pool] = set()
        for role, pool in pools.items():
            if pool not in seen:
                seen.add(pool)
                await self.one(f"{role.partition('-')[0]}:{pool.model}", pool)

    async def one(self, key: str, pool: Pool) -> None:
        """Looks at one pool, which is known by its role and its model's name."""
        known = [each.identities[key] for each in self._sources if key in each.identities]
        expected = known[0] if known else None
        by_url = await identify(pool, expected)
        if not by_url:  # nobody is asked: whoever gave the replies then is whose they are
            if known:
                self.entries[key] = replace(known[0], asked=False)
            return
        found = one_model(pool.model, by_url)
        told = [self._caution(source, key, found) for source in self._sources]
        entry = self._entry(key, found)
        if caution := "; ".join(filter(None, told)):
            caution = f"{key.partition(':')[0]} {pool.model!r}: {caution}"
            entry = replace(entry, caution=caution)
            self.cautions.append(caution)
        self.entries[key] = entry

    def _entry(self, key: str, found: Identity) -> IdentityRecord:
        """What run.json says from now on; a caution of an earlier session stays."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        before = self.own.identities.get(key) if self.own.used else None
        if before is None or difference(before, found):
            return IdentityRecord.of(found, now)
        return IdentityRecord.of(filled(before, found), now, before.caution)

    @property
    def _sources(self) -> list[ReplySource]:
        return [each for each in (self.own, *self.others) if each.used]

    def _caution(self, source: ReplySource, key: str, found: Identity) -> str:
        """What to say of a folder's replies.  Raises UsageError where they are another model's."""
        entry = source.identities.get(key)
        if entry is None:
            if source.identities:
                return ""  # of this role, or by this name, it has no replies
            count = "some" if source.replies is None else str(source.replies)
            return UNPROVEN.format(count=count, folder=source.folder)
        if not (reason := difference(entry, found)):
            return "" if comparable(entry, found) else UNTOLD
        if self.same_model:
            return f"{reason}; taken for the same model by --same-model (recorded: {entry})"
        role, _, name = key.partition(":")
        raise UsageError(
            N_(
                "{folder!r} holds replies of another {role} {name!r}: {reason}; recorded: "
                "{entry}; found now: {found}; {advice}, or --same-model if you know that it is "
                "the same one",
                folder=str(source.folder),
                role=role,
                name=name,
                reason=reason,
                entry=entry,
                found=found,
                advice=source.advice,
            )
        )


def one_model(name: str, by_url: Mapping[str, Identity]) -> Identity:
    """The identity that all endpoints share.  Raises UsageError where they do not."""
    (url, first), *others = by_url.items()
    for other_url, other in others:
        if reason := difference(first, other, (f"at {url}", f"at {other_url}")):
            raise UsageError(
                N_(
                    "the endpoints serve different models as {name!r}: {reason}; a score must "
                    "not depend on which of them a question meets",
                    name=name,
                    reason=reason,
                )
            )
    return first


def filled(then: Identity, now: Identity) -> Identity:
    """What is recorded stays, so that noise does not add up; what was not known is filled in."""
    replied = then if any(then.replies) else now
    return replace(
        now,
        root=then.root or now.root,
        weights=then.weights or now.weights,
        api=replied.api,
        replies=replied.replies,
        logprobs=replied.logprobs,
    )


def check_for(
    settings: Settings, identities: Mapping[str, IdentityRecord], replies: int
) -> IdentityCheck:
    """The check of a run that has so many replies; `identities` are those of its run.json."""
    own = ReplySource(settings.out, identities, OWN, replies)
    others = [source_in(folder, REUSED) for folder in settings.reuse]
    if (
        settings.out == RunFolder(settings.out.parent).noise
    ):  # compared with the first asking, and so of the same model
        others.append(source_in(settings.out.parent, FIRST))
    return IdentityCheck(own, others, settings.same_model)


def source_in(given: Path, advice: str) -> ReplySource:
    """The run in a folder, or of a file of its replies."""
    folder = given if given.is_dir() else given.parent
    with suppress(UsageError):
        return ReplySource(folder, read_run(folder).identity, advice)
    return ReplySource(folder, {}, advice)
