"""Runs the code of models, shut off from the machine: bubblewrap, limits, a filter of calls."""

from evaluator.sandbox.code_solve import CodeSolve, Run, code_solve
from evaluator.sandbox.sandbox import ProgramEnd, ProgramLimits, Sandbox

__all__ = ["CodeSolve", "ProgramEnd", "ProgramLimits", "Run", "Sandbox", "code_solve"]
