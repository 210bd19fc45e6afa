"""The files with a line for each sample, written as samples end."""

from collections.abc import Collection
from contextlib import ExitStack
from typing import Self

import orjson

from evaluator.results.outcomes import OutcomeLines
from evaluator.runs.folder import Folder
from evaluator.transcripts.write import Transcripts
from evaluator.types import Event, Outcome


class LineMaker:
    """Makes the lines of outcomes, in the order in which they are written."""

    def __init__(self) -> None:
        self._transcripts = Transcripts()

    def __call__(self, outcome: Outcome) -> OutcomeLines:
        """The lines of one outcome."""
        return OutcomeLines(outcome_line(outcome), self._transcripts.lines(outcome))


class SampleFiles:
    """outcomes.jsonl and samples.jsonl, with the lines of a session's own benchmarks.

    They are drafts, beside what the folder holds, until `take_place`.
    """

    def __init__(self, folder: Folder, benchmarks: Collection[str]) -> None:
        self._folder = folder
        self._benchmarks = benchmarks
        self._lines = LineMaker()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begins the files, with the lines of other benchmarks.  Raises OSError."""
        files, draft = self._folder.files, self._folder.draft
        self._outcomes = self._stack.enter_context(draft(files.outcomes, self._benchmarks))
        self._samples = self._stack.enter_context(draft(files.samples, self._benchmarks))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def take_place(self) -> None:
        """Puts the files into their places.  Raises OSError."""
        self._outcomes.take_place()
        self._samples.take_place()

    def __call__(self, event: Event) -> None:
        """Writes the lines of an outcome.  Raises JournalError where that cannot be done."""
        if not isinstance(event, Outcome):
            return
        lines = event.lines or self._lines(event)
        try:
            self._outcomes.write(lines.outcome)
            self._samples.write(lines.sample)
        except OSError as error:
            raise self._folder.unwritable(error) from error


def outcome_line(outcome: Outcome) -> bytes:
    """The line of outcomes.jsonl, which reads back as an `OutcomeRecord`.

    No such record is made here: this runs once a sample, and takes a quarter of the time so.
    """
    score = outcome.score
    line: dict[str, object] = {
        "benchmark": outcome.benchmark,
        "id": outcome.sample_id,
        "group": outcome.group,
        "status": outcome.status,
        "value": score.value if score else None,
        "answer": score.answer if score else None,
        "target": outcome.target,
        "note": score.note if score else "",
        "error": outcome.error,
        "dimensions": score.dimensions if score else {},
        "response_keys": outcome.response_keys,
        "prompt": outcome.prompt,
        "leaked": outcome.leaked,
        "ran_on": outcome.ran_on,
    }
    if outcome.fitted:
        line["fitted"] = outcome.fitted
    if outcome.states:
        line |= {"states": outcome.states, "repeats": score.repeats if score else {}}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
