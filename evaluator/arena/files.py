"""arena.json, arena.md and arena.html: how they are written, and written again."""

from pathlib import Path

from evaluator.arena.page import arena_page
from evaluator.arena.tables import in_markdown
from evaluator.locale import Language, language, speaking
from evaluator.pages.render import page_in
from evaluator.results import files
from evaluator.results.arena import NAME, ArenaReport


def write(report: ArenaReport, folder: Path, lang: Language | None = None) -> None:
    """Writes the three files.  Raises OSError."""
    files.write(folder / NAME, report)
    write_shown(report, folder, lang)


def write_shown(report: ArenaReport, folder: Path, lang: Language | None = None) -> None:
    """Writes what people read: arena.md and arena.html in a language.  Raises OSError."""
    with speaking(lang):
        (folder / "arena.md").write_text(in_markdown(report), encoding="utf-8")
    page = arena_page(report, page_in(language(lang)))
    (folder / "arena.html").write_text(page, encoding="utf-8")


def rewrite(folder: Path, lang: Language | None = None) -> ArenaReport:
    """The arena in a folder, whose arena.md and arena.html are written again.

    Raises OSError, and DataError where arena.json is damaged.
    """
    report = files.read(folder / NAME, ArenaReport)
    write_shown(report, folder, lang)
    return report
