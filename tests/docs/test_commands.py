"""What the pages tell a person to type works."""

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.data import Mirror, samples
from evaluator.types import Benchmark, Response
from tests.conftest import Cli
from tests.docs.pages import PAGES, ROOT, commands, make_variables, page
from tests.docs.test_pages import options_of
from tests.sandbox.programs import needs_sandbox
from tests.stub import StubServer
from tests.stub.replies import prompt_text

BLOCKS = {  # by what they say, so that a block of several pages is run once
    block: f"{each.name}:{i}" for each in PAGES for i, block in enumerate(each.blocks("sh"))
}
LINES = sorted({line for block in BLOCKS for line in commands(block)})
SETUP = {"pip install .", "source .venv/bin/activate"}
SERVED = ("name", "base", "tuned", "third", "a", "b", "c", "big", "glm-4")
RATINGS = ("事实正确性", "满足用户需求", "逻辑连贯性", "创造性", "丰富度", "清晰度", "完备性")
RATINGS += ("公平与可负责程度",)
OUTPUTS = {  # of other tools, by where they are recorded
    "evalscope": "outputs",
    "lm-eval/tiny": "lm-eval-outputs",
    "opencompass": "opencompass-outputs",
    "inspect": "inspect-logs",
}
# These need the real data sets, or a hub: their options are looked at, and they are not run.
REAL_DATA = ("data fetch", "data check", "--strict-data")
ANSWERS = (0, 1, 4)  # exit codes of `evaluator gate`, whatever the server here says
LASTING = ("evaluator view",)  # nor are those that last until they are interrupted


def words_of(line: str) -> list[str]:
    return shlex.split(line, comments=True)


def reply(body: dict[str, Any]) -> str:
    """What each of the models says, and each judge."""
    prompt = prompt_text(body)
    if "参考答案" in prompt:
        found = {name: 6 for name in RATINGS if name in prompt.partition("你会看到")[0]}
        return repr({**found, "综合得分": 6})
    if "impartial judge" in prompt:
        return "Rating: [[6]]"
    if "two assistants" in prompt.lower():
        return "[[A]]" if "Answer: 1\n" in prompt else "[[C]]"
    if "capital of" in prompt:
        return "Lima."
    if "Rate this poem" in prompt:
        return "Rating: 7"
    if "number" in prompt:
        return f"Answer: {1 + SERVED.index(body['model']) % 3}"
    return "Answer: B"


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    with StubServer(reply=reply, models=SERVED) as stub:
        yield stub


