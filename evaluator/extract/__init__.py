"""Answer extraction: pure functions that read a model's reply as a careful person would.

None of them looks at the ground truth while it reads, except `expression_equal`.
"""

from evaluator.extract.choices import choice
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.expressions import boxed, expression, expression_equal
from evaluator.extract.language import answered_in_chinese, in_chinese
from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.extract.refusals import refused
from evaluator.extract.text import Reading
from evaluator.extract.yes_no import yes_no

__all__ = [
    "Reading",
    "answered_in_chinese",
    "boxed",
    "canonical_number",
    "choice",
    "expression",
    "expression_equal",
    "in_chinese",
    "number",
    "refused",
    "strip_thinking",
    "yes_no",
]
