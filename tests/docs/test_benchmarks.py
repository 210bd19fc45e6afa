"""docs/benchmarks.md tells of every built-in benchmark what is true of it."""

import re

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.cli.benchmarks_table import renewed
from tests.docs.pages import page

PAGE = page("docs/benchmarks.md")


def names(text: str) -> list[str]:
    return re.findall(r"`([a-z_0-9]+)`", text)


@pytest.mark.parametrize("name", ["docs/benchmarks.md", "docs/benchmarks.zh.md"])
def test_the_table_has_every_benchmark_with_its_size_and_shots(name: str) -> None:
    row = r"^\| (`.*?) \|.*?\| (?:各 )?([\d,]+)(?: each)? \| (\d) \|"
    rows = re.findall(row, page(name).text, re.MULTILINE)
    told = {
        name: (int(size.replace(",", "")), int(shots))
        for cell, size, shots in rows
        for name in names(cell)
    }

    assert told == {name: (each.size, each.shots) for name, each in BENCHMARKS.items()}


def test_the_table_is_fresh() -> None:
    assert PAGE.text == renewed(PAGE.text), "run `make reference`"


def test_every_benchmark_says_what_it_asks() -> None:
    assert [name for name, each in BENCHMARKS.items() if not each.about] == []


def test_the_page_says_which_have_modes_and_worked_examples() -> None:
    paragraph = re.search(r"\*\*Modes and shots\.\*\*(.*?)\n\n", PAGE.text, re.DOTALL)
    assert paragraph
    modes, _, shots = paragraph[1].partition("; all others refuse them.")

    assert set(names(modes)) - {"likelihood"} == {
        name for name, each in BENCHMARKS.items() if each.modes
    }
    assert set(names(shots)) == {
        name for name, each in BENCHMARKS.items() if each.examples or each.shots
    }
