"""MT-Bench: open questions of two turns, rated by a judge."""

from evaluator.benchmarks.mtbench.benchmark import MTBENCH

__all__ = ["MTBENCH"]
