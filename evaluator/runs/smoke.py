"""A look at the first replies of each benchmark before the rest is asked.

What a full run would only show at its end shows here: a chat template that does not fit, replies
that end before their answer, an answer that cannot be read. The replies are part of the run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.template import templated
from evaluator.engine.engine import Engine
from evaluator.engine.task import Task
from evaluator.errors import UsageError
from evaluator.journal import Journal
from evaluator.report.markdown import fenced, inline
from evaluator.report.terminal import plain_text
from evaluator.results.folder import RunFolder
from evaluator.types import Body, Event, Outcome, Request, Response, Status

SAMPLES = 5
LARGE = 50  # a benchmark of at most so many requests is asked as a whole at once
MOST_CUT = 0.5  # a share of replies cut off before their answer beyond which a run is stopped
SHOWN = 60  # characters of a prompt's end and of a reply's, on the screen


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample: what was sent, what came back, and what was read in it."""

    outcome: Outcome
    body: Body
    response: Response | None
    prompt: str | None  # after the chat template; None where the server does not tell

    @property
    def sent(self) -> str:
        """The prompt as it is known best."""
        if self.prompt is not None:
            return self.prompt
        messages = self.body.get("messages") or [{"content": self.body.get("prompt", "")}]
        return "\n".join(str(message.get("content")) for message in messages)

    @property
    def read(self) -> str:
        """What became of the reply, in words."""
        score = self.outcome.score
        if self.outcome.status == "error" or score is None:
            return f"failed: {self.outcome.error}"
        answer = "nothing" if score.answer is None else repr(score.answer)
        return f"{answer}, {score.value:g} (target {end_of(self.outcome.target)})"


async def smoke(
    tasks: Sequence[Task],
    pools: Mapping[str, Pool],
    journal: Journal,
    folder: Path,
    console: Console | None,
) -> int:
    """Asks the first samples of every large benchmark; returns how many requests that sent.

    Raises UsageError where a benchmark's replies promise nothing, unless the run is past this.
    """
    first = [
        replace(task, samples=list(islice(task.samples, SAMPLES)), repeats=1)
        for task in tasks
        if task.total * task.repeats > LARGE
    ]
    if not first:
        return 0
    events: list[Event] = []
    engine = Engine(pools, journal, events.append)
    await engine.run(first)
    requests = {event.key: event for event in events if isinstance(event, Request)}
    new = {requests[event.key].benchmark for event in events if isinstance(event, Response)}
    ended = [event for event in events if isinstance(event, Outcome)]
    if new:
        write(await probes(ended, requests, pools["model"], journal), folder, console)
    past = len(journal) > len(requests)  # and not by these samples alone
    for name in dict.fromkeys(outcome.benchmark for outcome in ended):
        reason = reason_to_stop([outcome.status for outcome in ended if outcome.benchmark == name])
        if reason and (name in new or not past):
            raise UsageError(
                f"{name}: {reason}; {RunFolder(folder).smoke} shows them, "
                "and --no-smoke goes on all the same"
            )
    return engine.sent


async def probes(
    outcomes: Sequence[Outcome], requests: Mapping[str, Request], pool: Pool, journal: Journal
) -> dict[str, list[Probe]]:
    """By benchmark, what there is to see of each sample: its first request and the reply to it."""
    found: dict[str, list[Probe]] = {}
    for outcome in outcomes:
        asked = [requests[key] for key in outcome.response_keys if requests[key].role == "model"]
        if asked:
            prompt = await templated(pool, asked[0].body)
            probe = Probe(outcome, asked[0].body, journal.get(asked[0]), prompt)
            found.setdefault(outcome.benchmark, []).append(probe)
    return found


def write(found: Mapping[str, Sequence[Probe]], folder: Path, console: Console | None) -> None:
    """Everything to smoke.md, and a little of it to the screen."""
    RunFolder(folder).smoke.write_text(markdown(found), encoding="utf-8")
    if console:
        for line in shown(found):
            console.print(plain_text(line, "dim"), soft_wrap=True)


def reason_to_stop(statuses: Sequence[Status]) -> str | None:
    """Why the first replies promise nothing, and what to do; None where they do."""
    ended = [status for status in statuses if status != "error"]
    cut, n = ended.count("truncated"), len(ended)
    if cut > MOST_CUT * n:
        return (
            f"{cut} of the first {n} replies were cut off before their answer; "
            "allow longer ones with --param max_tokens=N"
        )
    if not ended or "scored" in ended:  # where all failed, the run itself will stop
        return None
    if "judge_unparsed" in ended:
        return f"no verdict on the first {n} replies could be read; try another --judge-model"
    return (
        f"no answer could be read in any of the first {n} replies; look whether the chat template "
        "fits the model, or show it examples with --shots N"
    )


def shown(probes: Mapping[str, Sequence[Probe]]) -> Iterator[str]:
    """Three lines a benchmark: how many were read, and the first of them."""
    for name, found in probes.items():
        ended = [probe.outcome.status for probe in found]
        yield (
            f"smoke {name}: {ended.count('scored')} of {len(ended)} scored, "
            f"{ended.count('truncated')} truncated, {ended.count('error')} failed"
        )
        probe = found[0]
        reply = probe.response
        tokens = f"{reply.prompt_tokens} tokens" if reply and reply.prompt_tokens else "?"
        kind = "prompt" if probe.prompt is not None else "prompt before the chat template"
        yield f"  {kind}, {tokens}: {end_of(probe.sent)}"
        if reply:
            yield f"  reply, {reply.finish_reason or '?'}: {end_of(reply.text)} -> {probe.read}"


def end_of(text: str) -> str:
    """The end of a text in one line."""
    return repr(text if len(text) <= SHOWN else f"…{text[-SHOWN:]}")


def markdown(probes: Mapping[str, Sequence[Probe]]) -> str:
    """Everything, for smoke.md."""
    lines = ["# The first replies of each benchmark"]
    for name, found in probes.items():
        for probe in found:
            lines.append(f"## {inline(f'{name} {probe.outcome.sample_id}')}")
            kind = "Prompt" if probe.prompt is not None else "Prompt before the chat template"
            lines += [f"{kind}:", fenced(probe.sent)]
            if reply := probe.response:
                if reply.reasoning:
                    lines += ["Reasoning:", fenced(reply.reasoning)]
                lines += [f"Reply ({inline(reply.finish_reason)}):", fenced(reply.text)]
            lines.append(f"Read: {inline(probe.read)}")
    return "\n\n".join(lines) + "\n"
