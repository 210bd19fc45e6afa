"""lm-eval's tasks on the real vLLM server: the values that lm-eval itself finds there."""

import json
import sys
from pathlib import Path

import pytest

from tests.lm_eval_tasks import harness
from tests.vllm.serving import run, served

pytestmark = pytest.mark.vllm
# Without the second a request's logprobs hang on those that came before it.
FLAGS = ("--enable-tokenizer-info-endpoint", "--no-enable-prefix-caching")


def test_five_tasks_have_lm_evals_own_values(tmp_path: Path) -> None:
    with served("demo", tmp_path / "log", *FLAGS) as beside:
        done = run(sys.executable, "-m", "tests.vllm.harness_tasks", tmp_path, beside=beside)
    assert done.returncode == 0, done.stderr

    ours = harness.ours(tmp_path / "run")
    for task, metrics in json.loads((tmp_path / "expected.json").read_bytes()).items():
        for metric, value in metrics.items():
            assert ours[task][metric] == value, (task, metric)
