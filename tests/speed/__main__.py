"""`make speed`: measures, prints a table, and fails only when something did not run."""

import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console

from . import (
    clients,
    dashboard,
    data,
    gsm8k,
    latency,
    look,
    many,
    perf_clients,
    perf_rate,
    perf_truth,
    rate,
    score,
    start,
)
from .processes import Failed
from .table import Row, record, render

MEASUREMENTS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (
        *(gsm8k, latency, look, many, start, dashboard, rate, score, data),
        *(perf_rate, perf_truth, perf_clients, clients),
    )
}
WIDTH = 150  # characters of the table, also in a file


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.speed", description=__doc__)
    names = [*MEASUREMENTS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(names)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    return options


def main() -> int:
    options, notes = arguments(), Console(stderr=True, highlight=False)
    rows: list[Row] = []
    failures = 0
    for name in options.names or MEASUREMENTS:
        notes.print(f"measuring {name} ...", style="dim")
        try:
            with TemporaryDirectory(prefix="speed-") as folder:
                rows += MEASUREMENTS[name](Path(folder))
        except Failed as failed:
            failures += 1
            notes.print(f"{name}: {failed}", style="red", markup=False)
    Console(width=max(Console().width, WIDTH)).print(render(rows))
    if options.json:
        options.json.write_bytes(orjson.dumps(report(rows), option=orjson.OPT_INDENT_2))
    return int(failures > 0)


def report(rows: list[Row]) -> dict[str, object]:
    """The rows, and what they were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "rows": [record(row) for row in rows],
    }


if __name__ == "__main__":
    sys.exit(main())
