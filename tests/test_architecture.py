"""Who may import whom, as docs/rooms.md draws it; no part and no module is in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VOCABULARY = {
    "types",
    "wording",
    "digest",
    "results",
    "errors",
    "locale",
}  # what every part may use
ALLOWED = {  # a part may import the parts named beside it, and nothing else of the project
    "errors": {"locale"},
    "digest": set(),
    "locale": set(),
    "results": {"errors", "digest", "locale", "wording"},
    "wording": set(),
    "types": {"wording", "results"},
    "extract": set(),
    "prompts": set(),
    "data": set(),
    "journal": set(),
    "statistics": set(),
    "transcripts": set(),
    "sandbox": set(),
    "client": set(),
    "processes": set(),
    "engine": {"statistics", "extract", "client", "data", "journal"},
    "options": {"client", "data", "engine"},
    "tasks": {"data", "extract", "prompts"},
    "agents": {"extract", "prompts"},
    "judging": {"statistics", "extract", "prompts", "engine", "options"},
    "lm_eval_tasks": {"statistics", "data", "tasks", "sandbox"},
    "benchmarks": {
        *("statistics", "data", "extract", "prompts", "tasks", "agents", "sandbox"),
        *("judging", "lm_eval_tasks"),
    },
    "report": {"statistics", "journal", "benchmarks", "judging"},
    "pages": {"options", "report", "transcripts"},
    "dashboard": {"statistics", "client", "data", "engine", "options", "report"},
    "comparison": {"statistics", "extract", "journal", "pages", "report", "transcripts"},
    "gates": {"statistics", "comparison", "report"},
    "perf": {
        *("statistics", "client", "data", "engine", "agents", "benchmarks"),
        *("dashboard", "options", "pages", "report", "processes"),
    },
    "runs": {
        *("statistics", "client", "data", "prompts", "journal", "engine", "agents", "sandbox"),
        *("judging", "benchmarks", "dashboard", "options", "pages", "report", "comparison"),
        *("transcripts", "processes"),
    },
    "arena": {
        *("statistics", "extract", "prompts", "client", "data", "journal", "engine", "judging"),
        *("benchmarks", "options", "pages", "report", "comparison", "transcripts", "runs"),
    },
    "imports": {"client", "engine", "benchmarks", "options", "runs"},
    "exports": {"report", "transcripts"},
    "plots": {"options", "pages", "report", "comparison", "perf", "arena"},
    "trackers": {"report", "transcripts"},
    "viewer": {"journal", "report", "pages", "comparison", "perf", "arena", "transcripts"},
    "cli": {
        *("data", "tasks", "lm_eval_tasks", "benchmarks", "options", "report", "dashboard"),
        *("comparison", "gates", "perf", "runs", "arena", "plots", "trackers", "viewer"),
        *("imports", "exports"),
    },
    "api": {"engine", "options", "report", "comparison", "runs"},
    "__main__": {"cli"},
    "__init__": {"api", "options"},
}
FILES = sorted((ROOT / "evaluator").rglob("*.py"))
BOTH = sorted([*FILES, *(ROOT / "launch").rglob("*.py")])
MOST_PARAMETERS = 8  # of a function, without self and cls
MOST_LINES = 260  # of a module
# the same thing: `launch` imports nothing of `evaluator`
TWICE = {"UsageError", "Interrupted", "Phrase"}
MOST_UNTYPED = 93  # rows of data sets, bodies of requests, JSON from outside: nothing of our own


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All that runs; what is imported for type checkers alone does not."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from statements(node)


def imports(path: Path) -> set[str]:
    """What a module imports when it runs, within functions too."""
    names = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def part(path: Path) -> str:
    return path.relative_to(ROOT / "evaluator").parts[0].removesuffix(".py")


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules_used(path: Path, known: set[str]) -> Iterator[str]:
    """The modules that one imports; of `from package import name` the package, unless a module."""
    for name in imports(path) - {module(path)}:
        if name in known:
            yield name
        elif (parent := name.rpartition(".")[0]) in known:
            yield parent


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_part_imports_only_what_it_may(path: Path) -> None:
    own = part(path)
    names = {name for name in imports(path) if name.startswith("evaluator.")}
    used = {name.split(".")[1] for name in names} - {own}

    assert used <= ALLOWED[own] | (set() if own in VOCABULARY else VOCABULARY)


def test_no_part_is_in_a_circle() -> None:
    assert list(TopologicalSorter(ALLOWED).static_order())  # raises CycleError


@pytest.mark.parametrize("top", ["evaluator", "launch"])
def test_no_module_is_in_a_circle(top: str) -> None:
    paths = sorted((ROOT / top).rglob("*.py"))
    known = {module(path) for path in paths}
    graph = {module(path): set(modules_used(path, known)) for path in paths}

    assert list(TopologicalSorter(graph).static_order())  # raises CycleError


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_evaluator_speaks_http_only(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}

    assert not roots & {"vllm", "torch", "launch", "transformers"}


@pytest.mark.parametrize("path", BOTH, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_take_few_parameters_and_modules_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = [each.arg for each in given if each.arg not in ("self", "cls")]
            assert len(named) <= MOST_PARAMETERS, node.name


def test_few_dictionaries_have_no_known_shape() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in BOTH
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "dict[str, Any]" in line or "Mapping[str, Any]" in line
    ]

    assert len(found) <= MOST_UNTYPED, found


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for path in BOTH:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name not in TWICE:
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))

    assert not {name: found for name, found in places.items() if len(found) > 1}
