"""`make` passes on what it is given, and nothing that the shell's environment happens to hold."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STRAY = {
    **dict.fromkeys(("OUT", "LIMIT", "MODEL", "MODELS", "BENCHMARKS", "CONFIG", "JUDGE"), "stray"),
    **dict.fromkeys(("ARGS", "SERVER_ARGS", "GPUS", "DATA", "DATA_DIR", "ENDPOINT"), "stray"),
    **dict.fromkeys(("TP", "REPLICAS", "PRESETS", "JUDGE_TP", "JUDGE_REPLICAS"), "stray"),
    "JUDGE_SERVER_ARGS": "stray",
    **dict.fromkeys(("DRY_RUN", "BASE", "RUNS", "CONFIGS", "CHAT_TEMPLATE"), "stray"),
    "VLLM_PYTHON": "stray",
}


def commands(*words: str, **variables: str) -> list[list[str]]:
    """What make would run, as the shell splits it; without its looks at the environments."""
    done = subprocess.run(
        ["make", "--dry-run", *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith(".venv/bin/")]


def options(*words: str, **variables: str) -> list[str]:
    """The options of `launch eval` or `launch perf`, without what make adds for itself."""
    (command,) = commands(*words, **variables)
    assert command[1:3] == ["-m", "launch"]
    return [word for word in command[4:] if not word.startswith("--install=")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["eval"], []),
        (["eval", "MODELS=base other", "GPUS=0,1"], ["--gpus=0,1", "--models=base other"]),
        (["eval", "JUDGE=", "JUDGE_GPUS=2"], ["--judge=", "--judge-gpus=2"]),
        (["eval", "VLLM_PYTHON=py", "GPUS=all"], ["--gpus=all", "--vllm-python=py"]),
        (["eval", "GPUS=0-3", "TP=1", "REPLICAS=4"], ["--gpus=0-3", "--tp=1", "--replicas=4"]),
        (
            ["eval", "JUDGE=j", "JUDGE_TP=2", "JUDGE_SERVER_ARGS=--max-num-seqs 8", "PRESETS=p"],
            ["--presets=p", "--judge=j", "--judge-tp=2", "--judge-server-args=--max-num-seqs 8"],
        ),
        (["perf", "TP=2"], ["--tp=2"]),
        (["eval", "DRY_RUN=1"], ["--dry-run"]),
        (["eval", "DRY_RUN="], []),
        (["eval", "OUT=runs/it's here"], ["--out=runs/it's here"]),
        (["eval", """ARGS=--dataset-args '{"a": 1}'"""], ["""--args=--dataset-args '{"a": 1}'"""]),
        (["article", "LIMIT=3"], ["--config=recipes/article.toml", "--limit=3"]),
        (["perf", "ENDPOINT=http://h", "LIMIT=3"], ["--endpoint=http://h"]),
        (["perf", "CONFIGS=perf.toml"], ["--configs=perf.toml"]),
    ],
)
def test_a_variable_becomes_an_option(words: list[str], expected: list[str]) -> None:
    assert options(*words) == expected
    assert options(*words, **STRAY) == expected


@pytest.mark.parametrize("goal", ["eval", "article", "perf", "compare", "data", "test", "check"])
def test_the_shells_environment_does_not_count(goal: str) -> None:
    assert not [word for command in commands(goal, **STRAY) for word in command if "stray" in word]


def test_the_mirror_of_data_sets_is_also_told_by_the_environment() -> None:
    (plain,), (given,) = commands("data"), commands("data", "DATA_DIR=mine", "DATA=hub")

    assert "${EVALUATOR_DATA_DIR:-data}" in plain
    assert given[-4:] == ["--data-dir", "mine", "--from", "hub"]


def test_a_make_within_make_starts_afresh() -> None:
    """As the tests do, which `make test ARGS=...` runs."""
    inner = "make --dry-run eval"
    done = subprocess.run(
        ["make", "--file=-", "ARGS=-k this", "LIMIT=3"],
        input=f"include Makefile\nnested:\n\t@{inner}\n.DEFAULT_GOAL := nested\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "launch eval" in done.stdout
    assert "--args" not in done.stdout
    assert "--limit" not in done.stdout
