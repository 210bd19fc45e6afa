"""Questions with labelled options: how they are read from rows, asked and graded, in one way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import ascii_uppercase

from evaluator.tasks.grading import graded_choice
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, DataRow, Fields, Rows, Sample, Score, Solve

LETTERS = tuple(ascii_uppercase)
NEXT = ("\n\n", "\nQuestion:", "\n题目：")  # a base model that has answered begins another question


def choice_fields(
    question: str, options: Sequence[str], answer: str, labels: Sequence[str] = ()
) -> Fields:
    """What a prompt and the grading need; labels are A, B, C, ... unless given.

    Raises ValueError where labels, options and answer do not fit together.
    """
    labels = labels or LETTERS[: len(options)]
    if answer not in labels:
        raise ValueError(f"answer {answer!r} is none of the labels {', '.join(labels)}")
    lines = (f"{label}. {option}" for label, option in zip(labels, options, strict=True))
    return {
        "question": question,
        "labels": labels,
        "options": options,
        "option_lines": "\n".join(lines),
        "answer": answer,
    }


def lettered_fields(question: str, row: DataRow, answer: str) -> Fields:
    """The fields of a row that holds its four options under A to D."""
    return choice_fields(question, [row[label] for label in "ABCD"], answer)


def exam(
    rows: Rows,
    shots: int,
    dataset: str,
    split: str,
    titles: Mapping[str, str],
    folder: str,
    fields: Callable[[DataRow], Fields],
) -> Iterator[Sample]:
    """The questions of a data set with a config for each subject.

    A subject's worked examples are the first of its dev split. `folder` holds the prompts.
    """
    for subject, title in titles.items():
        shown: Fields = {}
        for number, row in enumerate(rows(dataset, subject, split)):
            # not before: of a subject without questions there need not be examples
            shown = shown or worked_examples(folder, shots, rows(dataset, subject, "dev"), fields)
            filled = fields(row) | shown | {"subject": title}
            yield Sample(f"{subject}/{row.get('id', number)}", filled, filled["answer"], subject)


def solve_by_letter(folder: str) -> Solve:
    """`solve` with the prompts of that folder: asks for the letter on a last line; reads it
    wherever it is clearly stated."""

    async def solve(sample: Sample, ask: Ask) -> Score:
        return graded_choice(sample, await ask(Question(folder, sample.fields, stop=NEXT)))

    return solve


def category_of(categories: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Subject -> category, from the subjects of each category."""
    return {subject: name for name, subjects in categories.items() for subject in subjects}
