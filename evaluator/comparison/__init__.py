"""What models gained and forgot against a base, from the files of their runs; nothing is asked.

`compare` gives the comparison as plain data, `write` puts it beside as JSON and Markdown.
"""

from evaluator.comparison.build import beside, compare, write

__all__ = ["beside", "compare", "write"]
