"""The pages are short, their links lead somewhere, and what they name exists."""

import json
import re
import subprocess
import sys
import tomllib
from functools import cache

import pytest

from tests.docs.pages import GENERATED, PAGES, ROOT, Page, commands, make_variables, page

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


@pytest.mark.parametrize(
    ("readme", "index", "chinese"),
    [("README.md", "docs/index.md", False), ("README.zh-CN.md", "docs/index.zh.md", True)],
)
def test_readme_and_the_index_lead_to_every_page(readme: str, index: str, chinese: bool) -> None:
    for each in PAGES:
        if each.chinese == chinese and each.name not in (readme, index):
            assert f"]({each.path.name})" in page(index).text, each.name
            assert f"]({each.name})" in page(readme).text, each.name


@pytest.mark.parametrize(
    "one", [each for each in PAGES if each.chinese], ids=lambda each: each.name
)
def test_a_chinese_page_has_no_command_of_its_own_but_for_its_language(one: Page) -> None:
    english = page(one.name.replace(".zh-CN.md", ".md").replace(".zh.md", ".md"))
    theirs = [line for block in english.blocks("sh") for line in commands(block)]
    own = [line for block in one.blocks("sh") for line in commands(block)]

    assert [line for line in own if line not in theirs and "--lang zh" not in line] == []


@pytest.mark.parametrize(
    "one", [each for each in PAGES if each.chinese], ids=lambda each: each.name
)
def test_a_chinese_page_links_the_chinese_form_of_each_page_that_has_one(one: Page) -> None:
    english = one.path.name.replace(".zh-CN.md", ".md")
    linked = {re.sub(r"^docs/|#.*", "", each) for each in re.findall(r"\]\(([^)]+)\)", one.prose)}
    translated = {each.path.name.replace(".zh.md", ".md") for each in PAGES if each.chinese}

    assert translated & linked <= {english}


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


@pytest.mark.parametrize("name", ["docs/models-and-servers.md", "docs/models-and-servers.zh.md"])
def test_the_variables_are_the_makefiles(name: str) -> None:
    table = page(name).text
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
