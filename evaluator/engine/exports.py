"""<benchmark>.jsonl: what was asked, said and judged, in the format of a benchmark's own code.

Written when a run ends, for the benchmarks that have `verdicts`, and again by any replay of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from evaluator.engine.work import Work
from evaluator.errors import Unjudged
from evaluator.types import Ask, Asked, Benchmark, Exchange, Response, Sample, Score


class Exports:
    """Listens to what the samples of some work ask, and keeps the lines made of it."""

    def __init__(self, works: Iterable[Work], model: str) -> None:
        self._model = model
        self._lines: dict[str, dict[str, bytes]] = {}  # by benchmark and sample
        self.works = [self._listening(work) if work.benchmark.verdicts else work for work in works]

    def write(self, folder: Path) -> None:
        """A file for each benchmark, by sample id, numbers in their order.  Raises OSError."""
        for benchmark, lines in self._lines.items():
            ids = sorted(lines, key=lambda name: name.zfill(20) if name.isdigit() else name)
            (folder / f"{benchmark}.jsonl").write_bytes(b"".join(map(lines.__getitem__, ids)))

    def _listening(self, work: Work) -> Work:
        benchmark = work.benchmark
        self._lines[benchmark.name] = {}

        async def solve(sample: Sample, ask: Ask) -> Score:
            noting = Noting(ask)
            try:
                score = await benchmark.solve(sample, noting)
            except Unjudged:
                self._keep(benchmark, sample, noting.exchanges, None)
                raise
            self._keep(benchmark, sample, noting.exchanges, score)
            return score

        return replace(work, benchmark=replace(benchmark, solve=solve))

    def _keep(
        self, benchmark: Benchmark, sample: Sample, heard: list[Exchange], score: Score | None
    ) -> None:
        assert benchmark.verdicts
        made = benchmark.verdicts.record(sample, heard, score, self._model)
        packed = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in made)
        lines = self._lines[benchmark.name]
        lines[sample.id] = lines.get(sample.id, b"") + packed


@dataclass(slots=True)
class Noting:
    """An `ask` that notes what it was asked and what came back."""

    ask: Ask
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        **params: Any,
    ) -> Response:
        response = await self.ask(messages, role, **params)
        said = messages if isinstance(messages, str | list) else str(messages)
        self.exchanges.append(Exchange(role, said, response))
        return response
