"""BFCL: the calls of functions that fit a question, or none where no function fits."""

from evaluator.benchmarks.bfcl.benchmark import BFCL

__all__ = ["BFCL"]
