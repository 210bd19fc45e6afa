"""The table of benchmarks: the only registry."""

from difflib import get_close_matches

from evaluator.benchmarks.arc import ARC
from evaluator.benchmarks.ceval import CEVAL
from evaluator.benchmarks.gsm8k import GSM8K
from evaluator.types import Benchmark, UsageError

BENCHMARKS = {benchmark.name: benchmark for benchmark in (ARC, CEVAL, GSM8K)}


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name.  Raises UsageError suggesting the nearest one."""
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    near = get_close_matches(name, BENCHMARKS, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(BENCHMARKS)}"
    raise UsageError(f"no benchmark {name!r}; {hint}")
