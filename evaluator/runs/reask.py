"""A finished run asked again, in part, from what its folder says of it."""

from pathlib import Path

from rich.console import Console

from evaluator.errors import ServerError, UsageError
from evaluator.options.endpoints import launched, launched_models
from evaluator.options.settings import settings
from evaluator.report.build import read_run
from evaluator.runs.noise import again, asked_again
from evaluator.runs.run import run


def ask_again(folder: Path, samples: int, console: Console) -> None:
    """Asks so many samples of a finished run again, for `compare`; nobody if that was done.

    Raises EvaluatorError when the model cannot be asked.
    """
    about = read_run(folder)
    given = {**about.get("settings", {}), "base_url": about["endpoints"], "out": folder}
    given |= {"replay": False, "noise_floor": samples, "progress": "none"}
    slots = (about["concurrency"] or {"slots": 1})["slots"]
    if asked_again(folder) >= min(samples, about["limit"] or samples):
        return
    if about["model"] in launched_models():
        given |= launched(about["model"])
    try:
        run(again(settings(given), slots), console)
    except (ServerError, UsageError) as error:
        raise type(error)(
            f"cannot ask {str(folder)!r} again: {error}; start its server, or add "
            f"--noise-floor {samples} to the command of that run where its server is up"
        ) from error
