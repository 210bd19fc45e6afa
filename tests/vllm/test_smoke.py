"""The look at the first replies, on the real vLLM server: what the model really reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.vllm
def test_a_run_whose_replies_are_cut_off_stops_and_shows_the_chat_template(tmp_path: Path) -> None:
    words = ["with", "--model", "demo", "--log", str(tmp_path / "log"), "--"]
    words += [sys.executable, "-m", "evaluator", "run", "gsm8k", "--model", "demo"]
    words += ["--data", "builtin", "--repeats", "2"]
    words += ["--param", "max_tokens=4", "--out", str(tmp_path / "r"), "--progress", "plain"]
    command = [sys.executable, "-m", "launch", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)

    assert done.returncode == 2, done.stderr
    stopped = r"(\d+) of the first \1 replies were cut off.*stopped with \d+ requests? in flight"
    assert re.search(stopped, done.stderr), done.stderr
    page = (tmp_path / "r/smoke.md").read_text(encoding="utf-8")
    assert page.count("## gsm8k") == 5
    assert "<|im_start|>assistant" in page  # of samples whose prompt the server told in time
    assert len((tmp_path / "r/responses.jsonl").read_bytes().splitlines()) >= 5
