"""`evaluator perf` on the real vLLM: exact prompts, full replies, and the server's own view."""

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.vllm.serving import Environment, run

LOAD = "--concurrency 1,4 --requests 8 --prompt-tokens 100-120 --output-tokens 8 --repeats 2"


@pytest.mark.vllm
def test_perf_measures_a_real_server(beside_demo: Environment, tmp_path: Path) -> None:
    out, again = tmp_path / "first", tmp_path / "again"
    words = [sys.executable, "-m", "evaluator", "perf", "--progress", "none", *LOAD.split()]
    for more in (["--out", out], ["--out", again, "--against", out]):
        done = run(*words, *more, beside=beside_demo)
        assert done.returncode == 0, done.stderr

    for folder in (out, again):  # the same prompts a second time, and none from the cache
        for point in perf(folder)["points"]:
            assert point["failed"] == 0
            assert point["prompt_tokens"]["min"] >= 100 and point["prompt_tokens"]["max"] <= 120
            assert point["output_tokens"] == {"mean": 8.0, "min": 8, "max": 8}
            assert point["cache"] == "salt"
            assert point["server"]["prefix_hit_rate"] < 0.5
            assert point["server"]["output_tokens"] == 8 * 8
            # the server's first token can be no later than ours
            assert 0 < point["server"]["ttft"]["mean"] <= point["ttft"]["mean"]
            assert point["tpot"]["p50"] < point["latency"]["p50"]
        # A server that shares its cores with another now and then hands on whole replies.
        assert any(point["tpot"]["p50"] > 0 for point in perf(folder)["points"])
    assert {row["verdict"] for row in perf(again)["comparison"]} <= {
        *("better", "worse", "no difference shown")
    }


def perf(run: Path) -> Any:
    return orjson.loads((run / "perf.json").read_bytes())
