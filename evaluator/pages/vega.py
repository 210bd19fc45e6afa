"""Vega's own JavaScript, which draws the charts of a page without a network."""

from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = "vl-convert-python"
# Expressions are interpreted: a page forbids the making of code from text.
SNIPPET = "window.vegaEmbed = vegaEmbed;"


@lru_cache(1)
def library() -> str:
    """The source of vega-embed with all that it needs, some 900 kB.

    Bundling takes a second, so the result is kept in the user's cache where that can be written.
    """
    from platformdirs import user_cache_path

    kept = user_cache_path("evaluator") / f"vega-{version(PACKAGE)}.js"
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    source = bundled()
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, source)
    return source


def bundled() -> str:
    """The same, made anew."""
    from vl_convert import javascript_bundle

    return javascript_bundle(SNIPPET)


def write_whole(path: Path, text: str) -> None:
    """Writes a file that another process may be reading."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
        draft.write(text)
    Path(draft.name).replace(path)
