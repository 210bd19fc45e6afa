"""What recorded runs were asked and what they answered.

A journal keeps replies, not questions: those are made again from the data, by the benchmark's own
`solve` replayed against the journal.  A reply is found only under exactly what was asked, so that
a run whose data or prompt has changed since cannot pass unnoticed.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.benchmarks import benchmark
from evaluator.client.pool import Pool
from evaluator.client.transport import Nowhere
from evaluator.data import Source, samples, source
from evaluator.engine import Asker, Engine, Work
from evaluator.extract import strip_thinking
from evaluator.journal import Journal
from evaluator.report.build import read_outcomes, read_run
from evaluator.types import Ask, Message, Response, Sample, ServerError, UsageError

Question = tuple[str, str]  # benchmark and sample id


@dataclass(frozen=True, slots=True)
class Player:
    """One run and the name under which it plays."""

    name: str
    folder: Path
    about: Mapping[str, Any]  # its run.json

    @property
    def model(self) -> str:
        return str(self.about["model"])


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, turn by turn; thinking is left out."""

    asked: tuple[str, ...]
    said: tuple[str, ...]
    reference: str


def players(folders: Sequence[Path]) -> list[Player]:
    """The runs, by name.  Raises UsageError for fewer than two, or one that is there twice."""
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(f"a run is there twice among {', '.join(map(str, folders))}")
    if len(folders) < 2:
        raise UsageError(f"an arena needs two runs, got {len(folders)}: evaluator arena RUN RUN...")
    about = [read_run(folder) for folder in folders]
    names = [[str(each["model"]) for each in about], [folder.resolve().name for folder in folders]]
    distinct = next((each for each in names if len(set(each)) == len(each)), [*map(str, folders)])
    return [Player(*each) for each in zip(distinct, folders, about, strict=True)]


def answered(player: Player, only: Sequence[str]) -> set[Question]:
    """The questions that the run has an answer to, of some benchmarks or of all."""
    return {
        (outcome["benchmark"], outcome["id"])
        for outcome in read_outcomes(player.folder)
        if outcome["status"] != "error" and (not only or outcome["benchmark"] in only)
    }


def conversations(
    player: Player, wanted: set[Question], origin: Source | None = None
) -> dict[Question, Conversation]:
    """The run's conversation on each question, from the data that the run had or another source.

    Raises UsageError where that data does not give the question that was asked.
    """
    origin = origin or _origin(player)
    with Journal(player.folder / "responses.jsonl") as journal:
        pool = Pool(player.about.get("asked_as", player.model), [Nowhere(player.folder)])
        engine = Engine({"model": pool}, journal, lambda _: None)
        found: dict[Question, Conversation] = {}
        for name in sorted({name for name, _ in wanted}):
            ids = {id for of, id in wanted if of == name}
            replayed = asyncio.run(_replay(engine, _work(player, name, ids, origin)))
            found |= {(name, id): each for id, each in replayed.items()}
    if lost := sorted(wanted - found.keys()):
        raise UsageError(
            f"{len(lost)} questions of {str(player.folder)!r} cannot be made again, such as "
            f"{'/'.join(lost[0])!r}: the data or the prompt is not the one that it was run on"
        )
    return found


def _origin(player: Player) -> Source:
    """The source of data that the run had."""
    folder = player.about.get("data_dir")
    return source(Path(folder) if folder else None, player.about.get("data_source"))


def _work(player: Player, name: str, ids: set[str], origin: Source) -> Work:
    """The samples of those ids, with the run's worked examples and sampling."""
    about, of = player.about["benchmarks"][name], benchmark(name)
    chosen = [each for each in samples(of, origin, about["shots"]) if each.id in ids]
    return Work(of, chosen, len(chosen), about["shots"], about["params"])


async def _replay(engine: Engine, work: Work) -> dict[str, Conversation]:
    found: dict[str, Conversation] = {}
    for sample in work.samples:
        listener = Listener(Asker(engine, work, sample.id))
        try:
            await work.benchmark.solve(sample, listener)
        except _Heard:
            pass
        except ServerError:  # not in the journal: asked in other words than the data now gives
            continue
        found[sample.id] = listener.conversation(sample)
    return found


class _Heard(Exception):
    """Ends `solve` where the first conversation with the model does."""


class Listener:
    """`ask` that notes one conversation, and ends `solve` at whatever comes after it."""

    __slots__ = ("_ask", "_asked", "_messages", "_said")

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._messages: list[Message] = []
        self._asked: list[str] = []
        self._said: list[str] = []

    async def __call__(
        self,
        messages: str | list[Message],
        role: str = "model",
        schema: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Response:
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        before = len(self._messages)
        goes_on = len(messages) > before and messages[:before] == self._messages
        if role != "model" or not goes_on:
            raise _Heard
        response = await self._ask(messages, role, schema, **params)
        self._asked.append(_text(messages[before + bool(before) :]))
        self._said.append(strip_thinking(response.text))
        self._messages = messages
        return response

    def conversation(self, sample: Sample) -> Conversation:
        """What was noted."""
        return Conversation(tuple(self._asked), tuple(self._said), sample.target)


def _text(messages: Iterable[Message]) -> str:
    """The messages of one turn; who speaks is said where there are several."""
    said = [(message["role"], str(message["content"])) for message in messages]
    return said[0][1] if len(said) == 1 else "\n\n".join(f"[{who}]\n{what}" for who, what in said)
