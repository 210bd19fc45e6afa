"""--dataset-args: options of single benchmarks, in the words of evalscope's option of that name."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.options import sampling
from evaluator.options.values import text_or_file


class DatasetArgs(BaseModel):
    """What may be set for one benchmark; `subset_list` are groups."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    few_shot_num: int | None = Field(default=None, ge=0)
    limit: int | None = Field(default=None, ge=1)
    subset_list: list[str] = []
    param: dict[str, Any] = {}
    param_unchecked: dict[str, Any] = {}
    system_prompt: str | None = None
    prompt_template: str | None = None

    @field_validator("system_prompt", "prompt_template")
    @classmethod
    def _text(cls, value: str | None, info: ValidationInfo) -> str | None:
        """A text, or the file that holds it."""
        return value and text_or_file(value, f"--dataset-args: {info.field_name}")

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields that the user gave for this benchmark."""
        return {**self.param, **self.param_unchecked}


def dataset_args(value: Any) -> Any:
    """The options of single benchmarks, as JSON or as a table.

    Raises UsageError for an option that is not known, with the nearest known one.
    """
    try:
        tables = orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError as error:
        raise UsageError(
            N_("--dataset-args is not JSON: {error}, got {value!r}", error=error, value=value)
        ) from error
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise UsageError(
            N_(
                '--dataset-args must be like {{"gsm8k": {{"few_shot_num": 0}}}}, got {value!r}',
                value=value,
            )
        )
    known = list(DatasetArgs.model_fields)
    for name, table in tables.items():
        for key in table:
            if key not in known:
                hint = did_you_mean(key, known, N_("there are {names}", names=", ".join(known)))
                raise UsageError(
                    N_(
                        "--dataset-args: unknown key {key!r} for {name}; {hint}",
                        key=key,
                        name=name,
                        hint=hint,
                    )
                )
        check_sampling(name, table)
    return tables


def check_sampling(name: str, table: Mapping[str, Any]) -> None:
    """Raises UsageError for sampling of one benchmark that cannot be."""
    option = f"--dataset-args: {name} param"
    if isinstance(given := table.get("param"), dict):
        sampling.check(option, given, '"param_unchecked"')
    if isinstance(given := table.get("param_unchecked"), dict):
        sampling.check_names(option, given)
