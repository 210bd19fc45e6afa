"""JSON Schemas of the files that the commands write, made from the types.

`python -m evaluator.results.schemas FOLDER` writes one file for each.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import orjson

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES = {  # by name of the file: the module, and the type in it
    "run": ("evaluator.results.run", "RunInfo"),
    "outcomes": ("evaluator.results.outcomes", "OutcomeRecord"),
    "samples": ("evaluator.results.samples", "SamplesLine"),
    "report": ("evaluator.results.report", "RunReport"),
    "compare": ("evaluator.results.comparison", "Comparison"),
    "perf": ("evaluator.results.perf", "PerfReport"),
    "arena": ("evaluator.results.arena", "ArenaReport"),
}
LINES = ("outcomes", "samples")  # files of which the schema describes one line

JsonSchema = dict[str, Any]  # a JSON Schema


def schema(name: str) -> JsonSchema:
    """The schema of a file, or of one of its lines.  Raises UsageError for an unknown name."""
    from pydantic import TypeAdapter

    if name not in (known := available()):
        hint = did_you_mean(name, known, N_("there are {names}", names=", ".join(known)))
        raise UsageError(N_("no schema is called {name!r}; {hint}", name=name, hint=hint))
    module, kind = TYPES[name]
    found = getattr(import_module(module), kind)
    made = TypeAdapter(found).json_schema()
    described = {each.__name__: dict(field_docs(each)) for each in dataclasses_in(found)}
    describe(made, described)
    file = f"one line of {name}.jsonl" if name in LINES else f"{name}.json"
    return {"$schema": DIALECT, **made, "title": file}


def dataclasses_in(kind: Any) -> set[type]:
    """The dataclasses that a type is made of, however deep."""
    found: set[type] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and is_dataclass(one) and one not in found:
            found.add(one)
            waiting += inspect.get_annotations(one, eval_str=True).values()
            waiting += one.__bases__
        waiting += get_args(one)
    return found


def field_docs(kind: type) -> Iterator[tuple[str, str]]:
    """The fields of a class, those it inherits too, with the text that stands below each."""
    for base in kind.__bases__:
        if is_dataclass(base):
            yield from field_docs(base)
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)
    for field, text in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            doc = ast.get_docstring(ast.Module([text], [])) if is_text(text) else None
            if doc:
                yield field.target.id, " ".join(doc.split())


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a text."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def describe(schema: JsonSchema, described: dict[str, dict[str, str]]) -> None:
    """Adds the texts to the fields of a schema and of its definitions."""
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, text in described.get(part.get("title", ""), {}).items():
            if name in part.get("properties", {}):
                part["properties"][name]["description"] = text
        for field in part.get("properties", {}).values():
            field.pop("title", None)  # pydantic's is the name again
        if "description" in part:
            part["description"] = " ".join(part["description"].split())


def packed(name: str) -> bytes:
    """A schema as JSON."""
    return orjson.dumps(schema(name), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def available() -> list[str]:
    """The names of the schemas."""
    return [name for name, (module, _) in TYPES.items() if find_spec(module)]


def write_all(folder: Path) -> None:
    """Writes every schema to a folder.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in available():
        (folder / f"{name}.schema.json").write_bytes(packed(name))


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
