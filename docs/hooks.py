"""Fills two pages of the documentation site from the code, as mkdocs reads them.

`api.md` gets what the package exports, for mkdocstrings; `examples.md` the scripts of examples/.
"""

import ast
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
EXPORTS = ROOT / "evaluator/__init__.py"
FOR_BENCHMARKS = (  # what the pages on benchmarks of one's own import besides
    "evaluator.types.Ask",
    "evaluator.types.Prompt",
    "evaluator.types.Response",
    "evaluator.types.Rows",
    "evaluator.judging.judged.JudgedSolve",
    "evaluator.judging.panel.Panel",
)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page as it stands in docs/, with what is added to it."""
    made = MADE.get(page.file.src_uri)
    return markdown + made() if made else markdown


def api() -> str:
    """The exported names, in the order of `PLACES`, each by the module that has it."""
    lines = [f"::: evaluator.{module}.{name}\n" for name, module in places().items()]
    lines += ["# For benchmarks of your own\n", *(f"::: {name}\n" for name in FOR_BENCHMARKS)]
    return "\n".join(["", *lines])


def places() -> dict[str, str]:
    """`PLACES` of the package, read without an import: the site is built in a venv of its own."""
    tree = ast.parse(EXPORTS.read_text(encoding="utf-8"))
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PLACES"
    )
    found: dict[str, str] = ast.literal_eval(value)
    return found


def examples() -> str:
    """Every script of examples/, whole."""
    lines = [""]
    for path in sorted((ROOT / "examples").glob("*.py")):
        lines += [f"## {path.name}", "", "```python", path.read_text(encoding="utf-8").rstrip()]
        lines += ["```", ""]
    return "\n".join(lines)


MADE = {"api.md": api, "examples.md": examples}
