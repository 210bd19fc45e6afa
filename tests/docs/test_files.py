"""docs/files.md and docs/schemas/ name the same fields."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, page

PAGE = page("docs/files.md")
SCHEMAS = sorted((ROOT / "docs/schemas").glob("*.schema.json"))
BY_FILE = pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def section(name: str) -> str:
    """The part of the page about one file."""
    found = re.search(rf"^## {name}\.jsonl?\n(.*?)(?=^## |\Z)", PAGE.text, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def named(text: str) -> set[str]:
    """The fields that the tables name: words in code in the first column, heads of tables too."""
    words: set[str] = set()
    for cell in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE):
        for code in re.findall(r"`([^`]+)`", cell):
            words |= set(re.findall(r"[a-z_0-9]+", re.sub(r"<.*?>|\[.*?\]", " ", code)))
    return words


def told(text: str) -> set[str]:
    """Every word in code, wherever it stands."""
    codes = re.findall(r"`([^`\n]+)`", text)
    return {word for code in codes for word in re.findall(r"[a-z_0-9]+", code)}


def fields(schema: Any) -> set[str]:
    """The names of all fields of a schema, at every level."""
    if isinstance(schema, list):
        return set().union(*map(fields, schema))
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties", {})
    return set(own).union(*map(fields, schema.values()))


@BY_FILE
def test_every_field_that_the_page_names_is_in_the_schema(path: Path) -> None:
    assert named(section(name_of(path))) <= fields(json.loads(path.read_text(encoding="utf-8")))


@BY_FILE
def test_the_page_links_the_schema(path: Path) -> None:
    assert f"](schemas/{path.name})" in PAGE.text


@BY_FILE
def test_every_field_of_the_schema_is_on_the_page(path: Path) -> None:
    assert fields(json.loads(path.read_text(encoding="utf-8"))) <= told(PAGE.text)
