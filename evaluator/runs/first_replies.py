"""The first replies of each benchmark for a person to read: smoke.md, and lines on the screen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluator.locale import N_, said
from evaluator.report.markdown import fenced, inline
from evaluator.types import Outcome, Request, Response

SHOWN = 60  # characters of a prompt's end and of a reply's, on the screen


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample: what was sent first, what came back, and what was read in it."""

    outcome: Outcome
    request: Request
    prompt: str | None  # after the chat template; None where the server has not told

    @property
    def response(self) -> Response | None:
        """The reply to the request; None where it failed."""
        return self.outcome.responses.get(self.request.key)

    @property
    def kind(self) -> str:
        """What the prompt as it is known best is called."""
        return N_("prompt") if self.prompt is not None else N_("prompt before the chat template")

    @property
    def heading(self) -> str:
        """The same above it."""
        return N_("Prompt:") if self.prompt is not None else N_("Prompt before the chat template:")

    @property
    def sent(self) -> str:
        """The prompt as it is known best."""
        if self.prompt is not None:
            return self.prompt
        body = self.request.body
        messages = body.get("messages") or [{"content": body.get("prompt", "")}]
        return "\n".join(str(message.get("content")) for message in messages)

    @property
    def read(self) -> str:
        """What became of the reply, in words."""
        score = self.outcome.score
        if self.outcome.status == "error" or score is None:
            return N_("failed: {error}", error=self.outcome.error)
        return N_(
            "{answer}, {value:g} (target {target})",
            answer=N_("nothing") if score.answer is None else repr(score.answer),
            value=score.value,
            target=end_of(self.outcome.target),
        )


def on_screen(benchmark: str, probes: Sequence[Probe]) -> Iterator[str]:
    """Three lines: how many were read, and the first that has a reply."""
    ended = [probe.outcome.status for probe in probes]
    yield N_(
        "smoke {benchmark}: {scored} of {n} scored, {truncated} truncated, {failed} failed",
        benchmark=benchmark,
        scored=ended.count("scored"),
        n=len(ended),
        truncated=ended.count("truncated"),
        failed=ended.count("error"),
    )
    probe = next((each for each in probes if each.response), probes[0])
    reply = probe.response
    yield N_(
        "  {kind}, {tokens} {tokens:token|tokens}: {text}",
        kind=probe.kind,
        tokens=(reply and reply.prompt_tokens) or "?",
        text=end_of(probe.sent),
    )
    if reply:
        yield N_(
            "  reply, {finish_reason}: {text} -> {read}",
            finish_reason=reply.finish_reason or "?",
            text=end_of(reply.text),
            read=probe.read,
        )


def end_of(text: str) -> str:
    """The end of a text in one line."""
    return repr(text if len(text) <= SHOWN else f"…{text[-SHOWN:]}")


def in_markdown(found: Mapping[str, Sequence[Probe]]) -> str:
    """Everything, for smoke.md."""
    lines = [f"# {said(N_('The first replies of each benchmark'))}"]
    for name, probes in found.items():
        for probe in probes:
            lines.append(f"## {inline(f'{name} {probe.outcome.sample_id}')}")
            lines += [said(probe.heading), fenced(probe.sent)]
            if reply := probe.response:
                if reply.reasoning:
                    lines += [said(N_("Reasoning:")), fenced(reply.reasoning)]
                ended = N_("Reply ({finish_reason}):", finish_reason=reply.finish_reason)
                lines += [inline(ended), fenced(reply.text)]
            lines.append(inline(N_("Read: {read}", read=probe.read)))
    return "\n\n".join(lines) + "\n"
