"""`evaluator track`: sends a finished run to experiment trackers."""

from collections.abc import Sequence
from pathlib import Path

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import ServerError
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.trackers import TrackerName, TrackOptions


def track(given: Given) -> int:
    """Sends the run to each tracker; the exit code is that of the last failure."""
    from evaluator.results.report import read_report
    from evaluator.trackers.sending import check_installed

    options = read(TrackOptions, given)
    check_installed(options.to)
    read_report(options.folder)  # a mistake is told once, and not by each tracker
    return 0 if sent(options.to, options.folder, options.timeout) else ServerError.exit_code


def sent(names: Sequence[TrackerName], folder: Path, timeout: float | None = None) -> bool:
    """Sends a run, says how that went, and returns whether it went well everywhere."""
    from evaluator.trackers.sending import TIMEOUT, send

    well = True
    for name in names:
        try:
            tell(
                N_(
                    "tracked by {name}: {told}",
                    name=name,
                    told=send(name, folder, timeout or TIMEOUT),
                ),
                err=True,
            )
        except ServerError as error:
            tell(str(error), err=True)
            well = False
    return well


app = command("track", track, TrackOptions)
