"""What multiple-choice and other benchmarks ask: the prompts of a folder, filled for one sample."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.prompts import filled, render
from evaluator.types import DataRow, Fields, Json, Message, Overlong, Prompt


@dataclass(frozen=True, slots=True)
class Question(Prompt):
    """The question of one sample; `wording` names the prompt that a chat model gets.

    Beside it the folder holds `answer.txt`, what the assistant says in a worked example, and
    `plain.txt`, a text for a base model to go on with, which ends in the cue for an answer. Among
    the fields are those of the worked examples (`worked`), and these as one text (`examples`).
    A user's `template` takes the place of the prompt and of `plain`.
    """

    has_examples: ClassVar[bool] = True

    folder: str
    fields: Mapping[str, Any]
    wording: str = "question"
    stop: Sequence[str] = ()
    template: str = ""

    def __str__(self) -> str:
        return self._asked(self.fields)

    def in_template(self, template: str) -> "Question":
        """The same in the words of a template, which the fields fill."""
        return replace(self, template=template)

    @property
    def cue(self) -> str:
        """The last line of `plain`."""
        return self.plain().rpartition("\n")[2]

    def turns(self) -> list[Message]:
        """Each worked example as a question and its answer, then the question itself."""
        turns: list[Message] = []
        for fields in (*self.fields["worked"], self.fields):
            alone = {**self.fields, **fields, "examples": ""}
            turns.append({"role": "user", "content": self._asked(alone)})
            if fields is not self.fields:
                said = render(f"{self.folder}/answer", **alone, wording=self.wording)
                turns.append({"role": "assistant", "content": said})
        return turns

    def plain(self) -> str:
        """The text for a base model."""
        return str(self) if self.template else render(f"{self.folder}/plain", **self.fields)

    def _asked(self, fields: Json) -> str:
        if self.template:
            return filled(self.template, fields)
        return render(f"{self.folder}/{self.wording}", **fields)


@dataclass(frozen=True, slots=True)
class Continuation(Prompt):
    """A text whose likelihood after a context is asked for, and perhaps the likeliest tokens."""

    context: str
    text: str
    likeliest: bool = False
    overlong: Overlong = ""

    def __str__(self) -> str:
        return self.context + self.text

    @property
    def scored(self) -> int:
        """The characters of the text."""
        return len(self.text)

    @property
    def question(self) -> None:
        """It is sent in the very words that it has."""
        return None


def worked_examples(
    folder: str,
    shots: int,
    rows: Iterable[DataRow],
    fields: Callable[[DataRow], Fields],
) -> Fields:
    """The first `shots` of the rows as worked examples, for the fields of each question.

    Raises UsageError when there are not so many.
    """
    worked = [fields(row) for row in islice(rows, shots)] if shots else []
    if len(worked) < shots:
        raise UsageError(
            N_(
                "{folder} has {count} worked {count:example|examples}, not {shots}; give fewer "
                "with --shots",
                folder=folder,
                count=len(worked),
                shots=shots,
            )
        )
    text = "".join(render(f"{folder}/example", **example) for example in worked)
    return {"worked": worked, "examples": text}
