"""A user's own file in the spellings that people use: read where clear, refused where not."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import benchmark
from evaluator.data import Builtin, samples
from evaluator.errors import DataError
from evaluator.types import Sample


def loaded(path: Path, kind: str = "mcq") -> list[Sample]:
    return list(samples(benchmark(f"{kind}:{path}"), Builtin(), 0))


def of_rows(folder: Path, *rows: Any, kind: str = "mcq") -> list[Sample]:
    (folder / "mine.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return loaded(folder / "mine.jsonl", kind)


GASES = {"question": "?", "A": "oxygen", "B": "argon", "C": "neon"}
LETTERED = {"question": "?", "A": "A. oxygen", "B": "B. argon", "C": "C. neon"}
LISTED = {"question": "?", "choices": ["oxygen", "argon", "neon"]}
NUMBERS = {"question": "?", "choices": ["1", "2", "3"]}


@pytest.mark.parametrize(
    ("row", "target"),
    [
        (GASES | {"answer": "B"}, "B"),
        (GASES | {"answer": " b "}, "B"),
        (GASES | {"answer": "(B)"}, "B"),
        (GASES | {"answer": "B."}, "B"),
        (GASES | {"answer": "B)"}, "B"),
        (GASES | {"answer": "（B）"}, "B"),
        (GASES | {"answer": "[B]"}, "B"),
        (GASES | {"answer": "Option B"}, "B"),
        (GASES | {"answer": "选项B"}, "B"),
        (GASES | {"answer": "argon"}, "B"),
        (GASES | {"answer": "Argon"}, "B"),
        (GASES | {"answer": "argon."}, "B"),
        (GASES | {"answer": "B. argon"}, "B"),
        (GASES | {"answer": "(B) argon"}, "B"),
        (LETTERED | {"answer": "B"}, "B"),
        (LETTERED | {"answer": "B. argon"}, "B"),
        (LETTERED | {"answer": "argon"}, "B"),
        (LISTED | {"answer": "B"}, "B"),
        (LISTED | {"answer": 1}, "B"),
        (LISTED | {"answer": "1"}, "B"),
        (LISTED | {"answer": "argon"}, "B"),
        (LISTED | {"answer": "(b)"}, "B"),
        (NUMBERS | {"answer": 1}, "B"),
        (NUMBERS | {"answer": "3"}, "C"),
        ({"question": "?", "choices": ["B", "A"], "answer": "A"}, "A"),
        ({"Question": "?", "a": "x", "b": "y", "Answer": "B"}, "B"),
        ({"QUESTION": "?", "Choices": ["x", "y"], "ANSWER": "y"}, "B"),
        ({" question ": "?", "A ": "x", " B": "y", "answer": "B"}, "B"),
    ],
    ids=lambda each: str(each)[-40:],
)
def test_a_right_option_is_named_in_many_ways(tmp_path: Path, row: Any, target: str) -> None:
    assert of_rows(tmp_path, row)[0].target == target


@pytest.mark.parametrize(
    "row",
    [
        GASES | {"answer": "D"},
        GASES | {"answer": "(D)"},
        GASES | {"answer": "1"},  # from 0 or from 1?
        GASES | {"answer": "xenon"},
        GASES | {"answer": "B. neon"},
        GASES | {"answer": "A or B"},
        GASES | {"answer": "AB"},
        GASES | {"answer": "not B"},
        LISTED | {"answer": "3"},
        LISTED | {"answer": 3},
        LISTED | {"answer": -1},
        NUMBERS | {"answer": "1"},  # the option 1, or the one at position 1?
        NUMBERS | {"answer": "2"},
        {"question": "?", "choices": ["x", "X", "y"], "answer": "xX"},
        {"question": "?", "choices": ["same", "same"], "answer": "same"},
    ],
    ids=lambda each: str(each)[-40:],
)
def test_an_answer_that_is_not_clear_is_refused(tmp_path: Path, row: Any) -> None:
    with pytest.raises(DataError, match=r"mine\.jsonl:1: answer"):
        of_rows(tmp_path, row)


@pytest.mark.parametrize(
    "mark", ["{}. ", "{}) ", "({}) ", "{}、", "{}: ", "{}：", "（{}）", "{}．", "{}.", "[{}] "]
)
def test_options_that_begin_with_their_own_letter_are_shown_with_one(
    tmp_path: Path, mark: str
) -> None:
    row = {letter: mark.format(letter) + text for letter, text in zip("AB", "xy", strict=True)}
    (sample,) = of_rows(tmp_path, {"question": "?", **row, "answer": "B"})

    assert sample.fields["option_lines"] == "A. x\nB. y"


@pytest.mark.parametrize(
    "options",
    [
        ["A. x", "y"],
        ["A. x", "A. y"],
        ["B. x", "A. y"],
        ["A b", "B c"],
        ["Ax", "By"],
        ["A", "B"],
        ["A.1", "B.2"],
        ["A-flat", "B-flat"],
    ],
)
def test_options_that_only_look_like_it_stay_as_they_are(tmp_path: Path, options: Any) -> None:
    (sample,) = of_rows(tmp_path, {"question": "?", "choices": options, "answer": 0})

    assert sample.fields["options"] == options


@pytest.mark.parametrize(
    "lines",
    [
        "Question,A,B,Answer\nWhich?,x,y,B",
        "question, A, B, answer\nWhich?, x, y, B",
        'question, A, B, answer\n"Which, then?", "x, or so", y, B',
        "question;A;B;answer\nWhich, or what?;x;y;B",
        "Question; A; B; Answer\nWhich?; x; y; B",
        "question\tA\tB\tanswer\nWhich, or what?\tx\ty\tB",
        "QUESTION\tA\tB\tANSWER\nWhich; or what?\tx\ty\ty",
        "question,a,b,answer\nWhich?,x,y,b",
        '"question";"A";"B";"answer"\n"Which; one?";"x";"y";"(B)"',
        "question ,A ,B ,answer \nWhich?,x,y,B ",
        "id;question;A;B;answer\n7;Which?;x;y;B",
    ],
)
def test_a_table_is_read_with_the_separator_of_its_header(tmp_path: Path, lines: str) -> None:
    (tmp_path / "mine.csv").write_text(lines, encoding="utf-8")
    (sample,) = loaded(tmp_path / "mine.csv")

    assert sample.target == "B"
    assert sample.fields["options"] in (["x", "y"], ["x, or so", "y"])
    assert sample.fields["question"].startswith("Which")


def test_short_answers_come_in_the_same_tables(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("Question; Answer\nHow many, then?; 1,5\n", encoding="utf-8")
    (sample,) = loaded(tmp_path / "mine.csv", "qa")

    assert (sample.fields["question"], sample.target) == ("How many, then?", "1,5")


def test_two_fields_that_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    row = {"question": "?", "Question": "!", "A": "x", "B": "y", "answer": "A"}
    with pytest.raises(DataError, match="two fields 'question'"):
        of_rows(tmp_path, row)
