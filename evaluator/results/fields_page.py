"""The reference page of all fields in Markdown: `python -m evaluator.results.fields_page`."""

import sys
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from evaluator.results.schemas import LINES, JsonSchema, available, schema

WIDTH = 100  # characters in a line
INTRODUCTION = """\
# Fields

Made by `make reference` from the types in `evaluator/results/`; do not edit it.

Every field of every typed file of a run; [files](files.md) tells what the files are for. Times are
in seconds, dates in UTC, shares from 0 to 1. None is `null` in the file. Objects within a file
stand below, under [parts](#parts).
"""


def fields_page() -> str:
    """The whole page."""
    schemas = {name: schema(name) for name in available()}
    lines = [line for name, made in schemas.items() for line in file_section(name, made)]
    lines += ["", "## Parts"]
    parts = {kind: of for made in schemas.values() for kind, of in made.get("$defs", {}).items()}
    for kind in sorted(parts):
        if parts[kind].get("type") == "object":
            lines += ["", f"### {kind}", *described(parts[kind])]
    return "\n".join([*INTRODUCTION.splitlines(), *lines]) + "\n"


def file_section(name: str, made: JsonSchema) -> Iterator[str]:
    """A file: what it is, and its fields."""
    yield from ("", f"## {name}.jsonl" if name in LINES else f"## {name}.json", "")
    yield f"[JSON Schema](schemas/{name}.schema.json); `evaluator schema {name}` prints it."
    if kinds := made.get("anyOf"):
        yield from ("", f"A line is one of {' or '.join(dict.fromkeys(references(kinds)))}.")
    yield from described(made)


def described(part: JsonSchema) -> Iterator[str]:
    """What an object is, and its fields."""
    if text := part.get("description"):
        yield from ("", *wrapped(text))
    if fields := part.get("properties"):
        yield from ("", *(line for each in fields.items() for line in bullet(*each)))


def bullet(name: str, field: JsonSchema) -> list[str]:
    """A field as an item of a list, in lines."""
    parts = ", ".join(dict.fromkeys(references(field)))
    text = " ".join(filter(None, [field.get("description"), f"See {parts}." if parts else ""]))
    return wrapped(f"- `{name}`: {text or kind(field)}", "  ")


def references(schema: Any) -> Iterator[str]:
    """Links to the parts that a schema is made of."""
    if isinstance(schema, list):
        yield from (found for each in schema for found in references(each))
    elif isinstance(schema, dict):
        if ref := schema.get("$ref"):
            kind = ref.rpartition("/")[2]
            yield f"[{kind}](#{kind.lower()})"
        yield from (found for each in schema.values() for found in references(each))


def kind(field: JsonSchema) -> str:
    """What to say of a field without a text of its own."""
    return f"always {field['const']}." if "const" in field else f"a {field.get('type', 'value')}."


def wrapped(text: str, indent: str = "") -> list[str]:
    """A text in lines."""
    return wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


if __name__ == "__main__":
    sys.stdout.write(fields_page())
