"""MT-Bench's verdicts end to end: a stub judge, the export, and recorded verdicts read back."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Cli
from tests.judging.test_judge_verdicts import lines, write
from tests.stub import StubServer

WRITING, ROLEPLAY, SILENT, EMPTY = 1, 2, 3, 4
BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--out", "r")


def row(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())["benchmarks"]["mtbench"]


def question(number: int) -> str:
    samples = Path(__file__).parents[2] / "evaluator/samples/lm-sys/mt_bench/default/train.jsonl"
    return str(orjson.loads(samples.read_bytes().splitlines()[number - 1])["turns"][0])


def answer(body: Any) -> str:
    """Nothing to the first turn of one question; everything else rates itself."""
    if body["messages"][-1]["content"] == question(EMPTY):
        return ""
    return 'Rating: [[10]] {"rating": 10}'


def verdict(body: Any) -> str:
    prompt = body["messages"][0]["content"]
    second = "[Question 2]" in prompt
    if question(SILENT) in prompt:
        return "" if second else "Rating: [[3]]"
    if question(WRITING) in prompt and second and len(body["messages"]) == 1:
        return "Seven, I would say."
    if question(ROLEPLAY) in prompt:
        return f"The answer says {prompt[-500:]}\n\nRating: [[2]]"
    return '{"rating": 9}' if second else "Good.\n\nRating: [[6]]"


@pytest.fixture
def judged(cli: Cli, stub: StubServer, tmp_path: Path) -> Path:
    stub.reply = answer
    with StubServer(reply=verdict, models=["judge"]) as judge:
        words = ("run", "mtbench", *BASICS, "--base-url", stub.base_url)
        done = cli(*words, "--judge-model", "judge", "--judge-base-url", judge.base_url)

    assert done.returncode == 1, done.stderr  # a verdict stayed unread
    return tmp_path / "r"


def fastchat(model: str, question: int, rating: int, judge: str = "gpt-4") -> dict[str, Any]:
    """A line of FastChat's file of judgments."""
    named = {"model": model, "judge": [judge, "single-v1"], "turn": 1}
    return {"question_id": question, **named, "judgment": f"Rating: [[{rating}]]"}


def test_verdicts_on_several_models_are_no_score(cli: Cli, tmp_path: Path) -> None:
    made = [fastchat("vicuna", n, 3) for n in (1, 2)] + [fastchat("gpt-4", n, 9) for n in (1, 2, 3)]
    write(tmp_path / "single.jsonl", made)
    words = ("score", "mtbench", "--judgments", "single.jsonl")
    blended, unknown = cli(*words), cli(*words, "--model-id", "vicunna")
    ours, theirs = cli(*words, "--model-id", "vicuna"), cli(*words, "--model-id", "gpt-4")

    assert (blended.returncode, unknown.returncode) == (2, 2)
    assert "lines of 2 models: 'vicuna', 'gpt-4'; give --model-id NAME" in blended.stderr
    assert "did you mean 'vicuna'?" in unknown.stderr
    assert (ours.returncode, theirs.returncode) == (0, 0), ours.stderr
    of_ours, of_theirs = (row(tmp_path / f"runs/scored-single-{m}") for m in ("vicuna", "gpt-4"))
    assert (of_ours["value"], of_ours["samples"]) == (3.0, 2)
    assert (of_theirs["value"], of_theirs["samples"]) == (9.0, 3)


def test_verdicts_of_several_judges_are_no_score(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path / "j.jsonl", [fastchat("m", 1, 3), fastchat("m", 2, 9, judge="claude")])
    done = cli("score", "mtbench", "--judgments", "j.jsonl")

    assert done.returncode == 2
    assert "verdicts of 2 judges: 'gpt-4', 'claude'" in done.stderr


def test_an_export_read_back_gives_the_same_figures(cli: Cli, judged: Path, tmp_path: Path) -> None:
    first = row(judged)
    values = {o["id"]: o["value"] for o in lines(judged / "outcomes.jsonl")}
    words = ("score", "mtbench", "--judgments", judged / "mtbench.jsonl", "--out", "again")
    done = cli(*words, "--max-errors", 1)

    assert done.returncode == 0, done.stderr
    assert values == {"1": 7.5, "2": 2.0, "3": None, "4": 5.0, **dict.fromkeys("5678", 7.5)}
    again = row(tmp_path / "again")
    for part in ("value", "ci95", "groups", "scored", "judge_unparsed"):
        assert again[part] == first[part], part
    for turn in ("turn 1", "turn 2"):
        assert again["totals"][turn] == first["totals"][turn]


def test_the_export_has_a_line_a_turn(judged: Path) -> None:
    exported = lines(judged / "mtbench.jsonl")

    assert [(line["question_id"], line["turn"]) for line in exported[:4]] == [
        *((1, 1), (1, 2), (2, 1), (2, 2))
    ]
    assert len(exported) == 16
    assert (exported[1]["judgment"], exported[1]["score"]) == ('{"rating": 9}', 9.0)
    silent = exported[2 * SILENT - 2 : 2 * SILENT]
    assert [(line["judgment"], line["score"]) for line in silent] == [
        ("Rating: [[3]]", None),
        ("", None),
    ]
    empty, after = exported[2 * EMPTY - 2 : 2 * EMPTY]
    assert (empty["answer"], empty["judgment"], empty["score"]) == ("", None, 1.0)
    assert (after["judgment"], after["score"]) == ('{"rating": 9}', 9.0)
    assert "[Question 2]" in after["user_prompt"]


def test_lines_of_the_original_code_are_read(cli: Cli, tmp_path: Path) -> None:
    """It knows no category; a repeated turn counts once, and a turn may be missing."""
    rows = [
        {"question_id": 81, "turn": 2, "judgment": "Rating: [[8]]", "score": 8.0, "model": "m"},
        {"question_id": 81, "turn": 1, "judgment": "Rating: [[5.5]]", "score": 5.5, "model": "m"},
        {"question_id": 82, "turn": 1, "judgment": "Rating: [[2]]", "score": 2},
        {"question_id": 82, "turn": 1, "judgment": "Rating: [[4]]", "score": 2},
        {"question_id": 83, "turn": 1, "judgment": "$ERROR$", "score": -1},
    ]
    done = cli("score", "mtbench", "--judgments", write(tmp_path / "j.jsonl", rows))

    assert done.returncode == 1, done.stderr
    found = row(tmp_path / "runs/scored-j")
    assert found["value"] == pytest.approx((6.75 + 4) / 2)
    assert (found["scored"], found["judge_unparsed"]) == (2, 1)
    assert "1 id that is there twice, of which the last counts: 82" in done.stderr
    assert "1 verdict that reads otherwise than the file's own score: 82" in done.stderr


@pytest.mark.parametrize("turn", [{}, {"turn": 3}])
def test_a_line_without_a_turn_is_named(cli: Cli, tmp_path: Path, turn: dict[str, int]) -> None:
    rows = [{"question_id": 81, "judgment": "Rating: [[8]]", **turn}]
    done = cli("score", "mtbench", "--judgments", write(tmp_path / "j.jsonl", rows))

    assert done.returncode == 2
    assert "j.jsonl:1: turn must be 1 or 2" in done.stderr
