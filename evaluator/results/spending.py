"""What replies cost: the user's prices, and what was spent on the model and on each judge."""

from dataclasses import dataclass

MILLION = 1_000_000  # tokens that a price is for


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePrice:
    """The user's price of the model behind a role, for a million tokens."""

    model: str
    """Name of the model."""

    currency: str
    """What the prices are in, such as USD."""

    prompt: float
    """Of prompts."""

    completion: float
    """Of replies, thinking included."""

    cached: float
    """Of the part of prompts that the provider had in its cache."""

    def cost(self, prompt_tokens: int, cached_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost; the cached ones are part of the prompt's."""
        fresh = prompt_tokens - cached_tokens
        whole = fresh * self.prompt + cached_tokens * self.cached + output_tokens * self.completion
        return whole / MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpending:
    """What all replies of a role that the run's journal holds took."""

    model: str | None
    """Name of the model, where it has a price; else None."""

    replies: int
    """How many replies."""

    prompt_tokens: int | None
    """Tokens of the prompts; None where the server did not count those of every reply."""

    cached_tokens: int | None
    """Of these, how many the server says it had in its cache; None likewise."""

    output_tokens: int | None
    """Tokens of the replies; None likewise."""

    cost: float | None
    """What they cost by the user's prices; None without a price, or without counts."""

    currency: str | None
    """What the cost is in."""
