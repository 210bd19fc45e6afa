"""When a run is given up: too many errors, or nothing else."""

from evaluator.errors import RunStopped
from evaluator.locale import N_
from evaluator.types import Event, Outcome

HOPELESS = 50  # this many errors in a row, and nothing else, end a run early


class GivingUp:
    """Listens to a run; raises RunStopped once more than `most` samples ended as errors.

    None sets no bound. What ends after that, as in other clients, is stopped for the same reason.
    """

    def __init__(self, most: float | None = None) -> None:
        self._most = most
        self._errors = 0
        self._in_a_row = 0
        self._reason = ""

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Outcome):
            return
        self._reason = self._reason or self._found(event)
        if self._reason:
            raise RunStopped(self._reason)

    def _found(self, outcome: Outcome) -> str:
        """Why the run is given up with this outcome; empty where it goes on."""
        if outcome.status != "error":
            self._in_a_row = 0
            return ""
        self._errors += 1
        self._in_a_row += 1
        if self._most is not None and self._errors > self._most:
            return N_(
                "{n} {n:sample|samples} ended as errors, more than --max-errors allows; "
                "the last: {error}",
                n=self._errors,
                error=outcome.error,
            )
        if self._in_a_row == self._errors >= HOPELESS:
            return N_(
                "the first {n} samples all failed; the last: {error}",
                n=HOPELESS,
                error=outcome.error,
            )
        return ""
