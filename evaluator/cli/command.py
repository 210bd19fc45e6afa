"""A command of the command line, made from the options that it declares.

cyclopts splits the words, draws the help and completes words in a shell. It converts nothing: every
value goes on as text, so that the command line, a file and Python have the same messages.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

import cyclopts

from evaluator.cli.panels import Panels, usage_line
from evaluator.errors import UsageError
from evaluator.locale import N_, said, speak
from evaluator.options.declared import PANELS, Option, OptionGroup, options_of
from evaluator.options.kinds import choices

Given = dict[str, Any]  # the options that were given, by key: text, lists of texts, on or off
OPTIONS: dict[str, tuple[type[OptionGroup], ...]] = {}  # what each command made so far declares
Action = Callable[[Given], int | None]  # returns the exit code; None is 0


def command(
    name: str, action: Action, *models: type[OptionGroup], of: str = "", summary: str = ""
) -> cyclopts.App:
    """The command `name`, which calls `action` with the options that were given.

    It may be a command `of` another one.
    """
    OPTIONS[f"{of} {name}".strip()] = models
    options = options_of(*models)
    positional = [each for each in options if each.help.positional]

    def called(*words: str, **values: Any) -> int | None:
        found = {**at_places(words, positional), **given(values, options)}
        speak(found.get("lang"))
        return action(found)

    called.__signature__ = signature(options)  # type: ignore[attr-defined]  # as inspect reads it
    app = cyclopts.App(
        name=name,
        help=said(summary) or None,
        usage=usage_line(*of.split(), usage(name, positional)),
        help_format="plaintext",
        help_formatter=Panels(),
        result_action="return_value",
    )
    app.default(called)
    return app


def usage(name: str, positional: Sequence[Option]) -> str:
    """How the command is put together."""
    words = [each.flag + "..." * each.several for each in positional]
    words = [
        word if each.field.is_required() else f"[{word}]"
        for word, each in zip(words, positional, strict=True)
    ]
    return " ".join([name, "[OPTIONS]", *words])


def signature(options: Sequence[Option]) -> Signature:
    """The options as parameters of a function, as cyclopts reads them."""
    return Signature([parameter(each) for each in sorted(options, key=place)])


def place(option: Option) -> int:
    """Positional parameters come first, and that of several values last among them."""
    return 2 if not option.help.positional else int(option.several)


def parameter(option: Option) -> Parameter:
    """One option as a parameter."""
    panel = PANELS.index(option.panel)
    declared = cyclopts.Parameter(
        name=[option.flag, option.help.short] if option.help.short else option.flag,
        help=f"{said(option.help.text)}{shown_default(option)}",
        group=cyclopts.Group(said(PANELS[panel]), sort_key=panel),
        metavar=option.metavar,
        negative=option.flag.replace("--", "--no-") if option.switch else (),
        show_default=False,
        show_choices=False,
        allow_leading_hyphen=not option.help.positional,
        completer=completer(option),
    )
    if option.help.positional:
        kind = Parameter.VAR_POSITIONAL if option.several else Parameter.POSITIONAL_ONLY
        if option.several:
            return Parameter(option.key, kind, annotation=Annotated[str, declared])
        return Parameter(option.key, kind, default=None, annotation=Annotated[str | None, declared])
    # A value that is given twice counts as given last, so that a script can add to a command.
    of = bool | None if option.switch else list[str] | None
    return Parameter(
        option.key, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[of, declared]
    )


def completer(option: Option) -> Callable[[object], list[str]] | None:
    """What a shell offers for the value."""
    words = choices(option.field.annotation)
    return (lambda _context: words) if words else None


def shown_default(option: Option) -> str:
    """The default, at the end of the help."""
    return f" [{said(option.default)}]" if option.default else ""


def at_places(words: Sequence[str | None], positional: Sequence[Option]) -> Given:
    """The words without dashes by key: one each, and the rest to the last if it takes several."""
    found: Given = {}
    left = [word for word in words if word is not None]
    for option in positional:
        if option.several:
            found[option.key], left = left, []
        elif left:
            found[option.key] = left.pop(0)
    return {key: value for key, value in found.items() if value != []}


def given(values: Mapping[str, Any], options: Sequence[Option]) -> Given:
    """The values of options by key, without those that were not given.

    Raises UsageError where an option stands in the place of a value.
    """
    by_key = {option.key: option for option in options}
    flags = {option.flag for option in options}
    found = {key: value for key, value in values.items() if value is not None and value != []}
    for key, value in found.items():
        if not isinstance(value, bool) and (next_option := flags.intersection(value)):
            raise UsageError(
                N_(
                    "{flag} needs a value, and is followed by {other}",
                    flag=by_key[key].flag,
                    other=next_option.pop(),
                )
            )
    return {
        key: value if isinstance(value, bool) or by_key[key].several else value[-1]
        for key, value in found.items()
    }
