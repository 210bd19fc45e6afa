"""Which room of `launch` may import which, and that it works under both of its names."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / "launch"
FILES = sorted(LAUNCH.rglob("*.py"))
VOCABULARY = {
    "declared",
    "errors",
    "fleet_options",
    "gpus",
    "locale",
    "options",
    "progress",
    "MODULE",
}  # what every room may use
ALLOWED = {  # a room may import the rooms named beside it, and nothing else of `launch`
    "declared": set(),
    "errors": set(),
    "fleet_options": set(),
    "gpus": set(),
    "locale": set(),
    "options": set(),
    "progress": set(),
    "processes": set(),
    "server": {"processes"},
    "demo_models": {"processes", "server"},
    "model_files": {"processes", "server", "demo_models"},
    "planning": {"processes", "server", "model_files"},
    "commands": {"processes", "server", "planning"},
    "cluster": {"processes", "server", "planning", "commands"},
    "evaluation": {"processes", "server", "commands"},
    "command_parser": set(),
    "cli": {"processes", "cluster", "commands", "evaluation", "command_parser"},
    "install": set(),
    "__init__": set(),
    "__main__": {"cli"},
}


def module_name(path: Path) -> str:
    return ".".join(("launch", *path.relative_to(LAUNCH).with_suffix("").parts))


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports, relative ones written out."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            outer = module_name(path).split(".")[: -node.level] if node.level else []
            start = ".".join([*outer, *([node.module] if node.module else [])])
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def room(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    own = room(module_name(path))
    used = {room(name) for name in imports(path) if name.startswith("launch.")} - {own}

    assert used <= ALLOWED[own] | VOCABULARY


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_launch_never_imports_the_evaluator(path: Path) -> None:
    assert "evaluator" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_are_relative_so_that_both_names_work(path: Path) -> None:
    """It is `launch` in a checkout and `evaluator.launch` when installed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    absolute = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and not node.level
        and (node.module or "").startswith("launch")
    ]

    # a script in a checkout, which has no package around it
    assert not absolute or path == LAUNCH / "install/__main__.py"


@pytest.mark.parametrize(
    "path", sorted((LAUNCH / "install").glob("*.py")), ids=lambda path: path.name
)
def test_what_installs_needs_nothing_installed(path: Path) -> None:
    outside = {name for name in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}

    ours = ("launch.install", "launch.errors", "launch.gpus", "launch.locale")
    assert all(name.startswith(ours) for name in outside)


def test_no_two_modules_import_each_other() -> None:
    known = {module_name(path).removesuffix(".__init__") for path in FILES}
    edges = {
        module_name(path).removesuffix(".__init__"): {
            target
            for name in imports(path)
            for target in (name, name.rpartition(".")[0])
            if target in known and target != module_name(path).removesuffix(".__init__")
        }
        for path in FILES
    }
    edges = {name: targets - {"launch"} for name, targets in edges.items()}
    while leaves := {name for name, targets in edges.items() if not targets & edges.keys()}:
        edges = {name: targets for name, targets in edges.items() if name not in leaves}

    assert not edges, f"a circle among {sorted(edges)}"
