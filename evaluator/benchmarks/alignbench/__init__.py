"""AlignBench: open questions in Chinese, rated by a judge against a reference."""

from evaluator.benchmarks.alignbench.audit import AUDIT
from evaluator.benchmarks.alignbench.benchmark import ALIGNBENCH

__all__ = ["ALIGNBENCH", "AUDIT"]
