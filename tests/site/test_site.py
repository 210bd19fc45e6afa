"""The documentation site that `make docs` has built: whole, in two languages, and on its own."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

import evaluator

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"
TAGS = re.compile(r'<(\w+)[^>]*?\s(?:href|src)="?([^"\s>]+)')

pytestmark = pytest.mark.site


def links() -> Iterator[tuple[Path, str, str]]:
    """Every link of a page: the page, the element, and where it leads."""
    for page in SITE.rglob("*.html"):
        if page.name != "404.html":  # its links are absolute: it is shown at any address
            for tag, target in TAGS.findall(page.read_text(encoding="utf-8")):
                yield page, tag, target


def test_every_link_leads_to_a_file() -> None:
    lost = set()
    for page, _, target in links():
        path, _ = urldefrag(unquote(target))
        if path and not re.match(r"(https?|data|mailto):", path):
            file = page.parent / path
            if not (file / "index.html" if file.is_dir() else file).exists():
                lost.add((page.name, target))

    assert lost == set()


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert {target for _, tag, target in links() if tag != "a" and "://" in target} == set()


def test_every_page_is_there_in_both_languages() -> None:
    for source in (ROOT / "docs").glob("*.md"):
        name = source.name.split(".")[0]
        for language in ("en", "zh"):
            page = SITE / ("" if language == "en" else language) / f"{name}.html"
            assert f'hreflang="{language}"' in page.read_text(encoding="utf-8")


def test_a_page_that_is_translated_is_shown_in_chinese() -> None:
    for source in (ROOT / "docs").glob("*.zh.md"):
        title = source.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        page = SITE / "zh" / source.name.replace(".zh.md", ".html")
        assert re.search(rf'<h1 id="[^"]*">{re.escape(title)}<', page.read_text(encoding="utf-8"))


def test_the_reference_has_every_exported_name() -> None:
    text = (SITE / "api.html").read_text(encoding="utf-8")
    missing = {
        name
        for name in evaluator.__all__
        if name != "__version__" and f'.{name}" class="doc doc-heading"' not in text
    }

    assert missing == set()
