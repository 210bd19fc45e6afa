"""`make eval` with the data sets of a hub, on the real vLLM server."""

import os
from pathlib import Path

import orjson
import pytest

from tests.hub import Hub, commit_of, made
from tests.hub.layouts import repositories
from tests.vllm.serving import Environment, run, url_of


@pytest.mark.vllm
def test_make_eval_measures_what_a_hub_holds(beside_demo: Environment, tmp_path: Path) -> None:
    out, benchmarks = tmp_path / "run", ("arc", "ceval", "gsm8k")
    with Hub(repositories(made.mirror(tmp_path / "mirror"))) as hub:
        outside = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(tmp_path / "cache")}
        inherited = {
            k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "HF_HUB_OFFLINE")
        }
        words = ["DATA=hub", "LIMIT=3", f"OUT={out}", f"ENDPOINT={url_of(beside_demo)}"]
        words += ["ARGS=--param max_tokens=32 --progress plain"]
        done = run("make", "eval", *words, beside=inherited | outside)
        commit = commit_of(hub.repositories["openai/gsm8k"].branches["main"])

    assert done.returncode == 0, done.stderr
    rows = orjson.loads((out / "report.json").read_bytes())["benchmarks"]
    assert {name: row["samples"] for name, row in rows.items()} == dict.fromkeys(benchmarks, 3)
    assert sum(row["errors"] for row in rows.values()) == 0
    assert rows["gsm8k"]["origin"]["revision"] == commit
    assert "expected" in rows["ceval"]["deviations"][0]  # it is not the real data set
