"""A user's own file in the spellings that people use: read where clear, refused where not."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import benchmark
from evaluator.data import Builtin, RowFormat, samples
from evaluator.errors import DataError, UsageError
from evaluator.types import Response, Sample


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
        GASES | {"answer": "ABA"},
        GASES | {"answer": ["A", "A"]},
        GASES | {"answer": ["A", "D"]},
        GASES | {"answer": "A, D"},
        {"question": "?", "A": "AB", "B": "BC", "C": "AC", "answer": "AC"},  # text, or A and C?
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


TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]
ASSISTANT = {"role": "assistant", "content": "4"}


@pytest.mark.parametrize(
    "row",
    [
        {"query": "2 + 2?", "response": "4", "system": "Be brief."},  # evalscope general_qa
        {"input": "2 + 2?", "target": "4"},  # Inspect
        {"input": "2 + 2?", "target": ["4", "four"]},
        {"input": TALK, "target": "4"},
        {"input": TALK, "ideal": "4"},  # OpenAI's evals
        {"question": "2 + 2?", "answer": "4"},  # OpenCompass
        {"problem": "2 + 2?", "label": 4},
        {"prompt": "2 + 2?", "reference": "4"},
        {"messages": [*TALK, ASSISTANT]},
        {"messages": TALK, "answer": "4"},
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "2 + 2?"}]},
                ASSISTANT,
            ]
        },
        {"conversations": [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]},
        {"Query": "2 + 2?", "Answer": "4"},
        {"问题": "2 + 2?", "答案": "4"},
    ],
    ids=lambda row: ", ".join(row),
)
def test_rows_of_other_tools_are_read(tmp_path: Path, row: Any) -> None:
    (sample,) = of_rows(tmp_path, row, kind="qa")

    assert (sample.fields["question"], sample.target[0]) == ("2 + 2?", "4")
    system = "system" in row or "system" in str(row)
    assert [turn["content"] for turn in sample.fields["before"]] == ["Be brief."] * system


@pytest.mark.parametrize(
    ("row", "options", "target"),
    [
        ({"input": "?", "choices": ["x", "y"], "target": "B"}, ["x", "y"], "B"),  # Inspect
        ({"query": "?", "choices": ["(A)x", "(B)y"], "gold": [1]}, ["x", "y"], "B"),  # lm-eval
        ({"query": "?", "choices": ["x", "y"], "gold": 1}, ["x", "y"], "B"),
        ({"question": "?", "options": {"A": "x", "B": "y"}, "label": "B"}, ["x", "y"], "B"),
        (
            {
                "question": "?",
                "choices": {"text": ["x", "y"], "label": ["1", "2"]},
                "answerKey": "2",
            },
            ["x", "y"],
            "B",
        ),
        ({"question": "?", "A": "x", "B": "y", "answer": "B", "target": "z"}, ["x", "y"], "B"),
    ],
    ids=lambda each: str(each)[:50],
)
def test_choices_of_other_tools_are_read(
    tmp_path: Path, row: Any, options: list[str], target: str
) -> None:
    (sample,) = of_rows(tmp_path, row)

    assert (sample.fields["options"], sample.target) == (options, target)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            {"ask": "?", "answer": "4"},
            "no field 'question'; the row has ask, answer; .*--fields quest",
        ),
        ({"question": "?", "answer": ""}, "the field 'answer' is empty"),
        ({"input": "x", "instruction": "y", "answer": "4"}, "'input' or 'instruction'; say which"),
        (
            {"question": "?", "gold": 1, "target": "4"},
            "'gold' or 'target'; say which: --fields answ",
        ),
        ({"messages": [ASSISTANT], "answer": "4"}, "the last message must be the user's"),
        ({"messages": [{"content": "?"}], "answer": "4"}, "a message without a role"),
        ({"input": TALK, "system": "Be kind.", "target": "4"}, "two system prompts"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}], "answer": "4"},
            "must be text alone",
        ),
    ],
    ids=lambda each: str(each)[:50],
)
def test_a_row_that_could_be_read_in_two_ways_is_refused(
    tmp_path: Path, row: Any, complaint: str
) -> None:
    with pytest.raises(DataError, match=rf"mine\.jsonl:1: .*{complaint}"):
        of_rows(tmp_path, row, kind="qa")


def with_fields(path: Path, kind: str = "qa", **fields: str) -> list[Sample]:
    named = benchmark(f"{kind}:{path}", RowFormat("", fields))
    return list(samples(named, Builtin(), 0))


def test_fields_of_any_name_are_read_as_the_user_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("nr,ask,first,second,right,answer\n7,?,x,y,B,a long story\n", "utf-8")
    names = {"question": "ask", "answer": "right", "A": "first", "B": "second", "id": "nr"}
    (sample,) = with_fields(file, "mcq", **names)

    assert (sample.id, sample.target, sample.fields["options"]) == ("7", "B", ["x", "y"])
    with pytest.raises(DataError, match=r"mine\.csv:2: no field 'asked', which --fields names"):
        with_fields(file, question="asked")
    with pytest.raises(UsageError, match="--fields: no field 'anwser'; did you mean 'answer'"):
        with_fields(file, anwser="right")


@pytest.mark.parametrize(
    "answer",
    ["AC", "CA", "A,C", "A, C", "A、C", "A;C", "A and C", "A和C", "(A)(C)", ["A", "C"], ["C", "A"],
     ["oxygen", "neon"]],
    ids=str,
)  # fmt: skip
def test_several_options_may_be_right(tmp_path: Path, answer: Any) -> None:
    """A question does not tell how many are: its group asks for one or several."""
    rows = [
        GASES | {"answer": answer},
        GASES | {"answer": "B"},
        GASES | {"answer": "B", "group": "x"},
    ]
    made = of_rows(tmp_path, *rows)

    assert [sample.target for sample in made] == ["AC", "B", "B"]
    assert [sample.fields["several"] for sample in made] == [True, True, False]


@pytest.mark.parametrize(
    ("reply", "answer", "value", "earned"),
    [
        ("Answer: AC", "AC", 1.0, 1.0),
        ("Both are noble: A and C.\n\nAnswer: A, C", "AC", 1.0, 1.0),
        ("Answer: A", "A", 0.0, 0.5),
        ("Answer: ABC", "ABC", 0.0, 0.0),
        ("I cannot tell.", None, 0.0, 0.0),
    ],
)
@pytest.mark.anyio
async def test_the_exact_set_is_right_and_a_part_of_it_earns_credit(
    tmp_path: Path, reply: str, answer: str | None, value: float, earned: float
) -> None:
    (sample,) = of_rows(tmp_path, GASES | {"answer": "AC"})
    asked: list[str] = []

    async def ask(messages: Any, role: str = "model", **params: Any) -> Response:
        asked.append(str(messages))
        return Response("", reply)

    score = await benchmark(f"mcq:{tmp_path / 'mine.jsonl'}").solve(sample, ask)

    assert (score.answer, score.value, score.dimensions["credit"]) == (answer, value, earned)
    assert "One or more options are right" in asked[0]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("", "the file is empty"), ("\n \n", "there are no rows"), ("[]", "a row must be an object")],
)
def test_a_file_without_rows_is_said_to_be_so(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "mine.jsonl").write_text(content)

    with pytest.raises(DataError, match=rf"mine\.jsonl.*{complaint}"):
        loaded(tmp_path / "mine.jsonl")
