"""The options that several commands share, in parts that each command puts together."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt
from pydantic import BeforeValidator, FiniteFloat, ValidationInfo, field_validator

from evaluator.client.transport import TransportName
from evaluator.data import SourceName
from evaluator.options import sampling
from evaluator.options.access import AccessOptions
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.values import as_list, key_in, one_each, pairs, urls

DATA_VARIABLE = "EVALUATOR_DATA_DIR"  # names the mirror of data sets when nothing else does

ProgressMode = Literal["auto", "live", "plain", "none"]
Texts = Annotated[list[str], BeforeValidator(as_list)]
Paths = Annotated[list[Path], BeforeValidator(as_list)]
Count = Annotated[int, Ge(1)]
Whole = Annotated[int, Ge(0)]
Positive = Annotated[FiniteFloat, Gt(0)]

Timeout = Annotated[
    Positive,
    Help(
        "Longest silence of a server, in seconds. While it shows progress (a piece of a stream, "
        "another reply, tokens in /metrics), a reply may take its time.",
        "SECONDS",
    ),
]
TransportOption = Annotated[
    TransportName,
    Help(
        "HTTP client: wire is the fast one for servers of your own, sdk is OpenAI's, and auto "
        "takes sdk for hosted providers.",
        "NAME",
    ),
]
ProgressOption = Annotated[
    ProgressMode,
    Help(
        "What to show meanwhile: live is a table that changes, plain a line now and then. "
        "auto is live on a terminal and plain elsewhere.",
        "MODE",
        panel="Output",
    ),
]
MaxErrors = Annotated[
    Annotated[float, Ge(0)] | None,
    Help(
        "Unmeasured samples that are accepted: a count, or below 1 a share of all. With more "
        "of them the exit code is 1, and a run stops early.",
        "N",
        "0 for the exit code, and no early stop",
    ),
]
Replay = Annotated[
    bool, Help("Answer from the replies already recorded in the run's folder, and send nothing.")
]
SameModel = Annotated[
    bool,
    Help(
        "Resume even though the server now seems to serve another model than the one that the "
        "folder was measured with."
    ),
]
Run = Annotated[Path, Help("Folder of a run.", "RUN", positional=True)]


def usual_data_dir() -> Path | None:
    """The mirror of data sets that the environment names."""
    return Path(folder) if (folder := os.environ.get(DATA_VARIABLE)) else None


class DataSource(OptionGroup):
    """Where the data sets are read."""

    panel = "What to ask"

    data_dir: Annotated[
        Path | None,
        Help(
            "Folder with a local mirror of the data sets; see `evaluator data fetch`.",
            "DIR",
            f"${DATA_VARIABLE}",
        ),
    ] = None
    data: Annotated[
        SourceName | None,
        Help("Source of the data sets; builtin is a few rows of each.", "SOURCE", "hub"),
    ] = None


class EndpointOptions(OptionGroup):
    """Where a model is served, and which sampling it is asked with."""

    panel = "Server"

    base_url: Annotated[
        Texts,
        Help(
            "Base URL, such as http://HOST:8000/v1. Repeat it to share the load among several.",
            "URL",
            "the server started by `launch`",
        ),
    ] = []
    param: Annotated[
        dict[str, Any],
        Help(
            "Sampling field of each request, such as temperature=0.7; repeat it for more.",
            "KEY=VALUE",
            "those of the benchmark",
            "How to ask",
        ),
    ] = {}
    param_unchecked: Annotated[
        dict[str, Any],
        Help(
            "The same for a field that is not known here; its name and value are not checked.",
            "KEY=VALUE",
            panel="How to ask",
        ),
    ] = {}

    @field_validator("param", "param_unchecked", mode="before")
    @classmethod
    def _pairs(cls, value: object, about: ValidationInfo) -> object:
        return pairs(value, cls.option_of(about))

    @field_validator("param")
    @classmethod
    def _known(cls, given: dict[str, Any], about: ValidationInfo) -> dict[str, Any]:
        name = cls.option_of(about)
        sampling.check(name, given, f"{name}-unchecked")
        return given

    @field_validator("param_unchecked")
    @classmethod
    def _any(cls, given: dict[str, Any], about: ValidationInfo) -> dict[str, Any]:
        sampling.check_names(cls.option_of(about), given)
        return given

    @field_validator("base_url")
    @classmethod
    def _urls(cls, given: list[str], about: ValidationInfo) -> list[str]:
        return urls(cls.option_of(about), given)

    @property
    def sampling(self) -> dict[str, Any]:
        """The fields that the user gave."""
        return {**self.param, **self.param_unchecked}


class Connection(AccessOptions, EndpointOptions):
    """An endpoint and how hard it is asked: the model's, and once more the judge's."""

    concurrency: Annotated[
        Count | Literal["auto"],
        Help(
            "Requests in flight for each base URL. auto raises the number while the server "
            "gets faster by it.",
            "N",
        ),
    ] = "auto"
    rpm: Annotated[Positive | None, Help("Most requests per minute.", "N", "no limit")] = None
    tpm: Annotated[
        Positive | None,
        Help("Most tokens per minute, prompts and replies together.", "N", "no limit"),
    ] = None


class Judges(OptionGroup):
    """Who judges: one model or several."""

    panel = "Judge"

    model: Annotated[
        Texts,
        Help(
            "Model that judges, or self for the model under test. Repeat it for several judges.",
            "NAME",
            "the judge started by `launch`",
        ),
    ] = []
    api_key_env: Annotated[
        Texts,
        Help(
            "Environment variable that holds the judge's API key. With several judges: one for "
            "all, or one for each.",
            "VARIABLE",
        ),
    ] = []
    prompt: Annotated[
        Path | None,
        Help("File with a judge prompt of your own.", "FILE", "the benchmark's"),
    ] = None
    pooled: Annotated[
        Literal["mean", "median"], Help("How the ratings of several judges become one.", "HOW")
    ] = "mean"


class JudgeConnection(Connection, Judges):
    """Who judges, and how the judges are reached.

    `JudgeConnection(model="glm-4", base_url="http://HOST:8001/v1")` in Python; several judges
    share one base URL and one key, or have one each, in their order.
    """

    panel = "Judge"
    prefix = "judge_"


class ApiKey(OptionGroup):
    """The keys of the model's endpoints, by the names of the variables that hold them."""

    panel = "Server"

    api_key_env: Annotated[
        list[str],
        BeforeValidator(lambda value: [] if value is None else as_list(value)),
        Help(
            "Environment variable that holds the API key. With several base URLs: one for all, "
            "or one for each, in their order.",
            "VARIABLE",
        ),
    ] = []

    def api_keys(self, urls: Sequence[str]) -> list[str]:
        """The key of each URL, which stays out of every file; "" where there is none.

        Raises UsageError where a variable is not set, or the keys are not as many as the URLs.
        """
        keys = [key_in(variable, "--api-key-env") for variable in self.api_key_env]
        return one_each(keys, urls) if keys else [""] * len(urls)


class Client(OptionGroup):
    """How requests are sent."""

    panel = "Server"

    transport: TransportOption = "auto"
    timeout: Timeout = 600.0
    retries: Annotated[
        Whole,
        Help("Times that a request is sent again after a failure that may pass, such as 503.", "N"),
    ] = 8
