"""How far a server is, as the messages of its `launch with` tell."""

import re
from collections.abc import Sequence

from ..locale import N_

PHASES: Sequence[tuple[str, str]] = (  # the last line that matches one tells; the first one wins
    (N_("serving"), r"ready in \d"),
    (N_("stopping"), r"stopping the server|(is|are) stopped, no process"),
    (N_("download"), r"fetching .* where it is not here yet|downloading|converting the demo model"),
    (N_("compile"), r"starting .*(compil|captur|cuda ?graph|warm(ing)?[ -]?up)"),
    (N_("loading"), r"starting .* with .* on |starts on .*; its log:"),
)


def phase(messages: str) -> str:
    """Of the server that they tell of last: download, loading, compile, serving or stopping."""
    for line in reversed(messages.splitlines()):
        for name, pattern in PHASES:
            if re.search(pattern, line, re.IGNORECASE):
                return name
    return N_("begins")
