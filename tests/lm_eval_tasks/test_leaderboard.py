"""The recipe open-llm: a whole run of the second Open LLM Leaderboard, on rows of our own."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluator.data import Mirror
from evaluator.lm_eval_tasks.benchmark import lm_eval_benchmark
from evaluator.options.given import read_config
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.lm_eval_tasks.leaderboard import (
    BBH,
    GPQA,
    LETTERED,
    MATHS,
    MUSR,
    ROWS,
    write_leaderboard,
)
from tests.stub import StubServer
from tests.stub.replies import Body, prompt_text

GROUPS = {  # by benchmark: its tasks, its worked examples and the totals of its group
    "leaderboard_ifeval": (1, 0, {"inst_level_strict_acc", "inst_level_loose_acc"}),
    "leaderboard_bbh": (len(BBH) + len(LETTERED), 3, {"leaderboard_bbh: acc_norm"}),
    "leaderboard_math_hard": (len(MATHS), 4, {"leaderboard_math_hard: exact_match"}),
    "leaderboard_gpqa": (len(GPQA), 0, {"leaderboard_gpqa: acc_norm"}),
    "leaderboard_musr": (len(MUSR), 0, {"leaderboard_musr: acc_norm"}),
    "leaderboard_mmlu_pro": (1, 5, set[str]()),
}


def reply(body: Body) -> str:
    """Right for the first problem of each part of mathematics, and for the commas."""
    text = prompt_text(body)
    if body.get("echo"):
        return " so"
    return "So it is $\\boxed{2}$." if "$0 + 2$" in text else "Rhine Elbe Oder"


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_leaderboard(tmp_path_factory.mktemp("leaderboard"))


def test_the_recipe_runs_whole(cli: Cli, stub: StubServer, mirror: Path, tmp_path: Path) -> None:
    stub.reply = reply
    words = ("--model", "stub", "--base-url", stub.base_url, "--data-dir", mirror)
    done = cli("run", "--config", "open-llm", *words, "--progress", "none", "--no-smoke")
    assert done.returncode == 0, done.stdout + done.stderr

    found: dict[str, Any] = report(tmp_path / "runs/open-llm/stub")["benchmarks"]
    assert list(found) == read_config(Path("open-llm"))["benchmarks"]
    for name, (tasks, shots, totals) in GROUPS.items():
        of = found[f"lm-eval:{name}"]
        assert (of["samples"], of["errors"]) == (ROWS * tasks, 0), of["error_messages"]
        assert of["shots"] == shots
        assert len(of["groups"]) == tasks
        assert totals <= set(of["totals"]), name
        assert all(each["value"] is not None for each in of["totals"].values())
    assert found["lm-eval:leaderboard_math_hard"]["value"] == 0.5
    assert found["lm-eval:leaderboard_ifeval"]["value"] == 0.5


def test_choices_that_lm_eval_shuffles_are_in_the_same_order_each_time(mirror: Path) -> None:
    orders = []
    for _ in range(2):
        lm_eval_benchmark.cache_clear()
        of = lm_eval_benchmark("leaderboard_gpqa_main")
        samples = list(of.load(Mirror(mirror).rows, of.shots))
        orders.append(json.dumps([dict(each.fields) for each in samples]))

    assert orders[0] == orders[1]
