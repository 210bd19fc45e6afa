"""The reference page of all options in Markdown: `python -m evaluator.cli.reference`."""

import sys
from collections.abc import Iterator
from importlib import import_module
from textwrap import wrap

from evaluator.cli import COMMANDS, module_of
from evaluator.cli.command import OPTIONS
from evaluator.cli.data import COMMANDS as OF_DATA
from evaluator.options.declared import Option, options_of

WIDTH = 100  # characters in a line
# options of `run` that are no keys of a file
ON_COMMAND_LINE = ("config", "dry_run", "fresh", "track")
INTRODUCTION = """\
# Options

Made by `make reference` from the declarations in the code; do not edit it.

An option of `evaluator run` is at the same time a key of its configuration file (`--config`) and
an argument of `evaluate()` in Python, both with `_` in place of `-`. The options of the judge may
stand in a table `[judge]`, without `judge_`: `judge_model` is `model` there. A switch is turned
off by `--no-` before its name. An option that is given twice counts as given last, unless it may
be repeated.
"""


def reference() -> str:
    """The whole page."""
    for name in COMMANDS:
        import_module(module_of(name))
    told = {**COMMANDS, **{f"data {verb}": words for verb, (words, _, _) in OF_DATA.items()}}
    sections = (section(name, words) for name, words in told.items() if name in OPTIONS)
    return "\n".join([*INTRODUCTION.splitlines(), *(line for each in sections for line in each)])


def section(name: str, told: str) -> Iterator[str]:
    """A command: what it does, and its options by panel."""
    yield from ("", f"## evaluator {name}", "")
    for paragraph in told.split("\n\n"):
        yield from (*wrap(paragraph, WIDTH), "")
    panel, options = "", options_of(*OPTIONS[name])
    for option in options:
        if option.panel != panel:
            panel = option.panel
            yield from (f"### {panel}", "")
        yield from described(option, in_file=name == "run" and option.key not in ON_COMMAND_LINE)
    if not options:
        yield "It has no options."


def described(option: Option, in_file: bool) -> Iterator[str]:
    """One option: its name, its key in a file, its type and default, and what it does."""
    flag = f"{option.flag} {option.metavar}" if not option.help.positional else option.flag
    facts = [f"`{flag.strip()}`", option.kind]
    if in_file:
        facts.insert(1, f"key `{option.key}`")
    if option.several and not option.help.positional:
        facts.append("may be repeated")
    if option.default:
        facts.append(f"default: {option.default}")
    text = f"- {'; '.join(facts)}. {option.help.text}"
    yield from wrap(
        text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())
