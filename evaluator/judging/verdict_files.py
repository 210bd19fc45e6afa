"""<benchmark>.jsonl: what was asked, answered and judged, in the format of a benchmark's own code.

Written when a run ends, for the benchmarks that have such a format, and again by any replay of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from evaluator.engine.task import Task
from evaluator.errors import Unjudged
from evaluator.judging.exchanges import Exchange
from evaluator.judging.judged import judged_solve
from evaluator.types import Ask, Asked, Params, Response, Sample, Schema, Score
from evaluator.wording import as_prompt


class VerdictFiles:
    """Listens to what the samples of some tasks ask, and keeps the lines made of it."""

    def __init__(self, tasks: Iterable[Task], model: str) -> None:
        self._model = model
        self._lines: dict[str, dict[str, bytes]] = {}  # by benchmark and sample
        self.tasks = [self._listening(task) for task in tasks]

    def write(self, folder: Path) -> None:
        """A file for each benchmark, by sample id, numbers in their order.  Raises OSError."""
        for benchmark, lines in self._lines.items():
            ids = sorted(lines, key=lambda name: name.zfill(20) if name.isdigit() else name)
            (folder / f"{benchmark}.jsonl").write_bytes(b"".join(map(lines.__getitem__, ids)))

    def take(self, benchmark: str, sample_id: str) -> bytes:
        """The lines of a sample, to be kept elsewhere."""
        return self._lines.get(benchmark, {}).pop(sample_id, b"")

    def put(self, benchmark: str, sample_id: str, lines: bytes) -> None:
        """Keeps lines that were taken elsewhere."""
        if lines:
            self._lines[benchmark][sample_id] = lines

    def _listening(self, task: Task) -> Task:
        """The task with a `solve` that is listened to, where judges are asked in a known format."""
        judged = judged_solve(task.benchmark)
        verdicts = judged.verdicts if judged else None
        if verdicts is None or set(task.roles) == {"model"}:
            return task
        name = task.benchmark.name
        self._lines[name] = {}

        async def solve(sample: Sample, ask: Ask) -> Score:
            recording = RecordingAsk(ask)
            try:
                score = await task.solve(sample, recording)
            except Unjudged:
                self._keep(
                    name, sample, verdicts.lines(sample, recording.exchanges, None, self._model)
                )
                raise
            self._keep(
                name, sample, verdicts.lines(sample, recording.exchanges, score, self._model)
            )
            return score

        return replace(task, solve=solve)

    def _keep(self, benchmark: str, sample: Sample, made: Iterable[Any]) -> None:
        packed = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in made)
        lines = self._lines[benchmark]
        lines[sample.id] = lines.get(sample.id, b"") + packed


@dataclass(slots=True)
class RecordingAsk:
    """An `ask` that notes what it was asked and what came back."""

    ask: Ask
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        *,
        schema: Schema | None = None,
        optional: Params | None = None,
        **params: Any,
    ) -> Response:
        prompt = as_prompt(messages)
        response = await self.ask(prompt, role, schema=schema, optional=optional, **params)
        self.exchanges.append(Exchange(role, prompt, response))
        return response
