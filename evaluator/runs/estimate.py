"""What a run would take, before anything is sent: tokens, money and minutes.

What was recorded in the run's folder, or in one that it reuses, is the measure. Else prompts are
estimated from their text, and replies from their limit. What neither tells is said to be unknown.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.engine.task import Task
from evaluator.errors import EvaluatorError
from evaluator.journal.lines import records
from evaluator.locale import N_, joined
from evaluator.options.settings import Settings
from evaluator.results.folder import RunFolder
from evaluator.results.report import read_report
from evaluator.results.spending import RolePrice
from evaluator.types import Body

FEWEST = 5  # recorded replies from which the length of others is told
LOOKED_AT = 8  # samples of a benchmark whose prompts are measured
ASCII_PER_TOKEN, OTHER_PER_TOKEN = 4.0, 1.5  # characters in a token of usual tokenizers


@dataclass(slots=True)
class Recorded:
    """Replies to one benchmark by one role, in journals."""

    replies: int = 0
    own: int = 0  # of them in the run's own journal, and so not asked again
    prompt: int = 0
    output: int = 0


@dataclass(slots=True)
class RoleEstimate:
    """What one role would take; `unknown` are requests whose tokens nothing tells of."""

    requests: int = 0
    prompt: float = 0.0
    output: float = 0.0
    unknown: int = 0
    bases: set[str] = field(default_factory=set)  # what it was taken from

    def add(self, requests: int, prompt: float, output: float, basis: str) -> None:
        self.requests += requests
        self.prompt += requests * prompt
        self.output += requests * output
        self.bases.add(basis)


def in_words(
    settings: Settings,
    sent: Sequence[tuple[Task, Mapping[str, int]]],
    bodies: Mapping[str, Sequence[Body]],
    prices: Mapping[str, RolePrice],
) -> Iterator[str]:
    """What the requests that a run has still to send would take, a line each.

    `sent` are the requests of each task by role; `bodies` some first ones by benchmark.
    """
    folders = [settings.out, *settings.reuse]
    found = recorded(folders)
    roles: dict[str, RoleEstimate] = defaultdict(RoleEstimate)
    for task, by_role in sent:
        for role, requests in by_role.items():
            add(roles[role], task, role, requests, found, bodies[task.benchmark.name])
    if known := sum(each.own for each in found.values()):
        yield N_(
            "about {n:,} of the requests {n:is|are} answered in {folder} already",
            n=known,
            folder=str(settings.out),
        )
    for role, of in roles.items():
        yield from tokens_line(role, of)
    yield from cost_line(roles, prices)
    yield from time_line(folders, roles["model"].requests + roles["model"].unknown)


def recorded(folders: Sequence[Path]) -> dict[tuple[str, str], Recorded]:
    """What journals hold, by benchmark and role; only replies whose tokens were counted."""
    found: dict[tuple[str, str], Recorded] = defaultdict(Recorded)
    for number, folder in enumerate(folders):
        for path in RunFolder(folder).journals if RunFolder(folder).responses.exists() else ():
            for each in records(path):
                of = found[each.get("benchmark", ""), each["role"]]
                of.own += number == 0
                if each["prompt_tokens"] or each["output_tokens"]:
                    of.replies += 1
                    of.prompt += each["prompt_tokens"]
                    of.output += each["output_tokens"]
    return found


def add(
    estimate: RoleEstimate,
    task: Task,
    role: str,
    requests: int,
    found: Mapping[tuple[str, str], Recorded],
    bodies: Sequence[Body],
) -> None:
    """Adds what the requests of one task to one role would take."""
    known = found.get((task.benchmark.name, role), Recorded())
    left = max(0, requests - known.own)
    limit = task.sampling(role, {}).get("max_tokens")
    if known.replies >= FEWEST:
        estimate.add(left, known.prompt / known.replies, known.output / known.replies, "recorded")
    elif role == "model" and bodies and limit:
        prompt = sum(map(prompt_tokens, bodies)) / len(bodies)
        estimate.add(left, prompt, float(limit), "text")
    else:
        estimate.unknown += left


def prompt_tokens(body: Body) -> float:
    """About how many tokens a request's prompt has."""
    texts = [str(each.get("content") or "") for each in body.get("messages", ())]
    text = "".join(texts) or str(body.get("prompt", ""))
    plain = sum(map(str.isascii, text))
    return plain / ASCII_PER_TOKEN + (len(text) - plain) / OTHER_PER_TOKEN


def tokens_line(role: str, of: RoleEstimate) -> Iterator[str]:
    """The tokens of a role, and what they were taken from."""
    if of.requests:
        yield N_(
            "{role}: about {prompt:,} prompt tokens and {output} of replies, {basis}",
            role=N_(role),
            prompt=round(of.prompt),
            output=about(f"{round(of.output):,}", "text" in of.bases),
            basis=basis(of),
        )
    if of.unknown:
        yield N_(
            "{role}: the tokens of {n:,} {n:request|requests} are not known before some were sent",
            role=N_(role),
            n=of.unknown,
        )


def about(figure: str, bound: bool) -> str:
    """An estimate, or the most that there can be."""
    return N_("at most {n}", n=figure) if bound else N_("about {n}", n=figure)


def basis(of: RoleEstimate) -> str:
    """What an estimate was taken from."""
    if of.bases == {"recorded"}:
        return N_("as long as those recorded")
    if len(of.bases) > 1:
        return N_("prompts by their text, replies by their limit, some as long as those recorded")
    return N_("prompts by their text, replies by their limit")


def cost_line(roles: Mapping[str, RoleEstimate], prices: Mapping[str, RolePrice]) -> Iterator[str]:
    """What the tokens cost, by the user's prices."""
    parts = {
        role: prices[role].cost(round(of.prompt), 0, round(of.output))
        for role, of in roles.items()
        if role in prices and of.requests
    }
    if not parts:
        return
    bound = any("text" in roles[role].bases for role in parts)
    currency = next(iter(prices.values())).currency
    each = (N_("{role} {cost:.4f}", role=N_(role), cost=cost) for role, cost in parts.items())
    rest = any(of.unknown or role not in parts for role, of in roles.items())
    yield N_(
        "cost: {total} {currency} ({parts}){rest}",
        total=about(f"{sum(parts.values()):.4f}", bound),
        currency=currency,
        parts=joined(", ", each),
        rest=N_("; more for what is not known or has no price") if rest else "",
    )


def time_line(folders: Sequence[Path], requests: int) -> Iterator[str]:
    """Minutes, where an earlier run tells how fast the model is served."""
    for folder in folders:
        try:
            rate = read_report(folder).serving.requests_per_s
        except (EvaluatorError, OSError):
            continue
        if rate and requests:
            yield N_(
                "about {minutes:,.1f} minutes, at the {rate:,.1f} requests/s of {folder}",
                minutes=requests / rate / 60,
                rate=rate,
                folder=str(folder),
            )
            return
