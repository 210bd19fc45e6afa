"""How far a server is, as the messages of its `launch with` tell."""

import re
from collections.abc import Sequence

PHASES: Sequence[tuple[str, str]] = (  # the last line that matches one tells; the first one wins
    ("asked", r"ready in \d"),
    ("stopping", r"stopping the server|(is|are) stopped, no process"),
    ("download", r"fetching .* where it is not here yet|downloading|converting the demo model"),
    ("compile", r"starting .*(compil|captur|cuda ?graph|warm(ing)?[ -]?up)"),
    ("load", r"starting .* with .* on |starts on .*; its log:"),
)


def phase(messages: str) -> str:
    """Of the server that they tell of last: download, load, compile, asked or stopping."""
    for line in reversed(messages.splitlines()):
        for name, pattern in PHASES:
            if re.search(pattern, line, re.IGNORECASE):
                return name
    return "begins"
