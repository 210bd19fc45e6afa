"""Which chart is drawn of which folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from evaluator.errors import UsageError, did_you_mean
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
OF_RUNS: Sequence[PlotKind] = ("bars", "radar", "forest")  # kinds for several runs


def plotted(kind: PlotKind, folders: Sequence[Path], benchmark: str | None = None) -> Chart:
    """The chart of a kind.  Raises UsageError where it does not fit what the folders hold."""
    held = {folder: what(folder) for folder in folders}
    if not folders:
        raise UsageError("nothing to draw: name the folder of a run")
    several = len(held) > 1
    if several and set(held.values()) != {"a run"}:
        words = "; ".join(f"{str(folder)!r}, {of}" for folder, of in held.items())
        raise UsageError(f"only runs are drawn together, and there is {words}")
    fitting = OF_RUNS if several else FITTING[held[folders[0]]]
    if kind not in fitting:
        of = f"{len(held)} runs" if several else f"{str(folders[0])!r}, {held[folders[0]]}"
        raise UsageError(f"--kind {kind} does not fit {of}; it can be {', '.join(fitting)}")
    if benchmark and kind != "subjects":
        raise UsageError(f"--benchmark {benchmark}: only --kind subjects is of one benchmark")
    found = drawn(kind, folders, held[folders[0]], benchmark)
    if not found:
        raise UsageError(f"--kind {kind}: {NOTHING[kind]}")
    return found


NOTHING: Mapping[PlotKind, str] = {  # why there may be nothing to draw
    "radar": "a radar needs 3 to 16 benchmarks, or categories, that all models have",
    "bars": "no sample was measured",
    "forest": "nothing was measured that can be compared",
    "subjects": "the benchmark has fewer than two subjects",
    "perf": "no load has a number: a curve needs a concurrency or a rate",
}


def what(folder: Path) -> Holds:
    """What a folder holds.  Raises UsageError where that is nothing to draw."""
    for name, held in FILES.items():
        if (folder / name).exists():
            return held
    raise UsageError(f"nothing to draw in {str(folder)!r}: it has none of {', '.join(FILES)}")


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
        raise UsageError(f"--kind subjects: name one --benchmark of {', '.join(names)}")
    name = benchmark or names[0]
    if name not in names:
        hint = did_you_mean(name, names, f"the run has {', '.join(names)}")
        raise UsageError(f"--benchmark {name!r}: {hint}")
    return groups(report.benchmarks[name], {})
