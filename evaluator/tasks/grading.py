"""Scores an extracted answer against the ground truth: for benchmarks with one right answer."""

from collections.abc import Callable
from operator import eq

from evaluator.extract.choices import choice
from evaluator.extract.expressions import boxed, expression, expression_equal
from evaluator.extract.refusals import refused
from evaluator.extract.several_choices import choices
from evaluator.extract.text import Reading
from evaluator.results.names import IN_FORMAT, REFUSED, STRICT
from evaluator.types import Response, Sample, Score


def graded(
    reading: Reading, target: str, text: str = "", same: Callable[[str, str], bool] = eq
) -> Score:
    """Right or wrong by the tolerant reading, with the strict one beside it.

    `text` is the reply: where nothing was read in it, it may be a refusal.
    """

    def right(answer: str | None) -> float:
        return float(answer is not None and same(answer, target))

    return Score(
        right(reading.tolerant),
        reading.tolerant,
        dimensions={
            STRICT: right(reading.strict),
            IN_FORMAT: float(reading.in_format),
            REFUSED: float(reading.tolerant is None and refused(text)),
        },
    )


def graded_choice(sample: Sample, response: Response) -> Score:
    """Grades the letter that a reply chooses among `fields["labels"]`."""
    fields = sample.fields
    reading = choice(response.text, fields["labels"], fields["options"], fields["question"])
    return graded(reading, sample.target, response.text)


def graded_choices(sample: Sample, response: Response) -> Score:
    """Grades all the letters that a reply chooses; the target is `ACD`, and less of it is wrong."""
    reading = choices(response.text, sample.fields["labels"], sample.fields["question"])
    return graded(reading, sample.target, response.text)


def credit(answer: str, target: str) -> float:
    """The share of a question's points: half of them for some of the right letters alone."""
    if answer == target:
        return 1.0
    return 0.5 if answer and set(answer) < set(target) else 0.0


def graded_expression(sample: Sample, response: Response) -> Score:
    """Grades the expression that a reply comes to; in the format asked for, it stands in a box."""
    text = response.text
    right = float(expression_equal(text, sample.target))
    in_format = float(boxed(text) is not None)
    declined = not right and refused(text)
    return Score(
        right,
        None if declined else expression(text) or None,
        dimensions={
            STRICT: right * in_format,
            IN_FORMAT: in_format,
            REFUSED: float(declined),
        },
    )
