"""`evaluator check`: what an endpoint can do, before a run needs it."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.errors import UsageError
from evaluator.options.commands import CheckOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from evaluator.runs.capabilities import Finding


def check(given: Given) -> int:
    """Shows what the endpoint can do; 3 where it answers neither a chat nor a completion."""
    from rich.console import Console

    from evaluator.engine.stopping import run_stoppable
    from evaluator.options.access import without_effect
    from evaluator.options.endpoints import launched
    from evaluator.options.values import urls
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    options = read(CheckOptions, given)
    if not options.base_url:
        there = launched(options.model or None)
        url, model = next(iter(there.get("base_url") or [""])), there.get("model", "")
        options = options.changed(base_url=url, model=options.model or model)
    urls("--base-url", [options.base_url])
    if lines := list(without_effect(options, [options.base_url], given)):
        raise UsageError("; ".join(lines))
    found = run_stoppable(all_findings(options))
    rows = [[each.what, shown(each), each.detail] for each in found]
    heads = ["", "works", "told"]
    Console().print(table(Cells(heads, rows, wordy=frozenset(heads))))
    answers = any(each.works for each in found if each.what in ("chat", "completions"))
    return 0 if answers else 3


async def all_findings(options: CheckOptions) -> "list[Finding]":
    """What the endpoint was found to do."""
    from evaluator.runs.capabilities import Inspector

    (key,) = options.api_keys([options.base_url])
    inspector = Inspector(
        options.base_url,
        options.model,
        options.transport,
        key,
        options.timeout,
        options.access,
    )
    try:
        return [found async for found in inspector.findings()]
    finally:
        await inspector.close()


def shown(found: "Finding") -> str:
    """Whether it works, in a word."""
    return "" if found.works is None else "yes" if found.works else "no"


app = command("check", check, CheckOptions)
