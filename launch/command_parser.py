"""Command lines made from the dataclasses of `options`, with the standard library's argparse."""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from inspect import get_annotations
from typing import Any, NoReturn, TypeVar

from rich.cells import cell_len

from .errors import UsageError
from .locale import N_, labels, recalled, said
from .options import ScreenOptions

Options = TypeVar("Options")
MISTAKES = labels(  # as argparse words them, and `_reader`
    "unrecognized arguments: {words}",
    "the following arguments are required: {names}",
    "argument {name}: {why}",
    "expected one argument",
    "{value!r} is no {kind}",
    "invalid choice: {value!r} (choose from {choices})",
    "language",
    "port number",
    "positive number",
    "number of seconds",
)
# What a line may end after: a word, or a character of Chinese, with the signs around it.
PIECES = re.compile(
    r"\s*[（「『【《]*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。；：、？！）」』】》]*"
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
    """Breaks no line within an option or a path, such as .venv-vllm, and any within Chinese."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, said(N_("usage: ")) if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(_wrapped(text, width))


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as the other errors of `launch`: one line, exit code 2."""

    def __init__(self, **about: Any) -> None:
        about |= {"formatter_class": _HelpFormatter, "allow_abbrev": False, "add_help": False}
        super().__init__(argument_default=argparse.SUPPRESS, **about)
        self._optionals.title = said(N_("options"))
        self.add_argument(
            "-h", "--help", action="help", help=said(N_("show this help message and exit"))
        )

    def error(self, message: str) -> NoReturn:
        told = recalled(message)
        raise UsageError(N_("{message}; see {program} --help", message=told, program=self.prog))


def parse(program: str, summary: str, verbs: Sequence[Verb], arguments: Sequence[str]) -> int:
    """Run the verb that the arguments name. Returns its exit code.

    Everything after the first `--`, or from the first word that is no option, belongs to COMMAND.
    """
    parser = _Parser(prog=program, description=said(summary))
    for each in fields(ScreenOptions):
        _add_option(parser, each)
    group = parser.add_subparsers(title=said(N_("verbs")), metavar="VERB", required=True)
    for verb in verbs:
        _add_verb(group, verb)
    own, command = _split(arguments)
    if not own:
        parser.print_help()
        return 2
    namespace = parser.parse_args(own)
    verb = namespace.verb
    options = verb.options(
        **{
            each.name: getattr(namespace, each.name)
            for each in fields(verb.options)
            if each.name in namespace
        }
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


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether help is what is shown."""
    own, _ = _split(arguments)
    return not own or not {"-h", "--help"}.isdisjoint(own)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    words = list(arguments)
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _add_verb(group: Any, verb: Verb) -> None:
    example = N_("Example:\n  {words}", words=verb.example) if verb.example else ""
    parts = map(said, (N_("{summary}.", summary=verb.summary), verb.details, example))
    summary = said(verb.summary)
    parser = group.add_parser(
        verb.name,
        help=summary[0].lower() + summary[1:],
        description="\n\n".join(part for part in parts if part),
        usage=f"%(prog)s [OPTIONS] {verb.words}".rstrip(),
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
        parser.add_argument(name, action="store_true", help=said(text))
        return
    needed = option.default is MISSING
    parser.add_argument(
        name,
        type=_reader(option.metadata["read"]),
        required=needed,
        metavar=option.metadata["metavar"] or option.name.upper(),
        help=said(N_("{text} (required)", text=text) if needed else text),
    )


def _reader(read: Callable[[str], object]) -> Callable[[str], object]:
    def checked(text: str) -> object:
        try:
            return read(text)
        except ValueError:
            kind = read.__name__.replace("_", " ")
            raise argparse.ArgumentTypeError(f"{text!r} is no {kind}") from None

    return checked


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of so many cells, but for a longer word."""
    line = ""
    for piece in PIECES.findall(text):
        if line and cell_len(line + piece) > width:
            yield line
            line = ""
        line += piece if line else piece.lstrip()
    yield line
