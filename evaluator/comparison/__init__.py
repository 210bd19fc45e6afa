"""What models gained and forgot against a base model, from the files of their runs.

`compare` returns the comparison, `write` saves it as compare.json, compare.md and compare.html. No
model is asked anything.
"""

from evaluator.comparison.build import compare
from evaluator.comparison.files import default_folder, write

__all__ = ["compare", "default_folder", "write"]
