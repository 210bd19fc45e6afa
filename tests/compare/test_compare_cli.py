"""`evaluator compare` as a person uses it, on runs of two models that the stub server pretends."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest
from rich.console import Console

from evaluator.comparison import compare
from evaluator.errors import ServerError, UsageError
from evaluator.options.given import settings
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from evaluator.runs.identity import QUESTIONS
from evaluator.runs.rerun import ask_again
from evaluator.runs.run import run
from tests.conftest import Cli
from tests.stub import Reply, StubServer
from tests.stub.replies import prompt_text

MODELS = ["base", "tuned"]
WORDS = ("--data", "builtin", "--progress", "none")


def reply(body: dict[str, Any]) -> str:
    """Both know the same but for what the tuned model forgot; that one is also less clear."""
    question = body["messages"][-1]["content"]
    seed = crc32(question.encode())
    if body["model"] == "tuned" and seed % 2:
        return "Who knows?"
    return f"Answer: {'ABCD'[seed % 4 if body['model'] == 'base' else seed % 3]}"


@pytest.fixture
def models() -> Iterator[StubServer]:
    with StubServer(reply=reply, models=MODELS) as server:
        yield server


@pytest.fixture
def runs(models: StubServer, tmp_path: Path) -> Path:
    """runs/base and runs/tuned, of ARC's and C-Eval's built-in samples."""
    for model in MODELS:
        measure(models, tmp_path / "runs" / model, model, ["arc", "ceval"])
    return tmp_path / "runs"


def measure(server: StubServer, out: Path, model: str, benchmarks: list[str], **more: Any) -> None:
    given = {"model": model, "base_url": [server.base_url], "out": out, **more}
    given |= {"benchmarks": benchmarks, "data": "builtin", "progress": "none"}
    run(settings(given), Console(quiet=True))


def outcomes(folder: Path) -> dict[str, Any]:
    lines = map(orjson.loads, (folder / "outcomes.jsonl").read_bytes().splitlines())
    return {f"{each['benchmark']} {each['id']}": each for each in lines}


def test_two_runs_are_compared(cli: Cli, runs: Path) -> None:
    done = cli("compare", "runs/base", "runs/tuned")
    comparison = read(runs / "compare-base-tuned/compare.json", Comparison)
    (side,) = comparison.comparisons
    base, tuned = outcomes(runs / "base"), outcomes(runs / "tuned")

    assert done.returncode == 0, done.stderr
    assert "results in runs/compare-base-tuned/" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    for row in side.rows:
        if row.level != "benchmark":
            continue
        ids = [id for id in base if id.startswith(f"{row.name} ")]
        change = sum(tuned[id]["value"] - base[id]["value"] for id in ids) / len(ids)
        assert (row.n, row.difference) == (30, pytest.approx(change))
        # English, where a Chinese question asked for an answer, is more than a lost form.
        why = {"arc": "format", "ceval": "language"}[row.name]
        unread = sum(base[id]["value"] for id in ids if tuned[id]["status"] == "unparsed")
        assert unread > 0
        assert row.parts[why] == pytest.approx(-unread / 30)
    assert {f"{each.benchmark} {each.id}" for each in side.forgotten} == {
        id for id in base if base[id]["value"] > tuned[id]["value"]
    }
    assert all(each.base.reply.startswith("Answer: ") for each in side.forgotten)
    assert len((runs / "compare-base-tuned/compare.md").read_text(encoding="utf-8")) > 2000


def test_runs_of_other_shots_are_refused_in_one_line(
    cli: Cli, runs: Path, models: StubServer
) -> None:
    measure(models, runs / "zero", "tuned", ["ceval"], shots=0)

    refused = cli("compare", "runs/base", "runs/zero")
    forced = cli("compare", "runs/base", "runs/zero", "--force", "--out", "forced")

    assert (refused.returncode, forced.returncode) == (2, 0)
    assert "ceval: shots 5 and 0; ceval: other prompts in 30 of 30 samples" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "ceval: paired by force: shots 5 and 0" in forced.stdout
    assert "arc: not compared: only in the base" in forced.stdout


def test_a_smaller_run_is_paired_with_what_it_has(cli: Cli, runs: Path, models: StubServer) -> None:
    measure(models, runs / "ten", "tuned", ["arc"], limit=10)

    done = cli("compare", "runs/base", "runs/ten")

    assert done.returncode == 0, done.stderr
    assert "arc: left out: 20 only in the base" in done.stdout


def judged_reply(body: dict[str, Any]) -> str | Reply:
    """The judge likes Chinese; of three answers of the tuned model, one is English, one cut off."""
    text = body["messages"][-1]["content"]
    if body["model"] not in MODELS:
        names = re.findall(r"^\d+\. ([\u4e00-\u9fff]+):", text, re.MULTILINE)
        return repr(dict.fromkeys([*names, "综合得分"], 8 if "一个完整的" in text else 4))
    kind = crc32(text.encode()) % 3 if body["model"] == "tuned" else 2
    if kind == 0:
        return "This is an answer in English, where Chinese was expected."
    if kind == 1:
        return Reply("这是一个", finish_reason="length")
    return "这是一个完整的中文回答。"


def test_ratings_of_a_judge_are_compared_by_category_with_totals(tmp_path: Path) -> None:
    folders = [tmp_path / model for model in MODELS]
    with StubServer(reply=judged_reply, models=[*MODELS, "judge", "another"]) as server:
        there = {"judge_base_url": [server.base_url]}
        for model in MODELS:
            judge = {"judge_model": ["judge"], **there}
            measure(server, tmp_path / model, model, ["alignbench"], **judge)
        other = {"judge_model": ["another"], **there}
        measure(server, tmp_path / "other", "tuned", ["alignbench"], **other)

    (side,) = compare(folders[0], folders[1:]).comparisons
    whole = side.rows[0]

    assert (whole.base, whole.scale) == (8.0, (1.0, 10.0))
    assert whole.parts["language"] < 0 > whole.parts["truncation"]
    assert sum(whole.parts.values()) == pytest.approx(whole.difference)
    assert whole.parts["knowledge"] == 0.0
    assert len([row for row in side.rows if row.level == "category"]) == 8
    assert side.benchmarks["alignbench"].totals["总分"].base == 8.0
    with pytest.raises(UsageError, match="judge 'judge' and 'another'"):
        compare(folders[0], [tmp_path / "other"])


def test_the_noise_floor_is_asked_once_and_shown_beside(
    cli: Cli, runs: Path, models: StubServer
) -> None:
    before = {name: (runs / name / "outcomes.jsonl").read_bytes() for name in MODELS}
    asked = models.count
    # The second time round, every reply of the base is another one, though it is the same model.
    models.reply = lambda body: (
        "Answer: none"
        if body["model"] == "base" and prompt_text(body) not in QUESTIONS
        else reply(body)
    )

    done = cli("compare", "runs/base", "runs/tuned", "--noise-floor", 10)
    again = models.count - asked
    models.stop()
    ask_again(runs / "base", 10, Console(quiet=True))
    with pytest.raises(ServerError, match="add --noise-floor 20 to the command of that run"):
        ask_again(runs / "base", 20, Console(quiet=True))
    comparison = read(runs / "compare-base-tuned/compare.json", Comparison)
    noise = [comparison.base.noise, comparison.comparisons[0].noise]

    assert done.returncode == 0, done.stderr
    assert again == 2 * 2 * 10
    assert [of.benchmarks["arc"].samples for of in noise] == [10, 10]
    assert [of.benchmarks["arc"].other_answer for of in noise] == [10, 0]
    assert noise[0].in_flight[0] != noise[0].in_flight[1]
    assert "noise floor, base" in done.stdout
    assert {name: (runs / name / "outcomes.jsonl").read_bytes() for name in MODELS} == before


def test_a_run_can_ask_again_itself_and_be_replayed(
    cli: Cli, models: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"role": "model", "model": "base", "base_url": models.base_url, "gpus": 2}
    (tmp_path / "endpoints.json").write_bytes(orjson.dumps({"endpoints": [entry]}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(tmp_path / "endpoints.json"))
    words = ("run", "arc", "--model", "base", *WORDS, "--limit", 10, "--noise-floor", 5)

    done = cli(*words)
    asked = models.count
    models.stop()
    monkeypatch.delenv("EVALUATOR_ENDPOINTS")
    replayed = cli(*words, "--replay")
    run = orjson.loads((tmp_path / "runs/base/run.json").read_bytes())

    assert done.returncode == 0, done.stderr
    assert asked == 15
    assert replayed.returncode == 0, replayed.stderr
    assert len(outcomes(tmp_path / "runs/base/again")) == 5
    assert (run["gpus"], run["endpoints"]) == (2, [models.base_url])


def test_a_run_whose_headers_no_file_holds_asks_again_itself(
    cli: Cli, models: StubServer, tmp_path: Path
) -> None:
    at = ("--model", "base", "--base-url", models.base_url, "--out", "r")
    words = ("run", "arc", *at, *WORDS, "--limit", 4, "--header", "X-Tenant=blue")
    cli(*words)

    with pytest.raises(UsageError, match=r"--header X-Tenant is not recorded; add --noise-floor 3"):
        ask_again(tmp_path / "r", 3, Console(quiet=True))
    done = cli(*words, "--noise-floor", 3)
    ask_again(tmp_path / "r", 3, Console(quiet=True))

    assert done.returncode == 0, done.stderr
    assert len(outcomes(tmp_path / "r/again")) == 3
    assert {received.headers["x-tenant"] for received in models.requests} == {"blue"}
