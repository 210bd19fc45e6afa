"""How a run solves a benchmark's samples: in a mode, with its judges, or in a protocol of tools."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluator.agents.tool_solve import ToolSolve, tool_solve
from evaluator.data import Source
from evaluator.errors import UsageError
from evaluator.judging.judged import judged_solve
from evaluator.judging.judges import GIVE_A_JUDGE, judges, judging
from evaluator.locale import N_
from evaluator.options.settings import Settings
from evaluator.results.names import ProtocolName
from evaluator.sandbox import Sandbox, code_solve
from evaluator.types import Benchmark, Solve


@dataclass(frozen=True, slots=True)
class Binding:
    """The `solve` of a run: the benchmark's own, a mode's, with judges, or in a protocol.

    `without` names groups that are left out, as the run lacks what they need.
    """

    solve: Solve
    roles: Sequence[str]
    notes: Sequence[str] = ()
    protocol: ProtocolName | None = None
    without: Sequence[str] = ()


def binding(benchmark: Benchmark, origin: Source, settings: Settings) -> Binding:
    """How the benchmark is solved in this run.  Raises UsageError."""
    solve = solving(benchmark, settings)
    if settings.mode != "generate":
        return Binding(solve, benchmark.roles)
    if tools := tool_solve(benchmark):
        return with_tools(Binding(solve, benchmark.roles), tools, settings)
    if (judged := judged_solve(benchmark)) is None:
        return Binding(solve, benchmark.roles)
    panel = judging(settings, benchmark)
    return Binding(solve, panel.asked(benchmark.roles), judged.described(panel, origin.rows))


def with_tools(by: Binding, tools: ToolSolve, settings: Settings) -> Binding:
    """The binding with its protocol and, where a judge is to play users, with the judge."""
    by = replace(by, protocol=settings.protocol or tools.protocols[0])
    if not tools.played:
        return by
    played = ", ".join(tools.played)
    if not (there := judges(settings)):
        note = N_(
            "left out: {played}, whose user a judge plays; {advice}",
            played=played,
            advice=GIVE_A_JUDGE,
        )
        return replace(by, notes=(note,), without=tools.played)
    first = there[0]
    name = "the model itself" if first.model == settings.model else first.model
    return replace(
        by, roles=(*by.roles, first.role), notes=(f"the user of {played} is played by {name}",)
    )


def solving(benchmark: Benchmark, settings: Settings) -> Solve:
    """The same `solve`; no data are read for it.  Raises UsageError."""
    if settings.mode != "generate":
        return benchmark.modes[settings.mode].solve
    if (tools := tool_solve(benchmark)) and (protocol := protocol_of(benchmark, settings)):
        return tools.by(protocol)
    if judged := judged_solve(benchmark):
        return judged.by(judging(settings, benchmark))
    if code := code_solve(benchmark):
        return code.within(Sandbox())
    return benchmark.solve


def protocol_of(benchmark: Benchmark, settings: Settings) -> ProtocolName | None:
    """The protocol of its tool calls; None where it has none."""
    tools = tool_solve(benchmark)
    return (settings.protocol or tools.protocols[0]) if tools else None


def check_protocol(chosen: Sequence[Benchmark], settings: Settings) -> None:
    """Raises UsageError for a protocol that a benchmark or the API does not have."""
    for each in chosen:
        if (tools := tool_solve(each)) is None:
            continue
        protocol = settings.protocol or tools.protocols[0]
        others = [name for name in tools.protocols if name != "tools"]
        if protocol not in tools.protocols:
            raise UsageError(
                N_(
                    "--protocol {protocol}: {name} is asked in {protocols}",
                    protocol=protocol,
                    name=each.name,
                    protocols=", ".join(tools.protocols),
                )
            )
        if protocol == "tools" and settings.api == "completions":
            raise UsageError(
                N_(
                    "{name}: --api completions has no tool calls; give --protocol {others}",
                    name=each.name,
                    others=others[0],
                )
            )


def check_code(chosen: Sequence[Benchmark], settings: Settings) -> None:
    """Raises UsageError where code would be run that is not allowed, or cannot be shut off."""
    running = ", ".join(each.name for each in chosen if code_solve(each))
    if running and not settings.allow_code:
        raise UsageError(
            N_(
                "{running}: runs the code that the model writes, in a sandbox without network; "
                "allow it with --allow-code",
                running=running,
            )
        )
    if running:
        Sandbox().check()


def runs_code(chosen: Sequence[Benchmark]) -> bool:
    """Whether the model's code is run in one of the benchmarks."""
    return any(map(code_solve, chosen))


def uses_tools(chosen: Sequence[Benchmark]) -> bool:
    """Whether the model may call tools in one of the benchmarks."""
    return any(map(tool_solve, chosen))


def has_played_users(benchmark: Benchmark) -> bool:
    """Whether a judge plays users in some of its groups, where there is one."""
    return bool((tools := tool_solve(benchmark)) and tools.played)
