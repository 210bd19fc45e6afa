"""The errors of `launch`.

LaunchError           shown as one line without traceback; carries its exit code
├── UsageError    2   a mistake in the command
├── StartError    3   a server did not start; may carry the end of its log
├── SurvivorError 3   a process is still there after SIGKILL
└── Interrupted   -   a signal came: 128 + its number, as shells have it
"""

import signal

from .locale import N_


class LaunchError(Exception):
    """The message says what is wrong, with the value, and what to do."""

    exit_code = 3

    @property
    def message(self) -> str:
        """The text as it was marked to be translated; that of `str` is plain English."""
        text: str = self.args[0]
        return text


class UsageError(LaunchError):
    """A mistake in the command."""

    exit_code = 2


class StartError(LaunchError):
    """A server did not start, or lacks what it needs. `log_tail` is shown below the message."""

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message)
        self.log_tail = log_tail


class SurvivorError(LaunchError):
    """A process that is still there after SIGKILL."""


class Interrupted(LaunchError):
    """A signal asked us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(N_("stopped by {name}", name=signal.Signals(number).name))
        self.exit_code = 128 + number
