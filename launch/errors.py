"""What can go wrong with a server.

LaunchError           one line for the user, no traceback; carries its exit code
├── UsageError    2   a mistake in the command
├── StartError    3   a server that could not be started; may carry the end of its log
├── SurvivorError 3   a process that outlived its server
└── Interrupted   -   a signal came: 128 + its number, as shells have it
"""

import signal


class LaunchError(Exception):
    """Something a person can act on: the message says what, with the value, and what to do."""

    exit_code = 3


class UsageError(LaunchError):
    """A mistake in the command."""

    exit_code = 2


class StartError(LaunchError):
    """A server, or what it needs, that could not be had. `log_tail` is shown below the message."""

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message)
        self.log_tail = log_tail


class SurvivorError(LaunchError):
    """A process that is still there after SIGKILL."""


class Interrupted(LaunchError):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_code = 128 + number
