"""IFEval: instructions whose following can be checked by a program."""

from evaluator.benchmarks.ifeval.benchmark import IFEVAL

__all__ = ["IFEVAL"]
