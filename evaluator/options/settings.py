"""What a run is asked to do: from the command line, from a TOML file, or from both."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from evaluator.client.transport import Name as TransportName
from evaluator.data import SourceName
from evaluator.engine.form import Api
from evaluator.errors import UsageError, did_you_mean
from evaluator.options import sampling
from evaluator.options.dataset_args import DatasetArgs, dataset_args
from evaluator.options.endpoints import launched, launched_folder, launched_models
from evaluator.options.names import short_names
from evaluator.options.values import (
    complaint,
    key_in,
    option_of,
    pairs,
    read_text,
    text_or_file,
    urls,
)
from evaluator.types import ModeName

OUT = "runs/{model}"  # the folder of a run; {model}: the end of its name
PARAMS = ("param", "judge_param")  # sampling fields that are checked
ProgressMode = Literal["auto", "live", "plain", "none"]
UNCHECKED = ("param_unchecked", "judge_param_unchecked")  # and those that are not
DATA_VARIABLE = "EVALUATOR_DATA_DIR"  # names the mirror of data sets when nothing else does


def usual_data_dir() -> Path | None:
    """The mirror of data sets that the environment names."""
    return Path(folder) if (folder := os.environ.get(DATA_VARIABLE)) else None


class Settings(BaseModel):
    """Every key of `evaluator run`; a key of the configuration file has the same name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    benchmarks: list[str] = Field(min_length=1)
    model: str = Field(min_length=1)
    base_url: list[str] = []
    api_key_env: str | None = None
    data_dir: Path | None = Field(default_factory=usual_data_dir)
    data: SourceName | None = None
    strict_data: bool = False
    limit: int | None = Field(default=None, ge=1)
    precision: float | None = Field(default=None, gt=0, lt=0.5)
    shots: int | None = Field(default=None, ge=0)
    repeats: int = Field(default=1, ge=1)
    param: dict[str, Any] = {}
    param_unchecked: dict[str, Any] = {}
    mode: ModeName = "generate"
    api: Api = "chat"
    system: str = ""
    chat_template: Path | None = None
    shots_as_turns: bool = False
    dataset_args: dict[str, DatasetArgs] = {}
    concurrency: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    rpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    transport: TransportName = "auto"
    stream: bool = False
    timeout: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    retries: int = Field(default=8, ge=0)
    out: Path
    reuse: list[Path] = []
    same_model: bool = False
    progress: ProgressMode = "auto"
    max_errors: float | None = Field(default=None, ge=0)
    replay: bool = False
    smoke: bool = True
    judge_model: list[str] = []
    judge_base_url: list[str] = []
    judge_api_key_env: list[str] = []
    judge_param: dict[str, Any] = {}
    judge_param_unchecked: dict[str, Any] = {}
    judge_prompt: Path | None = None
    judge_pooled: Literal["mean", "median"] = "mean"
    judge_concurrency: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    judge_rpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    judge_tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    audit_judge: int = Field(default=0, ge=0)
    noise_floor: int = Field(default=0, ge=0)
    gpus: int | None = Field(default=None, ge=1)

    @field_validator(*PARAMS, *UNCHECKED, mode="before")
    @classmethod
    def _pairs(cls, value: Any, about: ValidationInfo) -> Any:
        return pairs(value, option_of(about))

    @field_validator(*PARAMS)
    @classmethod
    def _known(cls, given: dict[str, Any], about: ValidationInfo) -> dict[str, Any]:
        option = option_of(about)
        sampling.check(option, given, f"{option}-unchecked")
        return given

    @field_validator(*UNCHECKED)
    @classmethod
    def _any(cls, given: dict[str, Any], about: ValidationInfo) -> dict[str, Any]:
        sampling.check_names(option_of(about), given)
        return given

    @field_validator("base_url", "judge_base_url")
    @classmethod
    def _urls(cls, given: list[str], about: ValidationInfo) -> list[str]:
        return urls(option_of(about), given)

    @field_validator("dataset_args", mode="before")
    @classmethod
    def _dataset_args(cls, value: Any) -> Any:
        return dataset_args(value)

    @field_validator("system")
    @classmethod
    def _system(cls, value: str) -> str:
        """A text, or the file that holds it."""
        return text_or_file(value, "--system")

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields that the user gave for the model."""
        return {**self.param, **self.param_unchecked}

    @property
    def judge_sampling(self) -> dict[str, Any]:
        """The fields that the user gave for the judges."""
        return {**self.judge_param, **self.judge_param_unchecked}

    @property
    def template(self) -> str:
        """The chat template's source; none where the server's own is used."""
        return read_text(self.chat_template, "--chat-template") if self.chat_template else ""

    @property
    def api_key(self) -> str:
        """The key itself, which stays out of every file."""
        return key_in(self.api_key_env or "", "--api-key-env")

    def recorded(self) -> dict[str, Any]:
        """What makes the same work again, without the addresses, which may hold a password."""
        kept = self.model_dump(mode="json", exclude={"base_url", "judge_base_url", "same_model"})
        return kept | {"data_dir": str(self.data_dir.resolve()) if self.data_dir else None}

    def errors_allowed(self, samples: int) -> float | None:
        """`max_errors` as a number of samples: below 1 it is a share of them."""
        if self.max_errors is None or self.max_errors >= 1:
            return self.max_errors
        return self.max_errors * samples


def settings(given: dict[str, Any], config: Path | None = None) -> Settings:
    """Settings from what was given, the configuration file, and servers that `launch` started.

    Raises UsageError in one line that names the key and its value.
    """
    return complete(merged(given, config))


def merged(given: Mapping[str, Any], config: Path | None) -> dict[str, Any]:
    """The keys of the file and those given, which go before: a folder of data as well as a name."""
    keys = read_config(config) if config else {}
    if {"data", "data_dir"} & given.keys():
        keys = {key: value for key, value in keys.items() if key not in ("data", "data_dir")}
    return {**keys, **given}


def one_source(keys: Mapping[str, Any]) -> None:
    """Raises UsageError where the data is to come from two places."""
    if (name := keys.get("data")) and (folder := keys.get("data_dir")):
        raise UsageError(
            f"--data {name} and --data-dir {str(folder)!r}: the data comes from one of them"
        )


def several(given: dict[str, Any], config: Path | None = None) -> list[Settings]:
    """Settings for each of the models: those given, else those launched, else the file's.

    Raises UsageError as `settings` does, and where two of the models would share a folder.
    """
    keys = merged(given, config)
    one_source(keys)
    models, file_models = given.get("models"), keys.pop("models", None)
    if models and given.get("model"):
        raise UsageError(f"--model {given['model']!r} and --models {models!r}: give one of them")
    if not models and not keys.get("model"):
        models = (launched_models() if asks_launched(keys) else []) or file_models
    names = short_names([*dict.fromkeys(models or ())])
    chosen = [complete({**keys, "model": model}, name) for model, name in names.items()]
    folders = [each.out for each in chosen]
    for each in chosen:
        if folders.count(each.out) > 1:
            raise UsageError(
                f"several models in one folder {str(each.out)!r}; give --out FOLDER/{{model}}"
            )
    return chosen or [complete(keys)]


def complete(keys: dict[str, Any], name: str = "") -> Settings:
    """Settings of one run: with the launched endpoints, and `{model}` in `out` filled in.

    It stands for the `name`, or what `launch` calls the model, or the end of the model's own name.
    """
    if asks_launched(keys):
        keys = keys | launched(keys.get("model"))
        name = launched_folder(keys["model"]) or name
    if model := keys.get("model"):
        name = name or short_names([model])[model]
        keys = keys | {"out": Path(str(keys.get("out") or OUT).replace("{model}", name))}
    return checked(keys)


def checked(keys: dict[str, Any]) -> Settings:
    """The keys as settings.  Raises UsageError in one line that names the key and its value."""
    try:
        return Settings(**keys)
    except ValidationError as error:
        raise UsageError("; ".join(map(complaint, error.errors()))) from None


def asks_launched(keys: Mapping[str, Any]) -> bool:
    """Whether the endpoints are those of `launch`."""
    return not keys.get("base_url") and not keys.get("replay")


def read_config(path: Path) -> dict[str, Any]:
    """The file's keys.  An unknown one is refused with the nearest known one."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 ({error}); save it in that encoding") from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read the configuration {str(path)!r}: {error}") from error
    keys = {key.replace("-", "_"): value for key, value in table.items()}
    known = {*Settings.model_fields, "models"}
    for key in keys:
        if key not in known:
            hint = did_you_mean(key, known, "see evaluator run --help")
            raise UsageError(f"{path}: unknown key {key!r}; {hint}")
    return keys
