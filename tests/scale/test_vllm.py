"""The real vLLM, on the CPU, as a job of a real Slurm."""

import json
import sys
from pathlib import Path

import pytest

from tests.scale.conftest import ROOT, Launch, Machines

pytestmark = pytest.mark.scale

VLLM_PYTHON = ROOT / ".venv-vllm/bin/python"
PATIENCE = 600.0  # seconds; two free cores load the model in one minute
EVALUATE = (
    *(sys.executable, "-m", "evaluator", "run", "arc", "--data", "builtin", "--limit", "4"),
    *("--out", "runs/{model}", "--progress", "none"),
)


@pytest.mark.parametrize("machines", ["slurm"], indirect=True)
def test_vllm_is_asked_in_a_job_with_the_key_of_its_fleet(
    machines: Machines, launch: Launch, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    (work / "fleet.toml").write_text('[[server]]\nmodel = "demo"\n')
    fleet = ("--config", "fleet.toml", "--gpus", "none", "--vllm-python", str(VLLM_PYTHON))
    process = launch(machines.name, *fleet, "--", *EVALUATE)
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, (work / "messages").read_text()
    report = json.loads((work / "runs/demo/report.json").read_text())
    assert (report["benchmarks"]["arc"]["samples"], report["benchmarks"]["arc"]["errors"]) == (4, 0)
    assert not machines.jobs
