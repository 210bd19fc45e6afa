"""A benchmark's `solve` that runs a model's code, to be bound to the sandbox of a run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from evaluator.errors import Unjudged
from evaluator.sandbox.sandbox import ProgramEnd, Sandbox
from evaluator.types import Ask, Benchmark, Sample, Score, Solve

Run = Callable[[Sequence[str]], Awaitable[ProgramEnd]]


@dataclass(frozen=True, slots=True)
class CodeSolve:
    """`solve(sample, ask, run)`, where `run` runs the first of several programs that compiles.

    As a benchmark's `solve` it asks, and runs nothing.
    """

    solve: Callable[[Sample, Ask, Run], Awaitable[Score]]

    def __call__(self, sample: Sample, ask: Ask) -> Awaitable[Score]:
        return self.solve(sample, ask, refused)

    def within(self, sandbox: Sandbox) -> Solve:
        """`solve` with programs run in this sandbox."""
        return lambda sample, ask: self.solve(sample, ask, sandbox.run)


async def refused(programs: Sequence[str]) -> ProgramEnd:
    """Runs nothing.  Raises Unjudged."""
    raise Unjudged("nothing runs this code: a run binds its benchmarks to a sandbox")


def code_solve(benchmark: Benchmark) -> CodeSolve | None:
    """The `solve` of a benchmark that runs code; None of any other."""
    return benchmark.solve if isinstance(benchmark.solve, CodeSolve) else None
