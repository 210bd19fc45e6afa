"""Tool calls on the real vLLM server: the parsers it knows, and each protocol with the demo."""

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from launch.server.tool_parsers import PARSERS
from tests.vllm.serving import ROOT, Environment, run

pytestmark = pytest.mark.vllm
PYTHON = ROOT / ".venv-vllm/bin/python"
PROTOCOLS = ("tools", "react", "json", "text")
KNOWN = (
    "import json; from vllm.tool_parsers import ToolParserManager; "
    "print(json.dumps(ToolParserManager.list_registered()))"
)
SCRIPT = """
run() {{
  {python} -m evaluator run "$@" --progress none --no-smoke || exit 1
}}
# the dialogues take turns, which leave the server time for the others
run acebench --data builtin --dataset-args '{agents}' --limit 4 --param max_tokens=24 \\
  --judge-model self --judge-param max_tokens=24 --out {folder}/agents &
for protocol in tools react json text; do
  run toolcall --protocol $protocol --limit 4 --param max_tokens=48 --out {folder}/$protocol
  others="bfcl acebench ultratool"
  test $protocol = text && others="bfcl acebench"
  run $others --protocol $protocol --limit 2 --param max_tokens=24 --data builtin \\
    --out {folder}/others-$protocol
done
wait $!
"""
AGENTS = [f"{language} agent_multi_{of}" for language in ("zh", "en") for of in ("step", "turn")]


def test_vllm_knows_every_parser_of_the_table() -> None:
    told = subprocess.run([PYTHON, "-c", KNOWN], capture_output=True, text=True, check=True)

    assert {parser for _, parser in PARSERS} <= set(json.loads(told.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def folder(beside_demo: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in each protocol, with one server."""
    folder = tmp_path_factory.mktemp("tools")
    agents = json.dumps({"acebench": {"subset_list": AGENTS}})
    script = SCRIPT.format(python=sys.executable, folder=folder, agents=agents)
    done = run("sh", "-c", script, beside=beside_demo)
    assert done.returncode == 0, done.stderr
    return folder


def statuses(folder: Path) -> list[str]:
    """Where the samples of a run ended."""
    lines = (folder / "outcomes.jsonl").read_bytes().splitlines()
    return [orjson.loads(line)["status"] for line in lines]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_scenario_ends_in_a_state(folder: Path, protocol: str) -> None:
    own, others = statuses(folder / protocol), statuses(folder / f"others-{protocol}")

    assert (len(own), len(others)) == (4, 4 if protocol == "text" else 6)
    assert {*own, *others} <= {"scored", "unparsed", "truncated"}


def test_every_dialogue_with_a_played_user_ends_in_a_state(folder: Path) -> None:
    ended = statuses(folder / "agents")

    assert len(ended) == len(AGENTS)
    assert {*ended} <= {"scored", "unparsed", "truncated", "judge_unparsed"}
