"""The pages are short, their links lead somewhere, and what they name exists."""

import json
import re
import subprocess
import sys
import tomllib
from functools import cache

import pytest

from tests.docs.pages import GENERATED, PAGES, ROOT, Page, make_variables, page

WRITTEN = [each for each in PAGES if each.path.name not in GENERATED]
EVALUATOR = (
    "run",
    "compare",
    "gate",
    "track",
    "arena",
    "perf",
    "score",
    "show",
    "view",
    "check",
    "list",
    "report",
    "schema",
    "table",
    "export",
    "import",
    "plot",
)
DATA = ("list", "fetch", "check")
LAUNCH = ("eval", "perf", "with", "each", "fleet", "slurm", "ray", "turns", "up", "down", "status")
VLLM = {  # flags of vLLM, and not ours
    *("--generation-config", "--trust-request-chat-template", "--max-num-seqs"),
    *("--enable-auto-tool-choice", "--tool-call-parser"),
    *("--enable-lora", "--lora-modules", "--max-lora-rank", "--max-loras", "--max-cpu-loras"),
}
OTHER_TOOLS = "docs/coming-from.md"  # the first column of its tables is what others type
SEVERAL = pytest.mark.parametrize("one", PAGES, ids=lambda each: each.name)
BY_HAND = pytest.mark.parametrize("one", WRITTEN, ids=lambda each: each.name)


@BY_HAND
def test_a_page_is_short(one: Page) -> None:
    assert len(one.text.splitlines()) <= 200
    assert [line for line in one.text.splitlines() if len(line) > 100] == []


@SEVERAL
def test_relative_links_lead_to_a_file_and_a_heading(one: Page) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", one.prose):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (one.path.parent / path).resolve() if path else one.path

        assert file.exists(), target
        if anchor:
            assert anchor in page(file.relative_to(ROOT).as_posix()).anchors, target


def test_readme_and_the_index_lead_to_every_page() -> None:
    for each in PAGES:
        if each.name not in ("README.md", "docs/index.md"):
            assert f"]({each.path.name})" in page("docs/index.md").text, each.name
            assert f"]({each.name})" in page("README.md").text, each.name


@cache
def options() -> set[str]:
    """Every option of both command lines, as their --help has them."""
    calls = [("evaluator", (each,)) for each in EVALUATOR]
    calls += [("evaluator", ("data", each)) for each in DATA]
    calls += [("launch", (each,)) for each in LAUNCH] + [("evaluator", ())]
    return set().union(*(options_of(module, *words) for module, words in calls))


@cache
def options_of(module: str, *words: str) -> set[str]:
    """The options of one command."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"COLUMNS": "200", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        check=True,
    )
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout))


@BY_HAND
def test_the_options_that_a_page_names_exist(one: Page) -> None:
    named = set()
    own = one.prose
    if one.name == OTHER_TOOLS:
        own = re.sub(r"^\|[^|]*\|", "", own, flags=re.MULTILINE)
    for code in re.findall(r"`([^`\n]+)`", own):
        named |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", code))

    assert named - VLLM <= options()


def test_the_variables_are_the_makefiles() -> None:
    table = page("docs/models-and-servers.md").text
    told = set()
    for cell in re.findall(r"^\| (`[A-Z_0-9`, ]+`) \|", table, re.MULTILINE):
        told |= set(re.findall(r"[A-Z_0-9]+", cell))

    assert told == make_variables()


@SEVERAL
def test_blocks_of_data_and_python_can_be_read(one: Page) -> None:
    for block in one.blocks("toml"):
        tomllib.loads(block)
    for block in one.blocks("json"):
        for line in block.splitlines():
            json.loads(line)
    for block in one.blocks("python"):
        compile(block, one.name, "exec")


@SEVERAL
def test_every_code_block_says_what_it_is(one: Page) -> None:
    fences = re.findall(r"^```(.*)$", one.text, re.MULTILINE)

    assert set(fences[::2]) <= {"sh", "text", "python", "toml", "json", "yaml"}
    assert set(fences[1::2]) <= {""}
