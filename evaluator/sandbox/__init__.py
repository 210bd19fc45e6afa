"""Runs the code of models, shut off from the machine: bubblewrap, limits, a filter of calls."""

from evaluator.sandbox.code_solve import CodeSolve, Run, code_solve
from evaluator.sandbox.sandbox import Ending, Limits, Sandbox

__all__ = ["CodeSolve", "Ending", "Limits", "Run", "Sandbox", "code_solve"]
