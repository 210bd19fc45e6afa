"""What recorded runs were asked and what they answered.

samples.jsonl has both. Of a run without it, or where another source of data is named, only the
replies are in the journal: questions are made again from the data, by the benchmark's own `solve`
with the recorded replies. An outcome names the prompt that it came from, so that data or prompts
that have changed since do not pass unnoticed.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.benchmarks import benchmark
from evaluator.data import Source, samples, source
from evaluator.engine.engine import fingerprint
from evaluator.engine.form import Form
from evaluator.errors import UsageError
from evaluator.extract import strip_thinking
from evaluator.journal import picked, response
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import OutcomeRecord, read_outcomes
from evaluator.results.run import RunInfo, read_run
from evaluator.transcripts.read import Transcript, transcripts
from evaluator.transcripts.write import references
from evaluator.types import Asked, Benchmark, Message, Response, Sample

Outcome = OutcomeRecord
Question = tuple[str, str]  # benchmark and sample id


@dataclass(frozen=True, slots=True)
class Player:
    """One run and the name under which it plays."""

    name: str
    folder: Path
    about: RunInfo

    @property
    def model(self) -> str:
        return self.about.model


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, turn by turn; thinking is left out."""

    asked: tuple[str, ...]
    said: tuple[str, ...]
    reference: tuple[str, ...]


def players(folders: Sequence[Path]) -> list[Player]:
    """The runs, by name.  Raises UsageError for fewer than two, or one that is there twice."""
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(f"a run is there twice among {', '.join(map(str, folders))}")
    if len(folders) < 2:
        raise UsageError(f"an arena needs two runs, got {len(folders)}: evaluator arena RUN RUN...")
    about = [read_run(folder) for folder in folders]
    names = [[each.model for each in about], [folder.resolve().name for folder in folders]]
    distinct = next((each for each in names if len(set(each)) == len(each)), [*map(str, folders)])
    return [Player(*each) for each in zip(distinct, folders, about, strict=True)]


def outcomes(player: Player, only: Sequence[str]) -> dict[Question, Outcome]:
    """The run's outcomes, of some benchmarks or of all."""
    return {
        (outcome.benchmark, outcome.id): outcome
        for outcome in read_outcomes(player.folder)
        if not only or outcome.benchmark in only
    }


def answered(player: Player, outcome: Outcome) -> bool:
    """Whether there is an answer to judge: one that the model wrote, not a likelihood."""
    mode = player.about.benchmarks[outcome.benchmark].mode
    return bool(outcome.status != "error" and mode == "generate")


def conversations(
    player: Player, wanted: Mapping[Question, Outcome], origin: Source | None = None
) -> dict[Question, Conversation]:
    """The run's conversation on each question: as it was kept, or from the data, or another source.

    Raises UsageError where that data does not give the question that was asked.
    """
    found = {} if origin else kept(player, wanted)
    if missing := {question: wanted[question] for question in wanted.keys() - found.keys()}:
        found |= asyncio.run(_heard(player, missing, origin))
    if lost := sorted(wanted.keys() - found.keys()):
        raise UsageError(
            f"{len(lost)} questions of {str(player.folder)!r} cannot be made again, such as "
            f"{'/'.join(lost[0])!r}: the data or the prompt is not the one that it was run on, or "
            "its responses.jsonl is damaged, which the same run again makes good"
        )
    return found


def kept(player: Player, wanted: Mapping[Question, Outcome]) -> dict[Question, Conversation]:
    """The conversations in the run's samples.jsonl, where it has one."""
    if not RunFolder(player.folder).samples.exists():
        return {}
    found = {}
    for each in transcripts(player.folder, wanted.keys()):
        system = player.about.benchmarks[each.benchmark].system
        if conversation := conversation_in(each, bool(system)):
            found[each.benchmark, each.id] = conversation
    return found


