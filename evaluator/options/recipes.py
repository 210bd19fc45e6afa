"""Recipes: files of options that travel with the package, for `--config NAME`."""

from pathlib import Path

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_

# installed, they lie in the package; in a checkout in recipes/ beside it
INSTALLED = Path(__file__).parents[1] / "recipe_files"
FOLDER = INSTALLED if INSTALLED.is_dir() else Path(__file__).parents[2] / "recipes"


def recipes() -> dict[str, Path]:
    """The files by the names of the recipes."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def about(recipe: Path) -> str:
    """What a recipe is for: the comment that it begins with."""
    lines = recipe.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    return " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))


def config_file(name: Path) -> Path:
    """The file of that path, else the recipe of that name.

    Raises UsageError, which names what there is.
    """
    there = recipes()
    if name.exists() and not name.is_dir():  # a pipe too, as of <(...)
        return name
    if found := there.get(str(name)):
        return found
    hint = did_you_mean(str(name), there, N_("there are {names}", names=", ".join(there)))
    raise UsageError(
        N_(
            "cannot read the configuration {name!r}: no such file, and no recipe; {hint}",
            name=str(name),
            hint=hint,
        )
    )
