"""Tool calls on the real vLLM server: the parsers it knows, and each protocol with the demo."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from launch.server.tool_parsers import PARSERS

pytestmark = pytest.mark.vllm
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-vllm/bin/python"
PROTOCOLS = ("tools", "react", "json", "text")
KNOWN = (
    "import json; from vllm.tool_parsers import ToolParserManager; "
    "print(json.dumps(ToolParserManager.list_registered()))"
)
SCRIPT = """
for protocol in tools react json text; do
  {python} -m evaluator run toolcall --protocol $protocol --limit 4 --param max_tokens=48 \\
    --progress none --no-smoke --out {folder}/$protocol || exit 1
done
"""


def test_vllm_knows_every_parser_of_the_table() -> None:
    told = subprocess.run([PYTHON, "-c", KNOWN], capture_output=True, text=True, check=True)

    assert {parser for _, parser in PARSERS} <= set(json.loads(told.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in each protocol, with one server."""
    folder = tmp_path_factory.mktemp("tools")
    words = [
        sys.executable,
        "-m",
        "launch",
        "with",
        "--model",
        "demo",
        "--log",
        str(folder / "log"),
    ]
    script = SCRIPT.format(python=sys.executable, folder=folder)
    done = subprocess.run(
        [*words, "--", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_scenario_ends_in_a_state(folder: Path, protocol: str) -> None:
    outcomes: list[Any] = [
        orjson.loads(line)
        for line in (folder / protocol / "outcomes.jsonl").read_bytes().splitlines()
    ]

    assert len(outcomes) == 4
    assert {one["status"] for one in outcomes} <= {"scored", "unparsed", "truncated"}
