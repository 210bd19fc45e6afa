"""lm-eval's tasks on the real vLLM server: the values that lm-eval itself finds there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lm_eval_tasks import harness

pytestmark = pytest.mark.vllm
ROOT = Path(__file__).parents[2]
# Without them a request's logprobs hang on those that came before it.
FLAGS = ["--enable-tokenizer-info-endpoint", "--no-enable-prefix-caching"]


def test_five_tasks_have_lm_evals_own_values(tmp_path: Path) -> None:
    words = ["with", "--model", "demo", "--log", str(tmp_path / "log"), "--", *FLAGS, "--"]
    script = [sys.executable, "-m", "tests.vllm.harness_tasks", str(tmp_path)]
    command = [sys.executable, "-m", "launch", *words, *script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    ours = harness.ours(tmp_path / "run")
    for task, metrics in json.loads((tmp_path / "expected.json").read_bytes()).items():
        for metric, value in metrics.items():
            assert ours[task][metric] == value, (task, metric)
