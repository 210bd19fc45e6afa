"""A high-throughput evaluator of language models that are served.

What is named here is the Python API; it is loaded when it is first asked for, so that importing the
package costs nothing and needs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluator.api import compare, evaluate, evaluate_async, load_run
    from evaluator.errors import EvaluatorError
    from evaluator.options.parts import JudgeConnection
    from evaluator.types import Benchmark, Sample, Score

    __version__: str

__all__ = [
    "Benchmark",
    "EvaluatorError",
    "JudgeConnection",
    "Sample",
    "Score",
    "__version__",
    "compare",
    "evaluate",
    "evaluate_async",
    "load_run",
]

PLACES = {
    "Benchmark": "types",
    "Sample": "types",
    "Score": "types",
    "EvaluatorError": "errors",
    "JudgeConnection": "options.parts",
    "compare": "api",
    "evaluate": "api",
    "evaluate_async": "api",
    "load_run": "api",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("evaluator")
    if name not in PLACES:
        raise AttributeError(f"module 'evaluator' has no attribute {name!r}")
    return getattr(import_module(f"evaluator.{PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
