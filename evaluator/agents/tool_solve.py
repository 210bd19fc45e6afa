"""A benchmark's `solve` that lets the model call tools, to be bound to the protocol of a run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.results.names import ProtocolName
from evaluator.types import Ask, Benchmark, Sample, Score, Solve


@dataclass(frozen=True, slots=True)
class ToolSolve:
    """`solve(sample, ask, protocol)`, and the `protocols` that it goes with, the usual one first.

    As a benchmark's `solve` it asks in the usual one. `replies` gives the most replies of the model
    that a sample of a group may take. In the groups of `played` the run's first judge plays the
    user: `solve` asks it in the role "judge". Without a judge these groups are left out.
    """

    solve: Callable[[Sample, Ask, ToolProtocol], Awaitable[Score]]
    protocols: Sequence[ProtocolName] = ("tools", "react", "json", "text")
    replies: Callable[[str], int] = lambda group: 1
    played: Sequence[str] = ()

    def __call__(self, sample: Sample, ask: Ask) -> Awaitable[Score]:
        return self.by(None)(sample, ask)

    def by(self, name: ProtocolName | None) -> Solve:
        """`solve` in this protocol; None: in the usual one."""
        from evaluator.agents.protocols import PROTOCOLS  # no other benchmark needs their readers

        protocol = PROTOCOLS[name or self.protocols[0]]
        return lambda sample, ask: self.solve(sample, ask, protocol)


def tool_solve(benchmark: Benchmark) -> ToolSolve | None:
    """The `solve` of a benchmark whose model calls tools; None of any other."""
    return benchmark.solve if isinstance(benchmark.solve, ToolSolve) else None
