"""Fills the viewer's templates, and those of `pages/` within the viewer's frame."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from evaluator.locale import Language, catalogue
from evaluator.pages import render as pages
from evaluator.pages.vega import library

TEMPLATES = Path(__file__).with_name("templates")
OF_PAGES = ("words.js", "charts.js", "sample.js", "samples.js")
OWN = ("index.js", "live.js", "sample_server.js")
OWN_FORM = {"compare.html": "comparison.html"}  # templates of `pages/` that say more here
OF_CHARTS = ("vega.js", "charts.js")
OF_SAMPLES = (*OF_CHARTS, "words.js", "sample.js", "sample_server.js", "samples.js")


@lru_cache
def environment(language: Language) -> Environment:
    """The templates; `base.html`, in which all others stand, is the viewer's own."""
    folders = [FileSystemLoader(TEMPLATES), FileSystemLoader(pages.TEMPLATES)]
    return pages.environment(language).overlay(loader=ChoiceLoader(folders))


def page(request: Request, template: str, **fields: object) -> HTMLResponse:
    """A page without charts."""
    return HTMLResponse(filled(request, template, {}, **fields))


def filled(request: Request, template: str, charts: pages.Charts, **fields: object) -> str:
    """The HTML of a page."""
    language: Language = request.app.state.language
    drawn = pages.drawn(charts, catalogue(language))
    given = {"scripts": (), "notice": "", "live": "", **fields, **drawn}
    return environment(language).get_template(template).render(nonce=request.state.nonce, **given)


def filler(request: Request, **own: object) -> pages.Fill:
    """Fills the templates of `pages/`; `own` are fields that are the viewer's.

    The samples of a run come from here, however many there are, and not from files beside it.
    """

    def fill(
        template: str, charts: pages.Charts, more_scripts: Sequence[str] = (), **fields: object
    ) -> str:
        scripts = OF_SAMPLES if more_scripts else OF_CHARTS
        mine = OWN_FORM.get(template, template)
        return filled(request, mine, charts, **{**fields, **own, "scripts": scripts})

    return fill


@lru_cache
def asset(name: str) -> tuple[str, str]:
    """A script or the style by name, with its type.  Raises FileNotFoundError."""
    if name == "vega.js":
        return library(), "text/javascript"
    if name == "style.css":
        own = (TEMPLATES / "viewer.css").read_text(encoding="utf-8")
        return pages.style() + own, "text/css"
    if name in OF_PAGES:
        return pages.source(name), "text/javascript"
    if name in OWN:
        return (TEMPLATES / name).read_text(encoding="utf-8"), "text/javascript"
    raise FileNotFoundError(name)
