"""Prompts: plain text under prompts/, filled in one pass, so that data is never expanded again."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, meta
from jinja2.exceptions import TemplateNotFound, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.types import Json

# installed, the templates lie in the package; in a checkout in prompts/ beside it
INSTALLED = Path(__file__).with_name("prompt_templates")
FOLDER = INSTALLED if INSTALLED.is_dir() else Path(__file__).parents[1] / "prompts"
# no autoescape: the text goes to a model, not to a browser
_environment = Environment(
    loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, auto_reload=False, autoescape=False
)
# of a user's own templates: a recipe may have come from anywhere
_sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def render(name: str, **fields: Any) -> str:
    """The prompt prompts/<name>.txt with its {{ fields }} filled."""
    try:
        return template(name).render(fields)
    except UndefinedError as error:
        raise UsageError(
            N_(
                "prompt {name!r}: {error}; it was given {fields}",
                name=name,
                error=error,
                fields=", ".join(fields),
            )
        ) from error


@lru_cache
def template(name: str) -> Template:
    """The compiled template: compiling costs a thousand times what filling does."""
    try:
        compiled = _environment.get_template(f"{name}.txt")
        compiled.globals = {}  # prompts use none, and merging them is half of a rendering's cost
        return compiled
    except TemplateNotFound as error:
        raise UsageError(
            N_("no prompt {name!r}: {path}.txt does not exist", name=name, path=FOLDER / name)
        ) from error


def filled(source: str, fields: Json) -> str:
    """A user's template with its {{ fields }} filled.  Raises UsageError."""
    try:
        return own_template(source).render(fields)
    except TemplateError as error:
        raise UsageError(N_("prompt_template: {error}", error=error)) from error


def placeholders(source: str) -> set[str]:
    """The fields that a user's template names.  Raises UsageError for one that is none."""
    try:
        return meta.find_undeclared_variables(_sandbox.parse(source))
    except TemplateError as error:
        raise UsageError(
            N_("prompt_template: {error}, in {source!r}", error=error, source=source[:80])
        ) from error


@lru_cache
def own_template(source: str) -> Template:
    """A user's template, compiled once."""
    return _sandbox.from_string(source)
