"""The conversations of recorded runs: what each question asked, and what the model answered.

samples.jsonl has both. A run without it has only the replies, in its journal. Then, and where the
user names another source of data, the questions are rebuilt from the data: the benchmark's own
`solve` is replayed with the recorded replies. The fingerprint of each prompt shows whether data
and prompts are still the same.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.arena.players import Player, QuestionKey
from evaluator.benchmarks import benchmark
from evaluator.data import RowFormat, Source, samples, source
from evaluator.engine.asker import fingerprint
from evaluator.engine.dry import Call, DryAsk, score_of
from evaluator.engine.form import Form
from evaluator.errors import UsageError
from evaluator.extract.cleaning import strip_thinking
from evaluator.journal.lines import picked, response
from evaluator.locale import N_
from evaluator.results.folder import RunFolder
from evaluator.results.outcomes import OutcomeRecord
from evaluator.transcripts.read import Transcript, transcripts
from evaluator.transcripts.write import references
from evaluator.types import Message, Response, Sample, Solve
from evaluator.wording import as_prompt


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, turn by turn, without thinking; and the reference answers."""

    asked: tuple[str, ...]
    said: tuple[str, ...]
    reference: tuple[str, ...]


@dataclass(slots=True)
class RecordedTurns:
    """The turns of a conversation so far, each of which goes on from the last."""

    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)  # of the last turn, all that was asked

    def add(self, messages: list[Message], reply: str) -> bool:
        """Adds a turn; False where its messages do not go on from those of the last one."""
        before = len(self.messages)
        if len(messages) <= before or messages[:before] != self.messages:
            return False
        self.asked.append(_text(messages[before + bool(before) :]))
        self.said.append(strip_thinking(reply))
        self.messages = messages
        return True

    def conversation(self, reference: Sequence[str]) -> Conversation | None:
        """The conversation; None where nothing was said."""
        if not self.said:
            return None
        return Conversation(tuple(self.asked), tuple(self.said), tuple(reference))


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """A reply in the journal, and the role that gave it."""

    role: str
    response: Response


def conversations(
    player: Player, wanted: Mapping[QuestionKey, OutcomeRecord], origin: Source | None = None
) -> dict[QuestionKey, Conversation]:
    """The run's conversation on each question, from samples.jsonl or rebuilt from the data.

    `origin` replaces the run's own source of data. Raises UsageError where a question cannot be
    rebuilt as it was asked.
    """
    found = {} if origin else in_transcripts(player, wanted)
    if missing := {question: wanted[question] for question in wanted.keys() - found.keys()}:
        found |= asyncio.run(_rebuilt(player, missing, origin))
    if lost := sorted(wanted.keys() - found.keys()):
        raise UsageError(
            N_(
                "{count} {count:question|questions} of {folder!r} cannot be rebuilt, such as "
                "{example!r}: the data or the prompt has changed since that run, or its "
                "responses.jsonl is damaged; running the same command again repairs it",
                count=len(lost),
                folder=str(player.folder),
                example="/".join(lost[0]),
            )
        )
    return found


def in_transcripts(
    player: Player, wanted: Mapping[QuestionKey, OutcomeRecord]
) -> dict[QuestionKey, Conversation]:
    """The conversations in the run's samples.jsonl, if it has one."""
    if not RunFolder(player.folder).samples.exists():
        return {}
    found = {}
    for each in transcripts(player.folder, wanted.keys()):
        system = player.info.benchmarks[each.benchmark].system
        if conversation := conversation_in(each, bool(system)):
            found[each.benchmark, each.id] = conversation
    return found


def conversation_in(transcript: Transcript, with_system: bool) -> Conversation | None:
    """The first conversation with the model, as far as each of its turns goes on from the last."""
    turns = RecordedTurns()
    for one in transcript.exchanges:
        if one.role != "model" or one.reply is None:
            continue
        messages = as_prompt(one.asked if one.question is None else one.question).messages()
        if with_system and one.question is None:
            messages = messages[1:]
        if not turns.add(messages, one.reply):
            break
    return turns.conversation(transcript.reference)


async def _rebuilt(
    player: Player, wanted: Mapping[QuestionKey, OutcomeRecord], origin: Source | None
) -> dict[QuestionKey, Conversation]:
    """The conversations that can be rebuilt from the data."""
    replies = _replies(player, wanted.values())
    found: dict[QuestionKey, Conversation] = {}
    for sample, question in _samples(player, wanted, origin):
        outcome, asked = wanted[question], player.info.benchmarks[question[0]]
        form = Form(
            asked.api,
            asked.system,
            asked.shots_as_turns,
            prompt_template=asked.prompt_template,
        )
        said = [replies[key] for key in outcome.response_keys if key in replies]
        if len(said) < len(outcome.response_keys):
            continue
        replay = ConversationReplay(form, outcome.prompt, said)
        if conversation := await replay.conversation(sample, benchmark(question[0]).solve):
            found[question] = conversation
    return found


def _replies(player: Player, outcomes: Iterable[OutcomeRecord]) -> dict[str, RecordedReply]:
    """The recorded replies of all roles, by key."""
    keys = {key for outcome in outcomes for key in outcome.response_keys}
    return {
        each["key"]: RecordedReply(each["role"], response(each))
        for journal in RunFolder(player.folder).journals
        for each in picked(journal, keys)
    }


def _origin(player: Player, benchmark: str) -> Source:
    """The source of data that the run used."""
    given = player.info.settings_of(benchmark)
    folder = given.get("data_dir")
    return source(Path(folder) if folder else None, given.get("data"))


def _row_format(player: Player, benchmark: str) -> RowFormat:
    """How a file of the user's own was read."""
    given = player.info.settings_of(benchmark)
    return RowFormat(given.get("encoding") or "", given.get("fields") or {})


def _samples(
    player: Player, wanted: Collection[QuestionKey], origin: Source | None
) -> Iterator[tuple[Sample, QuestionKey]]:
    """The wanted samples, with the run's worked examples."""
    for name in sorted({name for name, _ in wanted}):
        shots = player.info.benchmarks[name].shots
        for sample in samples(
            benchmark(name, _row_format(player, name)), origin or _origin(player, name), shots
        ):
            if (question := (name, sample.id)) in wanted:
                yield sample, question


class ConversationReplay:
    """Returns recorded replies in their order, and keeps the first conversation."""

    def __init__(self, form: Form, prompt: str, replies: Iterable[RecordedReply]) -> None:
        self._form = form
        self._prompt = prompt
        self._replies = (each.response for each in replies if each.role == "model")
        self._turns = RecordedTurns()

    async def conversation(self, sample: Sample, solve: Solve) -> Conversation | None:
        """The conversation on this sample; None where the run was asked something else."""
        await score_of(solve, sample, DryAsk(self.reply))
        return self._turns.conversation(references(sample))

    def reply(self, call: Call) -> Response | None:
        """The next reply, where the call goes on with the conversation that was recorded."""
        if call.role != "model" or (reply := next(self._replies, None)) is None:
            return None
        body = self._form.body("", call.prompt, call.params)
        if not self._turns.said and fingerprint(body, call.params) != self._prompt:
            return None
        reply = self._form.read(call.prompt, reply)
        # Only the question counts: API and system prompt may differ between players.
        return reply if self._turns.add(call.prompt.messages(), reply.text) else None


def _text(messages: Iterable[Message]) -> str:
    """The messages of one turn as text, with roles where there are several."""
    said = [(message["role"], str(message["content"])) for message in messages]
    return said[0][1] if len(said) == 1 else "\n\n".join(f"[{who}]\n{what}" for who, what in said)
