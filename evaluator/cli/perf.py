"""`evaluator perf`: how fast servers serve, compared fairly."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import Interrupted
from evaluator.perf.options import Options, options


def perf(given: Given) -> int:
    """Measures, shows and writes the figures; 1 where a point failed."""
    from rich.console import Console

    from evaluator.perf.report import export, terminal, write
    from evaluator.perf.sweep import fresh_folder, measure

    chosen = options({"out": fresh_folder(), **given})
    try:
        found = measure(chosen, Console(stderr=True))
    except Interrupted as error:
        more = () if "out" in given else ("--out", str(chosen.out))
        raise Interrupted(str(error), more) from None
    write(chosen.out, found)
    if chosen.csv:
        export(found, chosen.csv)
    Console().print(terminal(found))
    tell(f"results in {chosen.out}/")
    return int(any(point["failed"] for point in found["points"]))


app = command("perf", perf, Options)
