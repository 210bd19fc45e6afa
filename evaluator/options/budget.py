"""What a run may spend, and what its models cost."""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from annotated_types import Ge
from pydantic import (
    BaseModel,
    ConfigDict,
    FiniteFloat,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.parts import Count, Positive
from evaluator.results.spending import RolePrice

CURRENCY = "USD"
Amount = Annotated[FiniteFloat, Ge(0)]


class Price(BaseModel):
    """A table of the file: what a million tokens of a model cost."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt: Amount
    completion: Amount
    cached: Amount | None = None


class BudgetOptions(OptionGroup):
    """What a run may spend, its journal included."""

    panel = "Run"

    max_requests: Annotated[
        Count | None,
        Help("Most requests of the run, those to judges and of earlier sessions included.", "N"),
    ] = None
    max_tokens_total: Annotated[
        Count | None,
        Help("Most tokens of the run, prompts and replies together, of judges too.", "N"),
    ] = None
    max_cost: Annotated[
        Positive | None, Help("Most that the run may cost by --prices, judges included.", "AMOUNT")
    ] = None
    prices: Annotated[
        Path | None,
        Help(
            "TOML file with a table for each model: prompt, completion and cached, the prices of "
            "a million tokens.",
            "FILE",
        ),
    ] = None

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.max_cost and not self.prices:
            raise UsageError(N_("--max-cost without --prices: what do the tokens cost?"))
        return self

    @property
    def budgeted(self) -> bool:
        """Whether anything bounds what is spent."""
        return any((self.max_requests, self.max_tokens_total, self.max_cost))

    def role_prices(self, models: dict[str, str]) -> dict[str, RolePrice]:
        """The price of each role, by the name of its model, where the file has one.

        Raises UsageError where the file cannot be read, and where the cost is bounded and one is
        missing.
        """
        if self.prices is None:
            return {}
        currency, table = read_prices(self.prices)
        missing = sorted({name for name in models.values() if name not in table})
        if missing and self.max_cost:
            raise UsageError(
                N_(
                    "--max-cost: {prices!r} has no price of {missing!r}; add a table "
                    '["{missing}"] with prompt and completion, 0 where it costs nothing',
                    prices=str(self.prices),
                    missing=missing[0],
                )
            )
        return {
            role: role_price(name, currency, table[name])
            for role, name in models.items()
            if name in table
        }


def role_price(model: str, currency: str, price: Price) -> RolePrice:
    """A price with its model; what is cached costs as much where the file does not say."""
    cached = price.prompt if price.cached is None else price.cached
    return RolePrice(
        model=model,
        currency=currency,
        prompt=price.prompt,
        completion=price.completion,
        cached=cached,
    )


def read_prices(path: Path) -> tuple[str, dict[str, Price]]:
    """The currency, and the prices by model.  Raises UsageError, which names the place."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            N_("--prices: cannot read {path!r}: {error}", path=str(path), error=error)
        ) from error
    currency = table.pop("currency", CURRENCY)
    if not isinstance(currency, str):
        raise UsageError(
            N_(
                "--prices: {path}: currency {currency!r}: give text, such as USD",
                path=path,
                currency=currency,
            )
        )
    try:
        # Whole numbers are prices too.
        return currency, TypeAdapter(dict[str, Price]).validate_python(table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            N_(
                "--prices: {path}: {place}: {msg}, got {input!r:.60}; a model has a table such "
                'as ["glm-4"] with prompt = 1.0 and completion = 2.0',
                path=path,
                place=place,
                msg=first["msg"].lower(),
                input=first["input"],
            )
        ) from None
