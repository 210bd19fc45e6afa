"""What README tells a person to do is true."""

import asyncio
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evaluator.data import Mirror, samples
from evaluator.types import Benchmark, Response
from tests.conftest import Cli
from tests.stub import StubServer
from tests.stub.replies import prompt_text

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]
EVALUATOR = [shlex.split(line) for line in COMMANDS if line.startswith("evaluator ")]
MAKE = [line for line in COMMANDS if line.startswith("make ")]


@pytest.mark.parametrize("words", EVALUATOR, ids=" ".join)
def test_the_evaluator_commands_run(words: list[str], cli: Cli, stub: StubServer) -> None:
    stub.models = ["name"]
    stub.reply = lambda body: "Answer: 1" if "number" in prompt_text(body) else "Answer: B"
    urls = [stub.base_url if word.startswith("http") else word for word in words[1:]]
    done = cli(*urls)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", MAKE)
def test_the_make_commands_are_what_the_makefile_knows(line: str) -> None:
    done = subprocess.run(
        [*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert all(f"make {target}" in done.stdout for target in phony[1].split())


def test_the_variables_are_the_makefiles() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for variable in re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE):
        assert re.search(rf"\b{variable}\b", makefile), variable


def test_the_example_benchmark_works(tmp_path: Path) -> None:
    (source,) = blocks("python")
    made: dict[str, Any] = {}
    exec(source, made)
    benchmark: Benchmark = made["CAPITALS"]
    folder = tmp_path / "me/capitals/default"
    folder.mkdir(parents=True)
    row = '{"country": "France", "capital": "Paris", "continent": "Europe"}\n'
    (folder / "test.jsonl").write_text(row)

    async def ask(messages: Any, role: str = "model", **params: Any) -> Response:
        return Response("", "Paris." if "France" in messages else "?")

    (sample,) = samples(benchmark, Mirror(tmp_path), 0)
    score = asyncio.run(benchmark.solve(sample, ask))  # type: ignore[arg-type]

    assert (sample.group, score.value, score.answer) == ("Europe", 1.0, "Paris")
    assert len(source.splitlines()) <= 40
