"""compare.json, compare.md and compare.html: where they go, and how they are written."""

from pathlib import Path

from evaluator.comparison.markdown import markdown
from evaluator.comparison.page import comparison_page
from evaluator.errors import UsageError
from evaluator.locale import N_, Language, language, speaking
from evaluator.pages.render import page_in
from evaluator.results import files
from evaluator.results.comparison import NAME, Comparison

LONGEST_NAME = 80  # characters: file systems take 255 bytes, of which a character may need three


def default_folder(base: Path, comparison: Comparison) -> Path:
    """The folder of a comparison where the user names none: beside the base run's."""
    names = [comparison.base.run, *(each.run for each in comparison.comparisons)]
    return base.parent / "-".join(["compare", *names])[:LONGEST_NAME]


def write(comparison: Comparison, folder: Path, lang: Language | None = None) -> None:
    """Writes the three files.  Raises UsageError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.write(folder / NAME, comparison)
        write_shown(comparison, folder, lang)
    except OSError as error:
        raise UsageError(
            N_(
                "cannot write to {folder!r}: {strerror}; choose another --out",
                folder=str(folder),
                strerror=error.strerror,
            )
        ) from error


def write_shown(comparison: Comparison, folder: Path, lang: Language | None = None) -> None:
    """Writes what people read: compare.md and compare.html in a language.  Raises OSError."""
    with speaking(lang):
        (folder / "compare.md").write_text(markdown(comparison), encoding="utf-8")
    page = comparison_page(comparison, page_in(language(lang)))
    (folder / "compare.html").write_text(page, encoding="utf-8")


def rewrite(folder: Path, lang: Language | None = None) -> Comparison:
    """The comparison in a folder, whose compare.md and compare.html are written again.

    Raises OSError, and DataError where compare.json is damaged.
    """
    comparison = files.read(folder / NAME, Comparison)
    write_shown(comparison, folder, lang)
    return comparison