@pytest.fixture(scope="module")
def prepared(server: StubServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the pages assume: runs, rows, files of one's own."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("base", "tuned", "third", "a", "b", "c"):
        evaluate(folder, "gsm8k", name, server.base_url, "--out", f"runs/{name}")
    evaluate(folder, "ceval", "base", server.base_url, "--out", "runs/base")
    for name in ("demo", "mine"):
        evaluate(folder, "gsm8k", "name", server.base_url, "--out", f"runs/{name}")
    judge = ("--judge-model", "self", "--out", "runs/judged")
    evaluate(folder, "alignbench", "name", server.base_url, *judge)
    shutil.copy(folder / "runs/judged/alignbench.jsonl", folder / "glm-4.jsonl")
    evaluate(folder, "mtbench", "name", server.base_url, *judge[:2], "--out", "runs/mt")
    verdicts = (folder / "runs/mt/mtbench.jsonl").read_text(encoding="utf-8")
    of = [verdicts.replace('"model":"name"', f'"model":"{each}"') for each in ("vicuna-13b", "x")]
    (folder / "gpt-4_single.jsonl").write_text("".join(of), encoding="utf-8")
    files(folder)
    return folder


def files(folder: Path) -> None:
    """The files that the pages show, and those that they only name."""
    recorded = ROOT / "tests/imports/recorded"
    for tool, name in OUTPUTS.items():
        shutil.copytree(recorded / tool, folder / name)
    own = page("docs/own-benchmarks.md")
    rows = folder / "mirror/me/capitals/default/test.jsonl"
    rows.parent.mkdir(parents=True)
    rows.write_text(own.blocks("json")[0], encoding="utf-8")
    for name, block in zip(("capitals", "poems"), own.blocks("python"), strict=True):
        (folder / f"{name}.py").write_text(block, encoding="utf-8")
    benchmarks = page("docs/benchmarks.md").blocks("text")
    (folder / "questions.csv").write_text(benchmarks[0], encoding="utf-8")
    (folder / "replies.jsonl").write_text(benchmarks[1], encoding="utf-8")
    exam = "stem,first,second,key\n水的化学式是什么？,H2O,CO2,A\n"
    (folder / "exam.csv").write_text(exam, encoding="gbk")
    (folder / "answers.jsonl").write_bytes(orjson.dumps({"question": "A number?", "answer": "1"}))
    (config,) = (b for b in page("docs/models-and-servers.md").blocks("toml") if "benchmarks" in b)
    (folder / "run.toml").write_text(config, encoding="utf-8")


def evaluate(folder: Path, benchmark: str, model: str, url: str, *more: str) -> None:
    words = ["run", benchmark, "--model", model, "--base-url", url, "--data", "builtin", *more]
    command = [sys.executable, "-m", "evaluator", *words, "--progress", "none"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


RUN = {
    block: name
    for block, name in BLOCKS.items()
    if any(line.startswith("evaluator ") for line in commands(block))
}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=name, marks=needs_sandbox if "--allow-code" in block else ())
        for block, name in RUN.items()
    ],
)
def test_the_evaluator_commands_run(
    block: str,
    cli: Cli,
    server: StubServer,
    prepared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for secret in ("ZHIPUAI_API_KEY", "GATEWAY_TOKEN"):
        monkeypatch.setenv(secret, "none")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests/stand_in"))  # for Ray
    monkeypatch.setenv("CORES", "4")
    folder = shutil.copytree(prepared, tmp_path / "here")
    config = folder / "run.toml"
    config.write_text(re.sub(r"http://[^\"]+", server.base_url, config.read_text()))
    for line in commands(block):
        if not line.startswith("evaluator "):
            continue
        if any(each in line for each in (*REAL_DATA, *LASTING)):
            assert unknown(words_of(line)) == set()
            continue
        words = words_of(line)[1:]
        urls = [server.base_url if word.startswith("http") else word for word in words]
        done = cli(*urls, cwd=folder)

        codes = ANSWERS if words[0] == "gate" else (0,)
        assert done.returncode in codes, f"{line}\n{done.stdout}\n{done.stderr}"


def unknown(words: Sequence[str]) -> set[str]:
    """The options of a command that its --help does not know."""
    program, *rest = words
    own = 2 if rest[0] == "data" else 1
    given = {word for word in rest[own:] if re.fullmatch("--[a-z][a-z-]*", word)}
    return given - options_of(program, *rest[:own])


PYTHON = {
    f"{each.name}:{i}": block
    for each in (page("README.md"), page("docs/python-api.md"))
    for i, block in enumerate(each.blocks("python"))
}
POEMS = """
from evaluator import evaluate
from poems import POEMS
url = "http://host:8000/v1"
report = evaluate(POEMS, model="name", base_url=url, judge_model="glm-4", judge_base_url=url)
assert report.benchmarks["poems"].value == 7.0
"""


@pytest.mark.parametrize("block", [*PYTHON.values(), POEMS], ids=[*PYTHON, "poems"])
def test_the_python_blocks_run(
    block: str, server: StubServer, prepared: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(prepared, tmp_path / "here")
    code = re.sub(r"http://[^\"]+", server.base_url, block)
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [each for each in LINES if each.startswith("make ")])
def test_the_make_commands_are_what_the_makefile_knows(line: str) -> None:
    words = words_of(line)
    done = subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"(?:^| )([A-Z_0-9]+)=", line)) <= make_variables()


@pytest.mark.parametrize("line", [each for each in LINES if each.startswith("python ")])
def test_the_python_commands_name_what_there_is(line: str) -> None:
    words = words_of(line)
    assert words[1] == "-m"
    assert find_spec(words[2])
    if words[2] != "launch":
        return
    parts = " ".join(words[3:]).split(" -- ")
    command = parts[-1].split() if len(parts) > 1 else []

    assert unknown(["launch", *parts[0].split()]) == set()
    if command[:1] == ["evaluator"]:
        assert unknown(command) == set()
    elif command:
        assert command[:2] == ["python", "-m"]
        assert find_spec(command[2])


def test_every_command_is_of_a_kind_that_is_tested() -> None:
    kinds = ("evaluator ", "make ", "python ")

    assert {line for line in LINES if not line.startswith(kinds)} == SETUP


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert all(f"make {target}" in done.stdout for target in phony[1].split())


def test_the_example_benchmark_works(tmp_path: Path) -> None:
    source = page("docs/own-benchmarks.md").blocks("python")[0]
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
