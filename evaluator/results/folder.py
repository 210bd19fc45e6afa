"""A run's folder: where each of its files lies."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of a run's files. What they hold: the module of each in `evaluator.results`."""

    path: Path

    @property
    def run(self) -> Path:
        """What was run, and what it took."""
        return self.path / "run.json"

    @property
    def responses(self) -> Path:
        """The journal: every reply, as it came. The only file that cannot be made again."""
        return self.path / "responses.jsonl"

    def shard(self, number: int) -> Path:
        """The journal of one of several clients, while they ask: then it goes to the other."""
        return self.path / f"responses.{number}.jsonl"

    @property
    def journals(self) -> list[Path]:
        """The journal, and what clients that were killed have left beside it."""
        return [self.responses, *sorted(self.path.glob("responses.*.jsonl"))]

    @property
    def outcomes(self) -> Path:
        """A line for each sample: what it came to."""
        return self.path / "outcomes.jsonl"

    @property
    def samples(self) -> Path:
        """A line for each sample: what was asked and said, for people."""
        return self.path / "samples.jsonl"

    @property
    def report(self) -> Path:
        """All figures, made from the files above."""
        return self.path / "report.json"

    @property
    def report_text(self) -> Path:
        """The report in Markdown."""
        return self.path / "report.md"

    @property
    def page(self) -> Path:
        """The report as a page for a browser, with charts."""
        return self.path / "report.html"

    @property
    def page_samples(self) -> Path:
        """The folder of the scripts that show samples in the page."""
        return self.path / "report_samples"

    @property
    def smoke(self) -> Path:
        """The first replies of each large benchmark, in Markdown."""
        return self.path / "smoke.md"

    @property
    def scored(self) -> Path:
        """The lines of a recorded file, each with its score."""
        return self.path / "scored.jsonl"

    @property
    def noise(self) -> Path:
        """The folder of the run that asked some of the samples again."""
        return self.path / "again"
