"""ACEBench: calls of tools in Chinese and in English, and requests that cannot be met."""

from evaluator.benchmarks.acebench.benchmark import ACEBENCH, CHINESE, ENGLISH

__all__ = ["ACEBENCH", "CHINESE", "ENGLISH"]
