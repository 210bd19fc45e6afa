"""Every text that is marked to be translated, in Python, templates and scripts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).parents[2]
PACKAGES = ("evaluator", "launch")
MARKS = ("N_", "labels")
OF_LAUNCH = {"option": 1, "required": 0}  # where the help stands in the call
IN_SCRIPTS = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)*)"')


def marked() -> dict[str, Path]:
    """The texts, each with a file that has it."""
    found: dict[str, Path] = {}
    for path in sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*")):
        if texts := READERS.get(path.suffix):
            found |= dict.fromkeys(filter(None, texts(path.read_text(encoding="utf-8"))), path)
    return found


def in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for each in marked_in(node, getattr(node.func, "id", "")):
                if isinstance(each, ast.Constant):
                    yield each.value


def marked_in(call: ast.Call, name: str) -> list[ast.expr]:
    """The arguments of a call that are texts: of an option's help, its text and its default."""
    if name == "Help":
        named = [each.value for each in call.keywords if each.arg == "default"]
        return [*call.args[:1], *call.args[2:3], *named]
    if name in OF_LAUNCH:
        return [call.args[OF_LAUNCH[name]]] if len(call.args) > OF_LAUNCH[name] else []
    return call.args if name in MARKS else []


def in_template(source: str) -> Iterator[str]:
    tree = Environment().parse(source)
    for _, _, text in extract_from_ast(tree, gettext_functions=("_",), babel_style=False):
        yield text[0] if isinstance(text, tuple) else text


def in_script(source: str) -> Iterator[str]:
    return (text.replace('\\"', '"') for text in IN_SCRIPTS.findall(source))


READERS = {".py": in_python, ".html": in_template, ".js": in_script}
