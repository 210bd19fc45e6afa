"""A reading of a reply against the sample's target: what the benchmarks with one answer share."""

from collections.abc import Callable
from operator import eq

from evaluator.extract import Reading, choice, strip_thinking
from evaluator.types import NoExamples, Response, Sample, Score


def graded(reading: Reading, target: str, same: Callable[[str, str], bool] = eq) -> Score:
    """Right or wrong by the tolerant reading, with the strict one beside it."""

    def right(answer: str | None) -> float:
        return float(answer is not None and same(answer, target))

    return Score(
        right(reading.tolerant),
        reading.tolerant,
        dimensions={"strict": right(reading.strict), "in_format": float(reading.in_format)},
    )


def graded_choice(sample: Sample, response: Response) -> Score:
    """Grades the letter that a reply chooses among `fields["labels"]`."""
    text = strip_thinking(response.text)
    return graded(choice(text, sample.fields["labels"], sample.fields["options"]), sample.target)


def without_examples(name: str, shots: int) -> None:
    """Raises NoExamples when worked examples are asked for where the data holds none."""
    if shots:
        raise NoExamples(f"{name} has no worked examples to show; run it with 0 shots, not {shots}")
