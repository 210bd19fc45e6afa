from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.test_cli import outcomes, report
from tests.conftest import Cli


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    rows = [{"question": f"{i} + 1?", "answer": f"#### {i + 1}"} for i in range(10)]
    folder = tmp_path / "data/openai/gsm8k/main"
    folder.mkdir(parents=True)
    lines(folder / "test.jsonl", rows)
    return tmp_path / "data"


def test_recorded_replies_are_scored_and_keep_their_fields(
    cli: Cli, mirror: Path, tmp_path: Path
) -> None:
    said = ["Answer: 1", "so it is **2**.", "Answer: 7", "no idea", "", *["Answer: 0"] * 5]
    rows = [{"id": i, "response": text, "mood": "calm"} for i, text in enumerate(said)]
    rows[3]["finish_reason"] = "length"
    done = cli(
        "score", "gsm8k", "--responses", lines(tmp_path / "r.jsonl", rows), "--data-dir", mirror
    )

    assert done.returncode == 0, done.stderr
    row = report(tmp_path / "runs/scored-r")["benchmarks"]["gsm8k"]
    counts = [row[key] for key in ("samples", "scored", "unparsed", "truncated", "errors")]
    assert counts == [10, 8, 1, 1, 0]
    assert row["value"] == 0.2
    assert row["dimensions"]["strict"]["value"] == 0.1
    kept = sorted(
        map(orjson.loads, (tmp_path / "runs/scored-r/scored.jsonl").read_bytes().splitlines()),
        key=lambda line: line["id"],
    )
    assert kept[1]["mood"] == "calm"
    assert (kept[1]["response"], kept[1]["answer"], kept[1]["target"]) == (
        "so it is **2**.",
        "2",
        "2",
    )


def test_missing_and_unknown_ids_are_listed(cli: Cli, mirror: Path, tmp_path: Path) -> None:
    rows = [{"id": str(i), "response": f"Answer: {i + 1}"} for i in (0, 1, 2, 99)]
    words = ("score", "gsm8k", "--responses", lines(tmp_path / "r.jsonl", rows))
    done = cli(*words, "--data-dir", mirror)
    borne = cli(*words, "--data-dir", mirror, "--max-errors", 0.9)

    assert done.returncode == 1
    assert "7 samples without a reply: 3, 4, 5" in done.stderr
    assert "1 unknown id: 99" in done.stderr
    assert report(tmp_path / "runs/scored-r")["benchmarks"]["gsm8k"]["value"] == 1.0
    assert borne.returncode == 0


def test_row_numbers_serve_where_samples_have_names(cli: Cli, tmp_path: Path) -> None:
    rows = [{"id": i, "response": "Answer: A"} for i in range(30)]
    done = cli(
        "score", "arc", "--responses", lines(tmp_path / "r.jsonl", rows), "--data", "builtin"
    )

    assert done.returncode == 0, done.stderr
    assert {o["id"][:7] for o in outcomes(tmp_path / "runs/scored-r")} == {"sample_"}


def test_a_missing_reply_is_not_replaced_by_that_of_another_id(cli: Cli, tmp_path: Path) -> None:
    asked = [{"id": i, "question": f"{i} + 1?", "answer": str(i + 1)} for i in range(1, 6)]
    file = lines(tmp_path / "q.jsonl", asked)
    rows = [{"id": i, "response": f"Answer: {i + 1}"} for i in (1, 2, 3, 5)]
    done = cli("score", f"qa:{file}", "--responses", lines(tmp_path / "r.jsonl", rows))

    assert "1 sample without a reply: 4" in done.stderr
    row = report(tmp_path / "runs/scored-r")["benchmarks"][f"qa:{file}"]
    assert (row["samples"], row["value"]) == (4, 1.0)


def test_a_reply_of_null_is_an_empty_one(cli: Cli, mirror: Path, tmp_path: Path) -> None:
    rows = [{"id": i, "response": None if i < 3 else f"Answer: {i + 1}"} for i in range(10)]
    rows[0]["finish_reason"] = "length"
    done = cli(
        "score", "gsm8k", "--responses", lines(tmp_path / "r.jsonl", rows), "--data-dir", mirror
    )

    assert done.returncode == 0, done.stderr
    row = report(tmp_path / "runs/scored-r")["benchmarks"]["gsm8k"]
    counts = [row[key] for key in ("samples", "scored", "unparsed", "truncated", "errors")]
    assert (counts, row["value"]) == ([10, 7, 2, 1, 0], 0.7)


