"""A judge beside the model: tried without any server first, as `each --if-needed` does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = "import os, sys; print(open(os.environ['EVALUATOR_ENDPOINTS']).read()); sys.exit(%d)"


@pytest.mark.parametrize("code", [0, 3])
def test_no_judge_is_started_while_the_model_is_not_either(tmp_path: Path, code: int) -> None:
    outer = {"endpoints": [{"role": "model", "model": "m", "base_url": None}]}
    (tmp_path / "endpoints.json").write_text(json.dumps(outer))
    words = ["with", "--model", "demo", "--role", "judge", "--", sys.executable, "-c", SHOW % code]
    done = subprocess.run(
        [sys.executable, "-m", "launch", *words],
        env={**os.environ, "EVALUATOR_ENDPOINTS": str(tmp_path / "endpoints.json")},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == code
    first, judge = json.loads(done.stdout)["endpoints"]
    assert first == outer["endpoints"][0]
    assert (judge["role"], judge["model"], judge["base_url"]) == ("judge", "demo", None)
