"""A slow step before a server starts, as a process: its log explains a failure."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import StartError
from ..locale import N_, joined
from ..processes import process_tree
from ..processes.signals import Pause
from ..progress import Progress
from .diagnosis import last_lines, latest_message, likely_cause, log_text

POLL_INTERVAL = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """Runs commands one after another. A signal ends them, and nothing of them outlives us."""

    log: Path
    pause: Pause
    progress: Progress

    def __call__(self, title: str, command: Sequence[str | Path], remedy: str = "") -> str:
        """What the command said. Raises StartError with the cause of a failure and the remedy."""
        with self.log.open("wb") as file:
            process = process_tree.start([str(word) for word in command], _environment(), file)
        with process_tree.guarded(process), self.progress.step(title) as show:
            while process.poll() is None:
                show(latest_message(log_text(self.log)))
                self.pause(POLL_INTERVAL)
        text = log_text(self.log)
        if process.returncode:
            cause = likely_cause(text, process.returncode) or latest_message(text)
            cause = cause or N_("it ended with exit code {exit_code}", exit_code=process.returncode)
            told = joined("; ", [cause, remedy]) if remedy else cause
            raise StartError(N_("{title} failed: {told}", title=title, told=told), last_lines(text))
        return text


def _environment() -> dict[str, str]:
    # modules in the script's folder must not shadow those that the script imports
    return {**os.environ, "PYTHONSAFEPATH": "1"}
