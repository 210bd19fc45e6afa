"""The lines of samples.jsonl, made as samples end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from evaluator.transcripts.heads import Heads, JsonLine
from evaluator.types import Message, Outcome, Request, Response, Sample


@dataclass(slots=True)
class Transcripts:
    """Makes the lines of samples.jsonl; of a benchmark it remembers no more than its last heads."""

    _heads: dict[tuple[str, str], Heads] = field(default_factory=dict)
    _new: list[JsonLine] = field(default_factory=list)

    def lines(self, outcome: Outcome) -> bytes:
        """The line of a sample, after those of new heads."""
        made = line(self._record(outcome))
        if self._new:
            made = b"".join((*map(line, self._new), made))
            self._new.clear()
        return made

    def _record(self, outcome: Outcome) -> JsonLine:
        score = outcome.score
        return {
            "benchmark": outcome.benchmark,
            "id": outcome.sample_id,
            "group": outcome.group,
            "status": outcome.status,
            "value": score.value if score else None,
            "answer": score.answer if score else None,
            "target": outcome.target,
            **(of_question(outcome.sample) if outcome.sample else {}),
            "note": score.note if score else "",
            **({"checks": score.checks} if score and score.checks else {}),
            "error": outcome.error,
            "exchanges": self._exchanges(outcome),
        }

    def _exchanges(self, outcome: Outcome) -> list[JsonLine]:
        """What was asked and said, in the order of asking; no `reply` where none came."""
        made: list[JsonLine] = []
        asked: list[Any] = []
        for request in outcome.requests:
            one = self._asked(request, asked)
            if request.question:
                one["question"] = request.question
            if response := outcome.responses.get(request.key):
                add_response(one, response)
            made.append(one)
        return made

    def _asked(self, request: Request, before: list[Any]) -> JsonLine:
        """What a request asked; `before` are the messages of the sample's earlier ones."""
        place = request.benchmark, request.role
        heads = self._heads.get(place)
        if heads is None:
            heads = self._heads[place] = Heads(request.benchmark, self._new)
        made: JsonLine = {"role": request.role, "key": request.key}
        messages = request.body.get("messages")
        number = earlier(messages, before) if messages and before else None
        before.append(messages)
        if messages is None:
            made["prompt"] = heads.text(request.body["prompt"])
        elif number is None:
            made["messages"] = heads.messages(messages)
        else:
            made |= {"after": number, "messages": messages[len(before[number]) :]}
        return made


def line(made: JsonLine) -> bytes:
    """One line of the file."""
    return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)


def add_response(made: JsonLine, response: Response) -> None:
    """What came back, beside what was asked."""
    made["reply"], made["finish_reason"] = response.text, response.finish_reason
    if response.reasoning:
        made["thinking"] = response.reasoning
    if response.tool_calls:
        made["tool_calls"] = response.tool_calls


def of_question(sample: Sample) -> JsonLine:
    """The options of a question by label, and its model answer, where it has them."""
    fields, found = sample.fields, JsonLine()
    options = fields.get("options")
    if options and (labels := fields.get("labels")) and len(labels) == len(options):
        found["options"] = dict(zip(map(str, labels), options, strict=True))
    if (reference := references(sample)) != [sample.target]:
        found["reference"] = reference
    return found


def references(sample: Sample) -> list[str]:
    """The right answer, or one for each turn, where the benchmark has them."""
    given = sample.target or sample.fields.get("reference") or []
    return [given] if isinstance(given, str) else list(map(str, given))


def earlier(body: list[Message], asked: Sequence[Any]) -> int | None:
    """The last of the exchanges so far that these messages go on from, or say again."""
    for number in reversed(range(len(asked))):
        if asked[number] and body[: len(asked[number])] == asked[number]:
            return number
    return None
