"""Python code in a reply: in a fence, bare among words, or a body that goes on with a function.

Nothing is compiled here. Which reading is code at all is found out where it is run.
"""

import re
from collections.abc import Sequence

from evaluator.extract.cleaning import strip_thinking

_FENCE = re.compile(r"^([ \t]*)```[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)
_STARTS = re.compile(r"(?:def|class|import|from|async|@)\b|@")
_GOES_ON = re.compile(
    r"(?:def|class|import|from|async|if|elif|else|for|while|try|except|finally|with|return"
    r"|assert)\b"
    r"|[@#)\]}\"']|[A-Za-z_][\w.]*\s*(?:[-+*/|&]?=|[:,\[(])"
)
_IN_A_BODY = re.compile(r"(?:pass|raise|yield|global|nonlocal|del|break|continue|await|\()")


def functions(text: str, name: str = "") -> list[str]:
    """Readings of a reply as whole functions, the likeliest first.

    A fence that defines `name` goes before all others, and of those the last: a model that mends
    its code writes it anew. All fences together come next. Without a fence it is the whole reply,
    or the code in it.
    """
    said = strip_thinking(text).replace("\r\n", "\n")
    fences = [dedented(found[2], found[1]) for found in _FENCE.finditer(said)]
    if not fences:
        return [each for each in (said, among_words(said)) if defines(each, name)]
    fitting = [each for each in reversed(fences) if defines(each, name)]
    return list(dict.fromkeys([*fitting, "\n".join(fences), *reversed(fences)]))


def bodies(text: str) -> list[str]:
    """Readings of a reply as the body of a function, whose indentation may have been lost."""
    said = strip_thinking(text).replace("\r\n", "\n")
    fences = [dedented(found[2], found[1]) for found in _FENCE.finditer(said)]
    body = (fences[-1] if fences else said).strip("\n").rstrip()
    begins = body.lstrip()
    if not (_GOES_ON.match(begins) or _IN_A_BODY.match(begins)):
        return []
    as_it_is = until_unindented(body)
    first = until_unindented(f"    {body.lstrip()}")  # servers trim the space before a reply
    whole = "\n".join(f"    {line}" if line else line for line in body.split("\n"))
    return list(dict.fromkeys(each for each in (as_it_is, first, whole) if each.strip()))


def defines(code: str, name: str) -> bool:
    """Whether there is a function of that name; of any, where none is named."""
    return re.search(rf"^def\s+{re.escape(name) if name else ''}", code, re.MULTILINE) is not None


def dedented(code: str, indent: str) -> str:
    """A fence within a list is indented, and its code with it."""
    return "\n".join(line.removeprefix(indent) for line in code.split("\n")) if indent else code


def among_words(text: str) -> str:
    """The code that stands in a text without fences: from its first line to the next sentence."""
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if _STARTS.match(line)), len(lines))
    return "\n".join(_while_code(lines[start:])).rstrip()


def _while_code(lines: Sequence[str]) -> list[str]:
    for i, line in enumerate(lines):
        if line and not line[0].isspace() and not _GOES_ON.match(line):
            return list(lines[:i])
    return list(lines)


def until_unindented(text: str) -> str:
    """A body ends where a line begins at the margin; a base model goes on with other functions."""
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    return "\n".join(lines[:end])
