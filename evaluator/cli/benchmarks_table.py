"""The table of docs/benchmarks.md: `python -m evaluator.cli.benchmarks_table FILE` writes it anew.

What stands around it on the page is written by hand.
"""

import re
import sys
from pathlib import Path

from evaluator.benchmarks import BENCHMARKS
from evaluator.types import Benchmark

BEGIN = "<!-- Made by `make reference` from evaluator/benchmarks/; do not edit it. -->\n"
END = "<!-- The end of what is made. -->\n"
HEAD = "| name | what it asks | samples | shots | metric |\n|---|---|---|---|---|\n"
ASIDE = r" \(.*?\)|;.*"  # of a metric: what a column has no room for
LAST = ("agent", "judge")  # kinds that ask for more than a model


def table() -> str:
    """The whole table: by name, but calls of tools, and then what needs a judge, come last."""
    ordered = sorted(BENCHMARKS.values(), key=lambda each: (place(each), each.name))
    return HEAD + "".join(map(row, ordered))


def place(of: Benchmark) -> int:
    """Where the kind of a benchmark comes."""
    return LAST.index(of.kind) if of.kind in LAST else -1


def row(of: Benchmark) -> str:
    """A benchmark in a line."""
    metric = re.sub(ASIDE, "", of.metric)
    return f"| `{of.name}` | {of.title}, {of.about} | {of.size:,} | {of.shots} | {metric} |\n"


def renewed(page: str) -> str:
    """The page with its table as the benchmarks are."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place for the table, between {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
