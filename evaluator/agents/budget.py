"""What bounds a dialogue: replies and tokens in all, and what one reply may hold."""

from dataclasses import dataclass, replace

from evaluator.agents.calls import CallReading
from evaluator.types import Response

MOST_CALLS = 8  # of one reply that are answered
MOST_SAID = 4_000  # characters of a reply that the dialogue goes on with


@dataclass(frozen=True, slots=True)
class DialogueBudget:
    """The `replies` of the model in a dialogue, and the `tokens` of all of them together."""

    replies: int
    tokens: int

    def overspent(self, replies: int, tokens: int) -> str:
        """The budget that is spent; empty where there is more."""
        if replies >= self.replies:
            return f"no answer in {self.replies} turns"
        return f"no answer in {self.tokens} tokens" if tokens >= self.tokens else ""


def kept(reading: CallReading) -> CallReading:
    """The reading without what is beyond the budget of one reply."""
    return replace(reading, calls=reading.calls[:MOST_CALLS], text=reading.text.strip()[:MOST_SAID])


def spent_tokens(response: Response) -> int:
    """The tokens of a reply; two characters for one where the server does not count."""
    return response.output_tokens or len(response.text) // 2
