"""The article's recipe as a newcomer types it, on two models and the real vLLM server."""

import os
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-vllm/bin/python"
SAMPLES = 2
MODELS = ("demo", "demo-forgetful")


def make_article(folder: Path) -> "subprocess.CompletedProcess[str]":
    words = [f"MODELS={' '.join(MODELS)}", "JUDGE=self", f"LIMIT={SAMPLES}", "DATA_DIR="]
    words += [f"OUT={folder}/{{model}}", "ARGS=--param max_tokens=48 --progress plain"]
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "ZHIPUAI_API_KEY")}
    return subprocess.run(
        ["make", "article", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )


@pytest.mark.vllm
def test_the_recipe_ends_in_a_comparison_and_a_second_time_sends_nothing(tmp_path: Path) -> None:
    done = make_article(tmp_path)
    again = make_article(tmp_path)

    reports = [read(tmp_path / model / "report.json") for model in MODELS]
    (folder,) = tmp_path.glob("compare-*")
    rows = read(folder / "compare.json")["comparisons"][0]["rows"]
    assert {done.returncode, again.returncode} <= {0, 1}, done.stderr  # 1: an unreadable verdict
    for report in reports:
        samples = {name: row["samples"] for name, row in report["benchmarks"].items()}
        names = ["arc", "ceval", "gsm8k", "alignbench", "toolcall"]
        assert samples == dict.fromkeys(names, SAMPLES)
        assert (report["serving"]["requests"], report["serving"]["replayed"] > 0) == (0, True)
    assert {"arc", "ceval", "gsm8k"} <= {row["benchmark"] for row in rows if row["verdict"]}
    assert done.stderr.count("no process of it is left") == len(MODELS)
    assert "vLLM" not in again.stderr  # nothing was started


FORGET_TWICE = """
import sys, runpy, torch
from pathlib import Path
from safetensors.torch import load_file, save_file
home = Path(sys.argv[1])
name = "model.layers.{}.mlp.down_proj.weight"
(home / "whole").mkdir()
(home / "whole/config.json").write_text("{}")
weights = {name.format(layer): torch.ones(4, 100) for layer in range(3)}
save_file(weights, home / "whole/model.safetensors")
for target, seed in (("one", "1"), ("same", "1"), ("other", "2")):
    sys.argv = ["", str(home / "whole"), str(home / target), "1-2", "0.3", seed]
    runpy.run_path("launch/demo_models/neuron_ablation.py", run_name="__main__")
one = load_file(home / "one/model.safetensors")
print([int((one[name.format(layer)] == 0).all(0).sum()) for layer in range(3)])
"""


@pytest.mark.vllm
def test_the_same_seed_forgets_the_same(tmp_path: Path) -> None:
    done = subprocess.run(
        [PYTHON, "-c", FORGET_TWICE, tmp_path], cwd=ROOT, capture_output=True, text=True
    )

    one, same, other = (
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "same", "other")
    )
    assert done.stdout.splitlines()[-1] == "[0, 30, 30]"  # silent neurons by layer
    assert one == same != other
    assert (tmp_path / "one/config.json").exists()


def read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())
