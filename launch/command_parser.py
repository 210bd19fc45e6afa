"""Command lines made from the dataclasses of `options`, with the standard library's argparse."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from inspect import get_annotations
from textwrap import wrap
from typing import Any, NoReturn, TypeVar

from .errors import UsageError
from .locale import N_, labels, recalled

Options = TypeVar("Options")
MISTAKES = labels(  # as argparse words them, and `_reader`
    "unrecognized arguments: {words}",
    "the following arguments are required: {names}",
    "argument {name}: {why}",
    "expected one argument",
    "{value!r} is no {kind}",
    "invalid choice: {value!r} (choose from {choices})",
)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `words` is how its COMMAND or flags are shown; empty where it takes none."""

    name: str
    options: type[Any]
    run: Callable[[Any, tuple[str, ...]], int]
    summary: str
    words: str = ""
    details: str = ""
    example: str = ""


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Breaks no line within an option or a path, such as .venv-vllm."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as the other errors of `launch`: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        told = recalled(message)
        raise UsageError(N_("{message}; see {program} --help", message=told, program=self.prog))


def parse(program: str, summary: str, verbs: Sequence[Verb], arguments: Sequence[str]) -> int:
    """Run the verb that the arguments name. Returns its exit code.

    Everything after the first `--`, or from the first word that is no option, belongs to COMMAND.
    """
    parser = _Parser(prog=program, description=summary, allow_abbrev=False)
    group = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in verbs:
        _add_verb(group, verb)
    own, command = _split(list(arguments))
    if not own:
        parser.print_help()
        return 2
    namespace = parser.parse_args(own)
    verb = namespace.verb
    options = verb.options(
        **{each.name: getattr(namespace, each.name) for each in fields(verb.options)}
    )
    words = (*namespace.words, *(("--",) if namespace.words and command else ()), *command)
    if words and not verb.words:
        raise UsageError(
            N_(
                "{word!r} is no option; see {program} {name} --help",
                word=words[0],
                program=program,
                name=verb.name,
            )
        )
    run: int = verb.run(options, words)
    return run


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _add_verb(group: Any, verb: Verb) -> None:
    parts = [
        f"{verb.summary}.",
        verb.details,
        f"Example:\n  {verb.example}" if verb.example else "",
    ]
    parser = group.add_parser(
        verb.name,
        help=verb.summary[0].lower() + verb.summary[1:],
        description="\n\n".join(part for part in parts if part),
        usage=f"%(prog)s [OPTIONS] {verb.words}".rstrip(),
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    for each in _own_first(verb.options):
        _add_option(parser, each)
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(verb=verb)


def _own_first(options: type[Any]) -> list[Field[Any]]:
    """A verb's own options stand above those that it shares with others."""
    order = [name for each in options.__mro__ for name in get_annotations(each)]
    return sorted(fields(options), key=lambda each: order.index(each.name))


def _add_option(parser: argparse.ArgumentParser, option: Field[Any]) -> None:
    name, text = f"--{option.name.replace('_', '-')}", option.metadata["help"]
    if option.default is False:
        parser.add_argument(name, action="store_true", help=text)
        return
    needed = option.default is MISSING
    parser.add_argument(
        name,
        type=_reader(option.metadata["read"]),
        default=None if needed else option.default,
        required=needed,
        metavar=option.metadata["metavar"] or option.name.upper(),
        help=f"{text} (required)" if needed else text,
    )


def _reader(read: Callable[[str], object]) -> Callable[[str], object]:
    def checked(text: str) -> object:
        try:
            return read(text)
        except ValueError:
            kind = read.__name__.replace("_", " ")
            raise argparse.ArgumentTypeError(f"{text!r} is no {kind}") from None

    return checked
