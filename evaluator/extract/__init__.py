"""Model reply -> answer: pure functions, each read as a careful person would read the reply.

No function here looks at the reference answer while it reads, but for `expression_equal`.
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
