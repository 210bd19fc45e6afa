"""Every kind of command line that `launch` makes is read by the installed vLLM as it is meant."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from launch.commands.share_out import judge_request
from launch.errors import UsageError
from launch.options import EachOptions, ServerOptions
from launch.planning import ServerRequest, replicas_of, wished, with_preset
from launch.server.command_line import Plan, command_line, parallel
from launch.server.layout import GpuLayout, Size, lay_out
from launch.server.placement import parse_gpus
from launch.server.presets import ModelSource, find_preset, presets

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-vllm/bin/python"
SCRIPT = Path(__file__).with_name("parse_command_lines.py")
MINE = """
["org/own"]
tp = 2
flags = ["--reasoning-parser", "qwen3", "--enable-prefix-caching"]
[gguf]
hf = "org/other"
max_model_len = 4096
enforce_eager = true
replicas = 1
"""
GPUS = ("", "0", "0-3", "0-2", "0-7")
LAYOUTS = ((None, None), (1, None), (2, None), (1, 2), (None, 2))
FLAGS = (
    (),
    ("-tp", "2"),
    ("--tensor_parallel_size=4",),
    ("-dp", "4"),
    ("--data-parallel-size=2", "-pp", "2"),
    ("--max-num-seqs", "32", "--no-enforce-eager", "--max-model-len", "2048"),
    ("--served-model-name", "renamed", "--generation-config", "auto"),
    ("--trust-request-chat-template", "--gpu-memory-utilization=0.8"),
    ("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
)
SIZES = (Size(), Size(16_100_000_000, 80 * 2**30), Size(141_100_000_000, 80 * 2**30))


@dataclass(frozen=True, slots=True)
class Made:
    """A plan of one replica, and the layout that it is part of."""

    plan: Plan
    layout: GpuLayout


def requests(mine: Path) -> Iterator[ServerRequest]:
    """Models and judges, as `launch` is asked to serve them."""
    models = (*presets(mine), "org/unknown")
    for gpus, model, (tp, replicas), flags in product(GPUS, models, LAYOUTS, FLAGS):
        own = ServerOptions(gpus=gpus, presets=mine)
        yield ServerRequest(model, own, None, flags, tp, replicas)
        yield judge_request(
            EachOptions(
                judge=model,
                judge_gpus=gpus,
                judge_tp=tp,
                judge_replicas=replicas,
                judge_server_args=" ".join(flags),
                presets=mine,
            )
        )


def made(mine: Path) -> Iterator[Made]:
    """The plans of all requests that can be served, without a machine to serve them on."""
    for request, size in product(requests(mine), SIZES):
        preset = find_preset(request.model, mine)
        placement, wish = parse_gpus(request.options.gpus), wished(request, preset)
        try:
            on_gpus = len(placement.gpus)
            layout = lay_out(on_gpus, wish, size) if on_gpus else GpuLayout(1, 1, 0)
        except UsageError:
            continue
        source = ModelSource(preset.hf or preset.modelscope or "/models/demo")
        plan = Plan(PYTHON, source, preset.name, 8000, placement, extra=wish.flags)
        ports = range(8000, 8000 + max(1, on_gpus))
        for each in replicas_of(with_preset(plan, preset), layout, ports):
            yield Made(each, layout)


def arguments(plan: Plan) -> tuple[str, ...]:
    """What vLLM's parser reads: the words behind `-m MODULE`, and behind `serve`."""
    words = command_line(plan)[3:]
    return tuple(words[1:] if words[0] == "serve" else words)


@pytest.mark.vllm
def test_vllm_reads_every_command_line_as_it_is_meant(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(MINE)
    every = {arguments(each.plan): each for each in made(mine)}
    done = subprocess.run(
        [PYTHON, SCRIPT],
        input=json.dumps(list(every)),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    readings = json.loads(done.stdout.splitlines()[-1])
    assert len(readings) == len(every) > 500
    for (words, one), read in zip(every.items(), readings, strict=True):
        plan, told = one.plan, " ".join(words)
        assert "error" not in read, f"{told}: {read['error']}"
        assert (read["model"], read["port"]) == (plan.source.model, plan.port), told
        assert read["name"] == [plan.served_name], told
        assert read["data_parallel_size"] == parallel(plan.extra, "-dp"), told
        if not plan.placement.on_cpu:
            assert read["tensor_parallel_size"] == one.layout.tensor_parallel, told
            sizes = ("tensor_parallel_size", "data_parallel_size", "pipeline_parallel_size")
            used = [read[name] for name in sizes]
            assert used[0] * used[1] * used[2] == len(plan.placement.gpus), told
