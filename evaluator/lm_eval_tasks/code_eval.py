"""Tasks of lm-eval that run code: what they call code_eval runs programs in the run's sandbox.

Such a task loads Hugging Face's metric `code_eval` when its module is imported. It is given another
one instead, which runs nothing by itself: the programs go to the sandbox while a sample is scored.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import comb
from pathlib import Path
from statistics import mean
from typing import Any
from unittest.mock import patch

from lm_eval.api.task import ConfigurableTask

from evaluator.lm_eval_tasks.index import CODE_EVAL, calls_code_eval
from evaluator.sandbox import Run

_PASSES: ContextVar[Callable[[str], bool] | None] = ContextVar("passes", default=None)


class CodeEval:
    """Stands for the metric of that name."""

    def compute(
        self, references: Sequence[str], predictions: Sequence[Sequence[str]], k: Sequence[int]
    ) -> tuple[dict[str, float], None]:
        """pass@k of programs, each a prediction with its test below; 0 while a task is loaded."""
        passes = _PASSES.get()
        rates: dict[str, list[float]] = {f"pass@{of}": [] for of in k}
        for test, programs in zip(references, predictions, strict=True):
            right = sum(passes(f"{each}\n{test}") for each in programs) if passes else 0
            for of in k:
                missed = comb(len(programs) - right, of) / comb(len(programs), of)
                rates[f"pass@{of}"].append(1 - missed)
        return {name: mean(values) for name, values in rates.items()}, None


@contextmanager
def replaced(path: Path | None) -> Iterator[None]:
    """While it lasts, a task in the folder of this YAML file is given our `code_eval`."""
    if path is None or not calls_code_eval(path):
        yield
        return
    import evaluate  # slow, and of these tasks alone

    load = evaluate.load

    def ours(name: str, *args: Any, **more: Any) -> Any:
        return CodeEval() if name == CODE_EVAL else load(name, *args, **more)

    with patch.object(evaluate, "load", ours):
        yield


def in_sandbox(task: ConfigurableTask) -> bool:
    """Whether a task's metric has our `code_eval` in its module."""
    return any(
        isinstance(value, CodeEval)
        for metric in task._metric_fn_list.values()  # functions, as their `__call__`
        for value in getattr(getattr(metric, "__self__", None), "__globals__", {}).values()
    )


def run_programs_by(run: Run) -> None:
    """From here on, in this context and its threads, programs are run by `run`, in this loop."""
    loop = asyncio.get_running_loop()

    async def passed(program: str) -> bool:
        return (await run([program])).passed

    _PASSES.set(lambda program: asyncio.run_coroutine_threadsafe(passed(program), loop).result())
