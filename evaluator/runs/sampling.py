"""The sampling of a benchmark in a run: its mode's or its own, and what the user gave."""

from typing import Any

from evaluator.engine.form import ECHO
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.settings import Settings
from evaluator.types import Benchmark, ModeName, Params


def usual_sampling(benchmark: Benchmark, mode: ModeName) -> Params:
    """What is asked for where the user says nothing."""
    return benchmark.params if mode == "generate" else benchmark.modes[mode].params


def given_sampling(benchmark: Benchmark, settings: Settings) -> Params:
    """What the user asked for: a mode is what it is, but for what may be changed in it."""
    own = settings.dataset_args.get(benchmark.name, DatasetArgs())
    every = {**settings.sampling, **own.sampling}
    if settings.mode == "generate":
        return every
    fixed = usual_sampling(benchmark, settings.mode)
    return {
        name: value
        for name, value in every.items()
        if name not in fixed or changeable(settings.mode, name, value)
    }


def changeable(mode: ModeName, name: str, value: Any) -> bool:
    """Whether the user's value takes the place of a mode's: a cap on logprobs, or no field."""
    if mode == "likelihood" and name in ECHO:
        return False
    return name == "top_logprobs" or (value is None and name != "logprobs")
