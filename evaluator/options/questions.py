"""The options of what a run asks."""

from pathlib import Path
from typing import Annotated

from annotated_types import Gt, Lt
from pydantic import BeforeValidator, Field, field_validator

from evaluator.options.dataset_args import DatasetArgs, dataset_args
from evaluator.options.declared import Help
from evaluator.options.parts import Count, DataSource
from evaluator.options.values import names


class Questions(DataSource):
    """What is asked, and how much of it."""

    benchmarks: Annotated[
        list[str],
        BeforeValidator(names),
        Field(min_length=1),
        Help("Names, as `evaluator list` shows them.", "BENCHMARK", positional=True),
    ]
    include_path: Annotated[
        Path | None,
        Help(
            "Folder of your own YAML files in lm-eval's form, for lm-eval:TASK.",
            "DIR",
            "lm-eval's own tasks",
        ),
    ] = None
    strict_data: Annotated[
        bool, Help("Refuse a data set that is not as known: other rows, or another revision.")
    ] = False
    limit: Annotated[
        Count | None,
        Help("Ask N samples of each benchmark, spread evenly over its subjects.", "N", "all"),
    ] = None
    precision: Annotated[
        Annotated[float, Gt(0), Lt(0.5)] | None,
        Help(
            "Stop a benchmark once half of its 95 % interval is narrower than this share of "
            "the scale; 0.02 is two points of 100.",
            "SHARE",
            "ask all samples",
        ),
    ] = None
    repeats: Annotated[Count, Help("Ask each sample N times; its value is the mean.", "N")] = 1
    dataset_args: Annotated[
        dict[str, DatasetArgs],
        Help(
            "Options of single benchmarks, as JSON: "
            '{"gsm8k": {"few_shot_num": 0}}. The keys are few_shot_num, limit, subset_list, '
            "param, param_unchecked and system_prompt.",
            "JSON",
        ),
    ] = {}

    @field_validator("dataset_args", mode="before")
    @classmethod
    def _dataset_args(cls, value: object) -> object:
        return dataset_args(value)
