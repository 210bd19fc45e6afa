"""Which chart is drawn of which folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_, joined
from evaluator.options.results_commands import PlotKind
from evaluator.pages.charts import Chart
from evaluator.results.arena import NAME as ARENA
from evaluator.results.arena import ArenaReport
from evaluator.results.comparison import NAME as COMPARISON
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from evaluator.results.perf import NAME as PERF
from evaluator.results.perf import read as read_perf
from evaluator.results.report import RunReport, read_report

Holds = Literal["a comparison", "an arena", "a throughput run", "a run"]  # what a folder holds

FILES: Mapping[str, Holds] = {  # told by the file in it; an arena's has a report too
    COMPARISON: "a comparison",
    ARENA: "an arena",
    PERF: "a throughput run",
    "report.json": "a run",
}
FITTING: Mapping[Holds, Sequence[PlotKind]] = {  # kinds for one folder of these
    "a comparison": ("radar", "forest"),
    "an arena": ("forest",),
    "a throughput run": ("perf",),
    "a run": ("bars", "radar", "subjects"),
}
HELD: Mapping[Holds, str] = {  # in words
    "a comparison": N_("a comparison"),
    "an arena": N_("an arena"),
    "a throughput run": N_("a throughput run"),
    "a run": N_("a run"),
}
OF_RUNS: Sequence[PlotKind] = ("bars", "radar", "forest")  # kinds for several runs


def plotted(kind: PlotKind, folders: Sequence[Path], benchmark: str | None = None) -> Chart:
    """The chart of a kind.  Raises UsageError where it does not fit what the folders hold."""
    held = {folder: what(folder) for folder in folders}
    if not folders:
        raise UsageError(N_("nothing to draw: name the folder of a run"))
    several = len(held) > 1
    if several and set(held.values()) != {"a run"}:
        words = joined("; ", [told(*each) for each in held.items()])
        raise UsageError(N_("only runs are drawn together, and there is {words}", words=words))
    fitting = OF_RUNS if several else FITTING[held[folders[0]]]
    if kind not in fitting:
        of = N_("{n} runs", n=len(held)) if several else told(folders[0], held[folders[0]])
        raise UsageError(
            N_(
                "--kind {kind} does not fit {of}; it can be {fitting}",
                kind=kind,
                of=of,
                fitting=", ".join(fitting),
            )
        )
    if benchmark and kind != "subjects":
        raise UsageError(
            N_(
                "--benchmark {benchmark}: only --kind subjects is of one benchmark",
                benchmark=benchmark,
            )
        )
    found = drawn(kind, folders, held[folders[0]], benchmark)
    if not found:
        raise UsageError(N_("--kind {kind}: {reason}", kind=kind, reason=NOTHING[kind]))
    return found


def told(folder: Path, held: Holds) -> str:
    """A folder with what it holds."""
    return N_("{folder!r}, {held}", folder=str(folder), held=HELD[held])


NOTHING: Mapping[PlotKind, str] = {  # why there may be nothing to draw
    "radar": N_("a radar needs 3 to 16 benchmarks, or categories, that all models have"),
    "bars": N_("no sample was measured"),
    "forest": N_("nothing was measured that can be compared"),
    "subjects": N_("the benchmark has fewer than two subjects"),
    "perf": N_("no load has a number: a curve needs a concurrency or a rate"),
}


def what(folder: Path) -> Holds:
    """What a folder holds.  Raises UsageError where that is nothing to draw."""
    for name, held in FILES.items():
        if (folder / name).exists():
            return held
    raise UsageError(
        N_(
            "nothing to draw in {folder!r}: it has none of {files}",
            folder=str(folder),
            files=", ".join(FILES),
        )
    )


def drawn(
    kind: PlotKind, folders: Sequence[Path], held: Holds, benchmark: str | None
) -> Chart | None:
    """The chart; None where there is nothing to draw."""
    if kind == "perf":
        from evaluator.perf.report.charts import overview

        return overview(read_perf(folders[0]))
    if held == "an arena":
        from evaluator.arena.charts import ratings

        return ratings(read(folders[0] / ARENA, ArenaReport))
    if held == "a comparison" or kind == "forest":
        return of_comparison(kind, comparison(folders))
    reports = [read_report(folder) for folder in folders]
    return subjects(reports[0], benchmark) if kind == "subjects" else of_runs(kind, reports)


def comparison(folders: Sequence[Path]) -> Comparison:
    """The comparison in a folder, or that of a base run with the other runs."""
    from evaluator.comparison import compare

    base, *others = folders
    return compare(base, others) if others else read(base / COMPARISON, Comparison)


def of_comparison(kind: PlotKind, found: Comparison) -> Chart | None:
    """A comparison's radar, or its forest."""
    from evaluator.comparison.charts import all_differences, benchmark_radar, differences

    if kind == "radar":
        return benchmark_radar(found)
    several = len(found.comparisons) > 1
    return all_differences(found) if several else differences(found.comparisons[0])


def of_runs(kind: PlotKind, reports: Sequence[RunReport]) -> Chart | None:
    """The scores of runs as bars or as a radar; of one run with one benchmark its categories."""
    from evaluator.pages.run_charts import all_scores, category_radar, radar_of

    models = [report.model for report in reports]
    named = {
        of.model if models.count(of.model) == 1 else f"{of.model} ({of.run})": of for of in reports
    }
    if kind == "bars":
        return all_scores(named)
    if len(reports) == 1 and len(reports[0].benchmarks) == 1:
        (only,) = reports[0].benchmarks.values()
        return category_radar(only)
    return radar_of(named)


def subjects(report: RunReport, benchmark: str | None) -> Chart | None:
    """The subjects of a benchmark, the best first."""
    from evaluator.pages.run_charts import groups

    names = list(report.benchmarks)
    if benchmark is None and len(names) > 1:
        raise UsageError(
            N_("--kind subjects: name one --benchmark of {names}", names=", ".join(names))
        )
    name = benchmark or names[0]
    if name not in names:
        hint = did_you_mean(name, names, N_("the run has {names}", names=", ".join(names)))
        raise UsageError(N_("--benchmark {name!r}: {hint}", name=name, hint=hint))
    return groups(report.benchmarks[name], {})
