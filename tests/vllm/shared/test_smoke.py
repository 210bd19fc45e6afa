"""The look at the first replies, on the real vLLM server: what the model really reads."""

import re
import sys
from pathlib import Path

import pytest

from tests.vllm.serving import Environment, run


@pytest.mark.vllm
def test_a_run_whose_replies_are_cut_off_stops_and_shows_the_chat_template(
    beside_demo: Environment, tmp_path: Path
) -> None:
    words = ["run", "gsm8k", "--model", "demo", "--data", "builtin", "--repeats", "2"]
    words += ["--param", "max_tokens=4", "--out", str(tmp_path / "r"), "--progress", "plain"]
    done = run(sys.executable, "-m", "evaluator", *words, beside=beside_demo)

    assert done.returncode == 2, done.stderr
    stopped = r"(\d+) of the first \1 replies were cut off.*stopped with \d+ requests? in flight"
    assert re.search(stopped, done.stderr), done.stderr
    page = (tmp_path / "r/smoke.md").read_text(encoding="utf-8")
    assert page.count("## gsm8k") == 5
    assert "<|im_start|>assistant" in page  # of samples whose prompt the server told in time
    assert len((tmp_path / "r/responses.jsonl").read_bytes().splitlines()) >= 5
