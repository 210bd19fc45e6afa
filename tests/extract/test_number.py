"""Every row of replies/number.jsonl says what a careful person reads, or null where none could."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from evaluator.data import Builtin, Mirror
from evaluator.extract.numbers import number
from evaluator.extract.numerals import canonical_number
from evaluator.extract.text import Reading

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "replies" / "number.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["reply"][-40:])
def test_reply_is_read_as_a_person_reads_it(row: dict[str, Any]) -> None:
    reading = number(row["reply"])

    assert reading == Reading(row["answer"], row["answer"] if row.get("strict") else None)


def test_the_table_is_large_and_bilingual() -> None:
    assert len(ROWS) >= 300
    assert sum(not row["reply"].isascii() for row in ROWS) >= 60


SOLUTIONS = [
    row["answer"]
    for row in (Mirror(Path(REAL)) if REAL else Builtin()).rows("openai/gsm8k", "main", "test")
]
PROSE = [
    *(
        "",
        "I am not sure about this. ",
        "She doesn't know whether 3 of 7 came. ",
        "If he rides, $6. ",
    ),
    *(
        "The boys form 4 lines. ",
        "For example, 5 of them. ",
        "e.g. 12 ",
        "not in the group ",
        "if so ",
    ),
    *(
        "The answer is not clear yet. ",
        "他不是很确定。",
        "例如有5个。",
        "如果再来2个，",
        "It isn't 17. ",
    ),
]


@pytest.mark.parametrize("prose", PROSE)
def test_a_gold_solution_is_read_as_its_number_whatever_stands_before_the_mark(prose: str) -> None:
    """All 1,319 of GSM8K with EVALUATOR_DATA_DIR, else the built-in ones."""
    for solution in SOLUTIONS:
        steps, _, value = solution.rpartition("\n#### ")
        value = canonical_number(value)

        assert number(f"{steps}\n{prose}#### {value}").tolerant == value
        assert number(f"{steps} {prose}#### {value}").tolerant == value
        assert number(f"{prose}#### {value}").tolerant == value
        if prose.rstrip().endswith((".", "。")):
            assert number(f"{steps} {prose}The answer is {value}.").tolerant == value
            assert number(f"{steps} {prose}\\boxed{{{value}}}").tolerant == value


def test_all_gold_solutions_were_read() -> None:
    assert len(SOLUTIONS) == (1_319 if REAL else 30)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("1,200.00", "1200"),
        ("18.00", "18"),
        ("18", "18"),
        ("018", "18"),
        ("0.50", "0.5"),
        (".5", "0.5"),
        ("1/2", "0.5"),
        ("2/6", "1/3"),
        ("-1/3", "-1/3"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("−5", "-5"),
        ("１８", "18"),
        ("100", "100"),
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"),
        ("5 × 10^3", "5000"),
        ("2 1/2", "2.5"),
        ("$18", "18"),
        ("18%", "18"),
        ("42.", "42"),
        ("1.5万", "15000"),
        ("3千", "3000"),
        ("2万5千", "25000"),
        ("3千5百", "3500"),
        ("3百5十", "350"),
        ("1.5万5百", "15500"),
        ("1万2000", "12000"),
        ("3千500", "3500"),
        ("1亿2000万", "120000000"),
        ("3千5百万", "35000000"),
        ("一亿两千万", "120000000"),
        ("一亿零三十", "100000030"),
        ("一千零一万", "10010000"),
        ("三百万", "3000000"),
        ("一万亿", "1000000000000"),
        ("5 hundred thousand", "500000"),
        ("2 hundred million", "200000000"),
        ("一百二十", "120"),
        ("三千五百", "3500"),
        ("十八", "18"),
        ("两百", "200"),
        ("两百五", "250"),
        ("一万零三十", "10030"),
        ("二〇二四", "2024"),
        ("三点一四", "3.14"),
        ("twenty-five", "25"),
        ("one hundred and five", "105"),
        ("a hundred", "100"),
        ("three thousand, two hundred and one", "3201"),
        ("two million three hundred thousand", "2300000"),
        ("two and a half", "2.5"),
        ("2½", "2.5"),
        ("¾", "0.75"),
        ("57 500", "57500"),
        ("57'500", "57500"),
        ("1 234 567.5", "1234567.5"),
        ("one two", None),
        ("57 50", None),
        ("5 1000", None),
        ("and five", None),
        ("2 million", "2000000"),
        ("1/0", None),
        ("", None),
        ("abc", None),
        ("18 eggs", None),
        ("1,2", None),
        ("3:30", None),
        ("2024-01-05", None),
        ("1" * 1000, None),
    ],
)
def test_equal_numbers_have_one_spelling(written: str, canonical: str | None) -> None:
    assert canonical_number(written) == canonical


def test_a_canonical_number_is_its_own_spelling() -> None:
    for row in ROWS:
        if row["answer"] is not None:
            assert canonical_number(row["answer"]) == row["answer"]
