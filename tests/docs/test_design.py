"""docs/rooms.md draws the rooms as they are, and docs/design.md names types that there are."""

import re
from importlib import import_module

from tests.docs.pages import ROOT, Page, page
from tests.test_architecture import ALLOWED, VOCABULARY

ROOMS = page("docs/rooms.md")
DESIGN = page("docs/design.md")
TYPES = {  # those that the page explains, and where they are
    "Benchmark": "types",
    "Task": "engine.task",
    "JudgedSolve": "judging.judged",
    "ToolSolve": "agents.tool_solve",
    "Panel": "judging.panel",
    "Session": "runs.session",
    "RunFolder": "results.folder",
}


def tables(of: Page) -> list[str]:
    """The page's tables, without their heads."""
    return re.findall(r"^\|[-|]+\|\n((?:\|.*\n)+)", of.text, re.MULTILINE)


def rooms(table: str) -> dict[str, set[str]]:
    """What each room may import, as the table says; a row without a room goes on with the last."""
    found: dict[str, set[str]] = {}
    room = ""
    for line in table.splitlines():
        first, _, allowed = (cell.strip() for cell in line.strip("|").split("|"))
        room = first.strip("`/") or room
        found.setdefault(room, set()).update(re.findall(r"\w+", allowed))
    return found


def test_the_table_of_rooms_is_what_the_architecture_allows() -> None:
    assert rooms(tables(ROOMS)[0]) == ALLOWED


def test_the_vocabulary_is_the_first_five_rows() -> None:
    assert set(list(rooms(tables(ROOMS)[0]))[: len(VOCABULARY)]) == VOCABULARY


def test_every_room_of_launch_is_named_and_all_else_exists() -> None:
    named = [name for cell in tables(ROOMS)[1].splitlines() for name in first_cell(cell)]
    there = {path.parent.name for path in (ROOT / "launch").glob("*/__init__.py")}

    assert {name.split("/")[1] for name in named if name.startswith("launch/")} == there
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def test_the_types_are_where_the_page_says() -> None:
    named = [name for line in tables(DESIGN)[0].splitlines() for name in first_cell(line)]

    assert named == [*TYPES, "results/*"]
    for name, module in TYPES.items():
        assert hasattr(import_module(f"evaluator.{module}"), name)


def first_cell(line: str) -> list[str]:
    return re.findall(r"`([^`]+)`", line.split("|")[1])
