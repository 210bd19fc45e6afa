"""`evaluator check`: what an endpoint can do, before a run needs it."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.errors import UsageError
from evaluator.locale import N_, joined, labels
from evaluator.options.commands import CheckOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from evaluator.runs.capabilities import Finding


def check(given: Given) -> int:
    """Shows what the endpoint can do; 3 where it answers neither a chat nor a completion."""
    from rich.console import Console

    from evaluator.options.access import without_effect
    from evaluator.options.endpoints import launched
    from evaluator.options.values import urls
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table
    from evaluator.runs.capabilities import findings

    options = read(CheckOptions, given)
    if not options.base_url:
        there = launched(options.model or None)
        url, model = next(iter(there.get("base_url") or [""])), there.get("model", "")
        options = options.changed(base_url=url, model=options.model or model)
    urls("--base-url", [options.base_url])
    if lines := list(without_effect(options, [options.base_url], given)):
        raise UsageError(joined("; ", lines))
    found = findings(options)
    rows = [[each.what, shown(each), each.detail] for each in found]
    heads = labels("", "works", "told")
    Console().print(table(Cells(heads, rows, wordy=frozenset(heads))))
    answers = any(each.works for each in found if each.what in ("chat", "completions"))
    return 0 if answers else 3


def shown(found: "Finding") -> str:
    """Whether it works, in a word."""
    return "" if found.works is None else N_("yes") if found.works else N_("no")


app = command("check", check, CheckOptions)
