"""The fields of a user's own rows under one name each, whatever tool the rows were written for.

Known are the names of evalscope's general_qa and general_mcq, Inspect, lm-evaluation-harness,
OpenCompass, OpenAI's evals, and lists of messages. `--fields question=query` names any other.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from evaluator.data import Row
from evaluator.errors import DataError
from evaluator.locale import N_

NAMES = {  # the name of each field here, and those that it has elsewhere, in lower case
    "question": (
        *("query", "input", "prompt", "problem", "instruction", "messages", "conversations"),
        *("问题", "题目"),
    ),
    "answer": (
        *("response", "target", "ideal", "output", "gold", "label", "reference", "answerkey"),
        *("answer_key", "correct_answer", "答案"),
    ),
    "choices": ("options", "endings"),
    "system": ("system_prompt",),
    "id": (),
    "group": (),
}
EMPTY: tuple[Any, ...] = (None, "", [])
SHOWN = 9  # names that a message has


class OwnRow(Row):
    """A row under the names here; `found` are the names that it came with."""

    found: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset()  # fields that are there without a value

    def __missing__(self, field: str) -> Any:
        if field in self.empty:
            raise DataError(
                N_("{place}: the field {field!r} is empty", place=self.place, field=field)
            )
        raise DataError(
            N_(
                "{place}: no field {field!r}; the row has {found}; name the right one with "
                "--fields {field}=NAME",
                place=self.place,
                field=field,
                found=shown(self.found),
            )
        )


def own_row(place: str, fields: Any, given: Mapping[str, str]) -> OwnRow:
    """The row under the names here, of which `given` says some itself; without empty cells.

    Raises ValueError or DataError where a field is missing, or could be two.
    """
    if not isinstance(fields, dict):
        raise ValueError(f"a row must be an object, got {fields!r:.80}")
    if None in fields:
        raise ValueError(f"more cells than the header names: {fields[None]!r:.80}")
    cells = {str(name).strip(): value for name, value in fields.items()}
    for field, name in given.items():
        if name not in cells:
            raise ValueError(
                f"no field {name!r}, which --fields names for {field}; the row has {shown(cells)}"
            )
    names = tuple(cells)
    empty = any(nothing in cells.values() for nothing in EMPTY)
    places = _places(cells, given) if empty else _places_of_full(names, tuple(given.items()))
    row = OwnRow({field: cells[name] for field, name in places.items() if not _empty(cells[name])})
    row.place, row.found = place, names
    if len(row) < len(places):
        row.empty = frozenset(places) - frozenset(row)
    return row


def shown(names: Any) -> str:
    """The first of some names."""
    listed = [name for name in names if name]
    return ", ".join(listed[:SHOWN]) + (", ..." if len(listed) > SHOWN else "") or "none"


@lru_cache(maxsize=256)
def _places_of_full(names: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Which cell each field is in, where no cell is empty: it is so in most rows of a file."""
    return _places(dict.fromkeys(names, True), dict(given))


def _places(cells: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Which cell each field is in."""
    places, taken = dict(given), set(given.values())
    rest = [name for name in cells if name not in taken]
    for name in rest:
        field = name.upper() if len(name) == 1 else name.lower() if name.lower() in NAMES else name
        if field in given:
            continue
        if field in places and not (_empty(cells[name]) or _empty(cells[places[field]])):
            raise ValueError(f"two fields {field!r}")
        if field not in places or _empty(cells[places[field]]):
            places[field] = name
    for field, others in NAMES.items():
        if others and field not in places and (named := [n for n in rest if n.lower() in others]):
            places[field] = _only(field, [n for n in named if not _empty(cells[n])] or named[:1])
    return places


def _only(field: str, named: list[str]) -> str:
    if len(named) > 1:
        raise ValueError(
            f"{field} may be {' or '.join(map(repr, named))}; say which: --fields {field}=NAME"
        )
    return named[0]


def _empty(cell: Any) -> bool:
    return cell in EMPTY
