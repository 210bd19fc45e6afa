"""The process that speaks to one tracker: `python -m evaluator.trackers NAME FOLDER`."""

import sys
from importlib import import_module
from pathlib import Path

from evaluator.trackers.record import tracked


def main(name: str, folder: Path) -> None:
    """Sends the run, and prints where it is now as the last line."""
    where = import_module(f"evaluator.trackers.to_{name}").send(tracked(folder), folder)
    sys.stdout.write(f"\n{where}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
