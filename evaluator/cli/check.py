"""`evaluator check`: what an endpoint can do, before a run needs it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from evaluator.cli import shared

if TYPE_CHECKING:
    from evaluator.runs.capabilities import Finding


def check(
    base_url: Annotated[str, Option(help="http://HOST:PORT/v1 [that of `launch`]")] = "",
    model: Annotated[str, Option(help="Name under which it is served. [the first listed]")] = "",
    api_key_env: Annotated[str, Option(help="Variable that holds the API key.")] = "",
    transport: shared.Transport = None,
    timeout: Annotated[float, Option(help="Seconds for one reply.")] = 60.0,
) -> None:
    """Ask an endpoint what it can do: a dozen small requests.

    Exit code 3 where it answers neither a chat nor a completion.
    """
    from rich.console import Console

    from evaluator.options.endpoints import launched
    from evaluator.options.values import key_in, urls
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    if not base_url:
        there = launched(model or None)
        base_url, model = next(iter(there.get("base_url") or [""])), model or there.get("model", "")
    urls("--base-url", [base_url])
    key = key_in(api_key_env, "--api-key-env")
    found = asyncio.run(all_findings(base_url, model, key, transport, timeout))
    rows = [[each.what, shown(each), each.told] for each in found]
    heads = ["", "works", "told"]
    Console().print(table(Cells(heads, rows, wordy=frozenset(heads))))
    answers = any(each.works for each in found if each.what in ("chat", "completions"))
    raise typer.Exit(0 if answers else 3)


async def all_findings(
    url: str, model: str, key: str, kind: str | None, timeout: float
) -> "list[Finding]":
    """What the endpoint was found to do."""
    from evaluator.runs.capabilities import Inspector

    inspector = Inspector(url, model, kind or "auto", key, timeout)  # type: ignore[arg-type]  # checked
    try:
        return [found async for found in inspector.findings()]
    finally:
        await inspector.close()


def shown(found: "Finding") -> str:
    """Whether it works, in a word."""
    return "" if found.works is None else "yes" if found.works else "no"
