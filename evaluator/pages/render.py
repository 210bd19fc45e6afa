"""Fills the templates. All text is escaped: it comes from models, servers, files and users."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evaluator.locale import N_, Catalogue, Language, catalogue
from evaluator.pages.theme import chart_configs, stylesheet
from evaluator.pages.vega import library
from evaluator.report.escaping import harmless, harmless_within
from evaluator.report.values import at_minute

TEMPLATES = Path(__file__).with_name("templates")
SAMPLE_SCRIPTS = ("words.js", "sample.js", "sample_files.js", "samples.js")
Charts = Mapping[str, Any]  # by name; one that is None is left out


class Fill(Protocol):
    """Makes a page of a template, its charts and its fields."""

    def __call__(
        self, template: str, charts: Charts, more_scripts: Sequence[str] = (), **fields: Any
    ) -> str:
        """The page as HTML; `more_scripts` are files of this package, beside those of charts."""


@lru_cache
def environment(language: Language = "en") -> Environment:
    """The templates, which can be filled but for nothing that is missing."""
    words = catalogue(language)

    def shown(value: object) -> object:
        if isinstance(value, str) and not isinstance(value, Markup):
            return harmless(words.say(value))
        return value

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    made.filters["json"] = lambda value: as_json(words.within(value))
    made.filters["time"] = at_minute
    made.globals |= {"_": N_, "lang": language, "words": words.entries}
    return made


@dataclass(frozen=True, slots=True)
class Card:
    """A figure at the top of a page."""

    name: str
    value: str
    detail: str


def page_in(language: Language) -> Fill:
    """What makes a whole page of HTML that needs nothing else, in that language."""
    return partial(page, language)


def page(
    language: Language,
    template: str,
    charts: Charts,
    more_scripts: Sequence[str] = (),
    **fields: Any,
) -> str:
    """Such a page, as `Fill` has it."""
    scripts = [library(), *map(source, ("charts.js", *more_scripts))]
    return (
        environment(language)
        .get_template(template)
        .render(
            policy=policy(scripts),
            scripts=[Markup(script) for script in scripts],
            style=Markup(style()),
            **drawn(charts, catalogue(language)),
            **fields,
        )
    )


ENGLISH: Fill = page_in("en")


def drawn(charts: Charts, words: Catalogue) -> dict[str, Any]:
    """What a template needs to draw the charts."""
    shown = {
        harmless(name): harmless_within(words.within(chart))
        for name, chart in charts.items()
        if chart
    }
    return {"charts": shown, "configs": chart_configs()}


def style() -> str:
    """The style of all pages, light and dark."""
    return stylesheet() + source("style.css")


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
