"""A reading of a reply against the sample's target: what the benchmarks with one answer share."""

from collections.abc import Sequence

from evaluator.extract import Reading, choice, strip_thinking
from evaluator.types import Response, Sample, Score


def graded(reading: Reading, target: str) -> Score:
    """Right or wrong by the tolerant reading, with the strict one beside it."""
    return Score(
        float(reading.tolerant == target),
        reading.tolerant,
        dimensions={
            "strict": float(reading.strict == target),
            "in_format": float(reading.strict is not None),
        },
    )


def graded_choice(sample: Sample, response: Response) -> Score:
    """Grades the letter that a reply chooses among `fields["labels"]`."""
    text = strip_thinking(response.text)
    return graded(choice(text, sample.fields["labels"], sample.fields["options"]), sample.target)


def option_lines(labels: Sequence[str], options: Sequence[str]) -> str:
    """The options as they stand in a prompt, one a line."""
    return "\n".join(f"{label}. {option}" for label, option in zip(labels, options, strict=True))