def conversation_in(transcript: Transcript, with_system: bool) -> Conversation | None:
    """The first conversation with the model, as far as each of its turns goes on from the last."""
    asked: list[str] = []
    said: list[str] = []
    before: list[Message] = []
    for one in transcript.exchanges:
        if one.role != "model" or one.reply is None:
            continue
        given = one.asked if one.question is None else one.question
        turns = given if isinstance(given, list) else user(given)
        if with_system and one.question is None:
            turns = turns[1:]
        if len(turns) <= len(before) or turns[: len(before)] != before:
            break
        asked.append(_text(turns[len(before) + bool(before) :]))
        said.append(strip_thinking(one.reply))
        before = turns
    if not said:
        return None
    return Conversation(tuple(asked), tuple(said), tuple(transcript.reference))


async def _heard(
    player: Player, wanted: Mapping[Question, Outcome], origin: Source | None
) -> dict[Question, Conversation]:
    """The conversations that can be made again."""
    replies = _replies(player, wanted.values())
    found: dict[Question, Conversation] = {}
    for sample, question in _samples(player, wanted, origin):
        outcome, about = wanted[question], player.about.benchmarks[question[0]]
        form = Form(about.api, about.system, about.shots_as_turns)
        said = [replies[key] for key in outcome.response_keys if key in replies]
        if len(said) < len(outcome.response_keys):
            continue
        listener = Listener(form, outcome.prompt, said)
        if conversation := await listener.heard(sample, benchmark(question[0])):
            found[question] = conversation
    return found


def _replies(player: Player, outcomes: Iterable[Outcome]) -> dict[str, Mapping[str, Any]]:
    keys = {key for outcome in outcomes for key in outcome.response_keys}
    return {each["key"]: each for each in picked(player.folder / "responses.jsonl", keys)}


def _origin(player: Player, benchmark: str) -> Source:
    """The source of data that the run had."""
    given = player.about.settings_of(benchmark)
    folder = given.get("data_dir")
    return source(Path(folder) if folder else None, given.get("data"))


def _samples(
    player: Player, wanted: Collection[Question], origin: Source | None
) -> Iterator[tuple[Sample, Question]]:
    """The samples that are wanted, with the run's worked examples."""
    for name in sorted({name for name, _ in wanted}):
        shots = player.about.benchmarks[name].shots
        for sample in samples(benchmark(name), origin or _origin(player, name), shots):
            if (question := (name, sample.id)) in wanted:
                yield sample, question


class Listener:
    """`ask` that gives recorded replies in their order, and notes the first conversation."""

    def __init__(self, form: Form, prompt: str, replies: Iterable[Mapping[str, Any]]) -> None:
        self._form = form
        self._prompt = prompt
        self._replies = (response(each) for each in replies if each["role"] == "model")
        self._messages: list[Message] = []
        self._asked: list[str] = []
        self._said: list[str] = []

    async def heard(self, sample: Sample, of: Benchmark) -> Conversation | None:
        """The conversation on this sample; None where the run was asked something else."""
        with suppress(_Over):
            await of.solve(sample, self)
        if not self._said:
            return None
        return Conversation(tuple(self._asked), tuple(self._said), tuple(references(sample)))

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        schema: Mapping[str, Any] | None = None,
        optional: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        if role != "model" or (reply := next(self._replies, None)) is None:
            raise _Over
        if not self._said and self._fingerprint(messages, params) != self._prompt:
            raise _Over
        # The question itself: how it was put, by which API and system prompt, is the player's own.
        turns = messages if isinstance(messages, list) else user(messages)
        before = len(self._messages)
        if len(turns) <= before or turns[:before] != self._messages:
            raise _Over
        reply = self._form.read(messages, reply)
        self._asked.append(_text(turns[before + bool(before) :]))
        self._said.append(strip_thinking(reply.text))
        self._messages = turns
        return reply

    def _fingerprint(self, messages: Asked, params: Mapping[str, Any]) -> str:
        return fingerprint(self._form.body("", messages, params), params)


def user(text: object) -> list[Message]:
    """A text as the only turn of a chat."""
    return [{"role": "user", "content": str(text)}]


class _Over(Exception):
    """Ends `solve`: there is no more to hear."""


def _text(messages: Iterable[Message]) -> str:
    """The messages of one turn; who speaks is said where there are several."""
    said = [(message["role"], str(message["content"])) for message in messages]
    return said[0][1] if len(said) == 1 else "\n\n".join(f"[{who}]\n{what}" for who, what in said)
