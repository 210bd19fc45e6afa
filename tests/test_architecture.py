"""Who may import whom, as docs/design.md draws it."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VOCABULARY = {"types", "errors"}  # what every part may use
ALLOWED = {  # a part may import the parts named beside it, and nothing else of the project
    "results": set(),
    "statistics": {"results"},
    "extract": set(),
    "prompts": set(),
    "data": set(),
    "journal": {"results"},
    "transcripts": set(),
    "tasks": {"data", "extract", "prompts"},
    "judging": {"statistics", "extract", "prompts", "options"},
    "benchmarks": {"statistics", "data", "extract", "prompts", "tasks", "judging"},
    "client": set(),
    "engine": {"statistics", "extract", "client", "data", "journal"},
    "report": {"results", "statistics", "journal", "benchmarks", "judging"},
    "dashboard": {"statistics", "client", "data", "options", "report"},
    "options": {"client", "data", "engine"},
    "comparison": {"results", "statistics", "extract", "journal", "report", "transcripts"},
    "perf": {
        *("statistics", "client", "data", "engine", "benchmarks"),
        *("dashboard", "options", "report"),
    },
}
OPEN = {"runs", "arena", "cli", "api", "__main__", "__init__"}  # where everything comes together
FILES = sorted((ROOT / "evaluator").rglob("*.py"))


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def part(path: Path) -> str:
    return path.relative_to(ROOT / "evaluator").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_part_imports_only_what_it_may(path: Path) -> None:
    own = part(path)
    used = {name.split(".")[1] for name in imports(path) if name.startswith("evaluator.")} - {own}

    allowed = set() if own in VOCABULARY else ALLOWED.get(own, set()) | VOCABULARY

    assert own in OPEN or used <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_evaluator_speaks_http_only(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}

    assert not roots & {"vllm", "torch", "launch", "transformers"}


@pytest.mark.parametrize("path", sorted((ROOT / "launch").rglob("*.py")), ids=lambda p: p.name)
def test_launch_never_imports_the_evaluator(path: Path) -> None:
    assert "evaluator" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "launch/install").glob("*.py")), ids=lambda p: p.name
)
def test_what_installs_needs_nothing_installed(path: Path) -> None:
    outside = {name for name in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}

    assert all(name.startswith(("launch.install", "launch.errors")) for name in outside)