def test_another_file_in_the_same_folder_is_scored_anew(
    cli: Cli, mirror: Path, tmp_path: Path
) -> None:
    for right, value in ((True, 1.0), (False, 0.0)):
        rows = [{"id": i, "response": f"Answer: {i + right}"} for i in range(10)]
        file = lines(tmp_path / "r.jsonl", rows)
        cli("score", "gsm8k", "--responses", file, "--data-dir", mirror, "--out", "same")

        assert report(tmp_path / "same")["benchmarks"]["gsm8k"]["value"] == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]\n", "r.jsonl:1: not a record"),
        ('{"response": "x"}\n', "r.jsonl:1: not a record"),
        ('{"id": 1, "response": "x"}\n{"id": 1', "r.jsonl:2: not valid JSON"),
        ('{"id": 1}\n', "r.jsonl:1: response must be text, got None"),
        ('{"id": 1, "response": 5}\n', "r.jsonl:1: response must be text, got 5"),
        ('{"id": 1, "response": "x"}\n{"id": "1", "response": "y"}\n', "'1' is there twice"),
        (
            '{"id": "x", "response": "x"}\n',
            "none of its ids (1) is one of gsm8k's, such as 0, 1, 2",
        ),
        ("", "r.jsonl: no replies in the file"),
        ('{"id": 1, "prediction": "x"}\n', "response must be text"),
        ('{"nr": 1, "response": "x"}\n', "r.jsonl:1: not a record such as"),
        ('{"nr": 1, "response": "x"}\n', "but one with nr, response"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    cli: Cli, mirror: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "r.jsonl").write_text(text)
    done = cli("score", "gsm8k", "--responses", "r.jsonl", "--data-dir", mirror)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_replies_of_several_models_are_no_score(cli: Cli, tmp_path: Path) -> None:
    lines = [
        {"id": str(n), "response": f"Answer: {says}", "model_id": model}
        for model, says in (("a/x", "1"), ("b", "2"))
        for n in range(3)
    ]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    words = ("score", "gsm8k", "--responses", "r.jsonl", "--data", "builtin", "--max-errors", 30)
    blended, one = cli(*words), cli(*words, "--model-id", "a/x")
    same_folder = cli(*words, "--model-id", "b", "--out", "runs/scored-r-a-x")

    assert blended.returncode == 2
    assert "lines of 2 models: 'a/x', 'b'; give --model-id NAME for one" in blended.stderr
    assert (one.returncode, same_folder.returncode) == (0, 0), one.stderr
    made = (tmp_path / "runs/scored-r-a-x/scored.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["answer"] for line in made] == ["2", "2", "2"]


def test_replies_come_in_every_kind_of_file(cli: Cli, tmp_path: Path) -> None:
    """A row is {"id", "response"}, and text is read in the encoding that is named."""
    asked = [{"id": i, "ask": f"{i} 加 1？", "right": str(i + 1)} for i in range(3)]
    (tmp_path / "q.json").write_text(orjson.dumps(asked).decode(), "gbk")
    (tmp_path / "r.csv").write_text("id,response\n0,答案：1\n1,答案：2\n2,答案：4\n", "gbk")
    words = ("score", "qa:q.json", "--responses", "r.csv", "--fields", "question=ask,answer=right")
    refused, done = cli(*words), cli(*words, "--encoding", "gbk")

    assert refused.returncode == 2
    assert "probably gbk; " in refused.stderr
    assert done.returncode == 0, done.stderr
    assert report(tmp_path / "runs/scored-r.csv")["benchmarks"]["qa:q.json"]["value"] == 2 / 3


def test_two_files_of_one_name_have_a_folder_each(cli: Cli, mirror: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for place in ("a", "b", "work", "outside"):
        (tmp_path / place).mkdir()
        lines(tmp_path / place / "r.jsonl", [{"id": 0, "response": "Answer: 1"}])
    words = ("score", "gsm8k", "--data-dir", mirror, "--max-errors", 10, "--responses")
    for path in ("a/r.jsonl", "b/r.jsonl"):
        assert cli(*words, path).returncode == 0
    assert cli(*words, outside / "r.jsonl", cwd=tmp_path / "work").returncode == 0

    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == [
        "scored-a-r",
        "scored-b-r",
    ]
    (other,) = (tmp_path / "work/runs").iterdir()
    assert other.name.startswith("scored-r-")
