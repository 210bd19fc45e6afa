"""Typed comparison of arguments: which spellings are one value, and which are not."""

from typing import Any

import pytest

from evaluator.agents.values import same

DATE, MOMENT, UNIT, PLACE = ({"format": f} for f in ("date", "date-time", "unit", "place"))
SAME: list[tuple[Any, Any, dict[str, Any]]] = [
    (3, 3.0, {}),
    ("ＡＢＣ １", "abc 1", {}),
    (" Report. ", "report", {}),
    ("2026年3月5日", "2026-03-05", DATE),
    ("2026/3/5", "2026-03-05", DATE),
    ("March 5, 2026", "2026-03-05", DATE),
    ("2026-03-05T15:30:00", "2026-03-05 15:30", MOMENT),
    ("2026年3月5日下午3点30分", "2026-03-05 15:30", MOMENT),
    ("公里", "km", UNIT),
    ("Kilometres", "km", UNIT),
    ("℃", "c", UNIT),
    ("北京市", "Beijing", PLACE),
    ("Xi'an", "西安", PLACE),
    (["a", 1], ["A", 1.0], {}),
    ({"k": "x "}, {"k": "x"}, {}),
    ("27 36", {"contains": [["27"], ["36"]]}, {}),
    ("12 degrees, 6.21 miles, 1,800 yuan", {"contains": [["12"], ["6.2"], ["1800"]]}, {}),
    ("A white cat in the MOONlight", {"contains": [["猫", "cat"], ["月", "moon"]]}, {}),
]
OTHER: list[tuple[Any, Any, dict[str, Any]]] = [
    ("3", 3, {}),
    (True, 1, {}),
    (1, True, {}),
    (3, "3", {}),
    (10**400, 0.5, {}),
    (float("nan"), 1, {}),
    ("2026-03-06", "2026-03-05", DATE),
    ("tomorrow", "2026-03-05", DATE),
    ("2026-03-05 03:30", "2026-03-05 15:30", MOMENT),
    ("mi", "km", UNIT),
    ("Shanghai", "Beijing", PLACE),
    (["b", "a"], ["a", "b"], {}),
    ("ab", ["a", "b"], {}),
    ({"k": 1, "l": 2}, {"k": 1}, {}),
    ("A white cat", {"contains": [["猫", "cat"], ["月", "moon"]]}, {}),
    (None, "x", {}),
    ("from 120 to 3.12 degrees", {"contains": [["12"]]}, {}),
]


@pytest.mark.parametrize(("given", "expected", "schema"), SAME)
def test_one_value_in_two_spellings(given: Any, expected: Any, schema: dict[str, Any]) -> None:
    assert same(given, expected, schema)


@pytest.mark.parametrize(("given", "expected", "schema"), OTHER)
def test_another_value_or_type(given: Any, expected: Any, schema: dict[str, Any]) -> None:
    assert not same(given, expected, schema)
