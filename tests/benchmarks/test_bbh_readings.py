"""Every row of replies/bbh.jsonl says what a careful person reads, or null where none could."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluator.benchmarks.bbh import TASKS
from evaluator.types import Sample

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "replies" / "bbh.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['task'][:6]} {row['reply'][-30:]}")
def test_a_reply_is_read_in_the_shape_of_its_task(row: dict[str, Any]) -> None:
    sample = Sample("0", {"input": row["input"]}, "", row["task"])

    assert TASKS[row["task"]].read(row["reply"], sample).tolerant == row["answer"]
