"""Runs of the product as a person starts them, and what their journals say."""

import os
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.journal.lines import records

from .mirror import mirror
from .processes import Ended, Failed, Server, run

QUESTIONS = 1319  # of GSM8K's test split
EVALUATOR = str(Path(sys.executable).with_name("evaluator"))


def gsm8k_data(folder: Path) -> Path:
    """The data folder of EVALUATOR_DATA_DIR if GSM8K is in it, else a generated one as large."""
    given = os.environ.get("EVALUATOR_DATA_DIR")
    if given and (Path(given) / "openai/gsm8k/main/test.jsonl").is_file():
        return Path(given).absolute()
    return mirror(folder / "data", QUESTIONS)


def command(
    server: Server,
    data: Path,
    out: Path,
    *more: str,
    slots: int = 64,
    progress: str = "plain",
    name: str = "gsm8k",
) -> list[str]:
    """`evaluator run gsm8k`, or another benchmark."""
    words = [EVALUATOR, "run", name, "--model", "stub", "--base-url", server.base_url]
    words += ["--data-dir", str(data), "--out", str(out), "--concurrency", str(slots)]
    return [*words, "--progress", progress, *more]


def finished(words: Sequence[str]) -> Ended:
    """The run, which must succeed.  Raises Failed."""
    return succeeded(run(words))


def succeeded(ended: Ended) -> Ended:
    """The same; Failed is raised where it did not succeed."""
    if ended.code:
        raise Failed(f"evaluator run ended with code {ended.code}: {ended.last_line}")
    return ended


@dataclass(frozen=True, slots=True)
class Times:
    """When the requests of a run began and ended, each in order, in seconds since the epoch."""

    began: Sequence[float]
    ended: Sequence[float]

    @property
    def steady_rate(self) -> float:
        """Requests per second between the first and the last tenth."""
        return steady_rate(self.ended)

    def rate(self, tenth: int) -> float:
        """Requests per second in a tenth of the run: 0 is the first."""
        size = len(self.ended) // 10
        first, last = tenth * size, tenth * size + size - 1
        return (last - first) / (self.ended[last] - self.ended[first])


def steady_rate(ended: Sequence[float]) -> float:
    """Requests per second over the second to the ninth tenth of the replies."""
    first, last = len(ended) // 10, len(ended) * 9 // 10
    return (last - first) / (ended[last] - ended[first])


def times(out: Path) -> Times:
    """The times in a run's journal, which may have more replies than memory should hold."""
    began, ended = array("d"), array("d")
    for reply in records(out / "responses.jsonl"):
        began.append(reply["sent_at"])
        ended.append(reply["sent_at"] + reply["latency"])
    return Times(sorted(began), sorted(ended))
