"""Fills the templates. All text is escaped: it comes from models, servers, files and users."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evaluator.pages.vega import library
from evaluator.report.escaping import harmless

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = ("charts.js", "sample.js", "sample_files.js", "samples.js")


class Fill(Protocol):
    """Makes a page of a template, its charts and its fields."""

    def __call__(self, template: str, charts: Mapping[str, object], **fields: Any) -> str:
        """The page as HTML."""


@lru_cache(1)
def environment() -> Environment:
    """The templates, which can be filled but for nothing that is missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: harmless(value) if type(value) is str else value,
    )
    made.filters["json"] = as_json
    return made


def page(template: str, charts: Mapping[str, object], **fields: Any) -> str:
    """A whole page of HTML, with its charts, that needs nothing else."""
    scripts = [library(), *map(source, SCRIPTS)]
    return (
        environment()
        .get_template(template)
        .render(
            policy=policy(scripts),
            scripts=[Markup(script) for script in scripts],
            style=Markup(source("style.css")),
            charts=charts,
            **fields,
        )
    )


def source(name: str) -> str:
    """A file of this package's own."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def policy(scripts: Sequence[str]) -> str:
    """What the page may run: these scripts, and what they load. Nothing else that stands in it."""
    allowed = " ".join(f"'sha256-{digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed} 'strict-dynamic'; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def digest(script: str) -> str:
    """A script's SHA-256, as a policy names it."""
    return b64encode(sha256(script.encode()).digest()).decode()


def as_json(value: object) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = orjson.dumps(value).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
