"""UltraTool: which steps of a plan need a tool, and with which parameters."""

from evaluator.benchmarks.ultratool.benchmark import ULTRATOOL

__all__ = ["ULTRATOOL"]
