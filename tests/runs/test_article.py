"""`make eval` and `make article` up to the server: what they would start, and what they ask."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.stub import StubServer
from tests.stub.replies import prompt_text

ROOT = Path(__file__).parents[2]
DEMO = ("MODELS=demo demo-forgetful", "JUDGE=self")


def make(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "ZHIPUAI_API_KEY")}
    command = ["make", "--silent", *words, "--assume-old=.venv/.ready"]
    return subprocess.run(
        command, cwd=ROOT, env=environment | variables, capture_output=True, text=True, timeout=120
    )


def test_a_dry_run_shows_the_whole_plan() -> None:
    done = make("article", *DEMO, "LIMIT=5", "DRY_RUN=1")

    assert done.returncode == 0, done.stderr
    assert "demo-forgetful" in done.stdout
    assert "requests in all; nothing is sent" in done.stdout
    assert "requests of 'demo-forgetful', runs/article/demo-forgetful/" in done.stdout
    assert "== gsm8k: 5 requests" in done.stdout
    assert "built-in samples" in done.stdout


def test_the_recipes_models_are_those_of_the_article() -> None:
    done = make("article", "DRY_RUN=1", "ARGS=--data builtin --limit 1")

    assert done.returncode == 0, done.stderr
    assert "LLM-Research/Meta-Llama-3-8B-Instruct" in done.stdout or "meta-llama" in done.stdout
    assert "zhuangxialie/Llama3_Chinese_Sft (ModelScope)" in done.stdout
    assert "runs/article/openbuddy-llama3-8b/" in done.stdout


def test_a_mistake_is_told_before_anything_is_installed_or_started(tmp_path: Path) -> None:
    done = make("eval", "BENCHMARKS=nonsense", f"OUT={tmp_path}/{{model}}")

    assert done.returncode != 0
    assert "'nonsense'" in done.stderr
    assert "Installing" not in done.stdout + done.stderr
    assert "vLLM" not in done.stderr


def test_a_missing_key_is_told_before_anything_starts(tmp_path: Path) -> None:
    words = ("MODELS=demo demo-forgetful", "JUDGE=", "LIMIT=1", f"OUT={tmp_path}/{{model}}")
    done = make("article", *words)

    assert done.returncode != 0
    assert "'ZHIPUAI_API_KEY' is not set" in done.stderr
    assert done.stderr.count("error:") == 1
    assert "vLLM" not in done.stderr


def reply(body: dict[str, Any]) -> str:
    """A judge that is held to a schema rates everything 7; a model answers B."""
    if "response_format" not in body:
        return "Answer: B"
    names = body["response_format"]["json_schema"]["schema"]["properties"]
    return json.dumps(dict.fromkeys(names, 7), ensure_ascii=False)


def test_the_recipe_is_asked_as_it_says_and_ends_in_one_comparison(
    stub: StubServer, tmp_path: Path
) -> None:
    stub.models, stub.reply = ["demo", "demo-forgetful"], reply
    words = [f"MODELS={' '.join(stub.models)}", "JUDGE=self", "LIMIT=3", "ARGS=--progress none"]
    words += [f"OUT={tmp_path}/{{model}}", f"ENDPOINT={stub.base_url}"]
    done = make("article", *words)
    asked = [request.body for request in stub.requests]
    again = make("article", *words)

    assert done.returncode == again.returncode == 0, done.stderr + done.stdout
    assert len(stub.requests) == len(asked)
    for model in stub.models:
        mine = [body for body in asked if body["model"] == model]
        open_questions = [body for body in mine if body.get("temperature") == 0.75]
        assert [body["max_tokens"] for body in open_questions] == [256] * 3
        five_shot = [body for body in mine if prompt_text(body).count("\n答案：") >= 5]
        assert len(five_shot) == 3  # of C-Eval, and of nothing else
    (folder,) = tmp_path.glob("compare-*")
    scores = (folder / "scores.md").read_text()
    assert scores.startswith("| score | demo | demo-forgetful |")
    assert "\n| alignbench / " in scores
