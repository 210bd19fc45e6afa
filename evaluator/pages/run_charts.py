"""The charts of a run."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from evaluator.locale import N_
from evaluator.pages.charts import SHARES, Chart, bars, chart, legend, series, stacked
from evaluator.pages.radar import MANY, Spoke, radar
from evaluator.pages.theme import END_COLOURS, END_WORDS
from evaluator.report.tables import ci, score
from evaluator.results.figures import Figure
from evaluator.results.names import DIMENSION_WORDS, SHARE, Scale
from evaluator.results.report import BenchmarkResult, RunReport
from evaluator.results.timeline import BarCounts, KvCacheUse, Timeline


def figure_rows(figures: Mapping[str, Figure], scale: Scale) -> Iterator[dict[str, object]]:
    """Rows of figures that were measured: the name, the value and its interval, as shares."""
    for name, of in figures.items():
        if of.value is None:
            continue
        on = of.scale or scale
        low, high = of.ci95 or (of.value, of.value)
        value, low, high = (share_of(each, on) for each in (of.value, low, high))
        if not 0 <= value <= 1:  # on a scale that is not known
            continue
        shown = {"score": score(of.value, on), "interval": ci(of.ci95, on), "n": of.samples}
        yield {"name": name, "value": value, "low": low, "high": high, **shown}


def share_of(value: float, scale: Scale) -> float:
    """Where a value lies between the least and the most that it can be."""
    least, most = scale
    return (value - least) / (most - least)


def scores(report: RunReport) -> Chart | None:
    """Every benchmark's score with its interval; those on other scales as shares of theirs."""
    rows = scores_of(report)
    return bars(rows) if rows else None


def scores_of(report: RunReport) -> list[dict[str, object]]:
    """Rows of the benchmarks' scores."""
    return [
        row
        for name, of in report.benchmarks.items()
        for row in figure_rows({name: score_of(of)}, of.scale)
    ]


def all_scores(reports: Mapping[str, RunReport]) -> Chart | None:
    """The same of several runs, by their names."""
    rows = [{**row, "series": name} for name, of in reports.items() for row in scores_of(of)]
    return bars(rows, series(reports)) if rows else None


def score_of(result: BenchmarkResult) -> Figure:
    """A benchmark's score, over the samples that were measured."""
    measured = sum(group.samples for group in result.groups.values())
    return Figure(value=result.value, ci95=result.ci95, samples=measured)


def groups(result: BenchmarkResult, categories: Mapping[str, str]) -> Chart | None:
    """The groups of a benchmark, the best first, in the colour of their category."""
    rows = list(figure_rows(result.groups, result.scale))
    if len(rows) < 2:
        return None
    for row in rows:
        row["category"] = categories.get(str(row["name"]), "")
    rows.sort(key=itemgetter("value"), reverse=True)
    return bars(rows, legend("category") if any(categories.values()) else None)


def figures(of: Mapping[str, Figure], scale: Scale = SHARE) -> Chart | None:
    """Further figures of a benchmark, such as its dimensions, in their own order."""
    named = {DIMENSION_WORDS.get(name, name): each for name, each in of.items()}
    rows = list(figure_rows(named, scale))
    return bars(rows) if rows else None


def accounting(report: RunReport) -> Chart | None:
    """What became of all samples of each benchmark, as shares of them."""
    rows = [
        {"name": name, "outcome": END_WORDS[end], "samples": count}
        for name, result in report.benchmarks.items()
        for end, count in result.ends.items()
    ]
    return stacked(rows, "outcome", END_COLOURS, SHARES) if rows else None


def radar_of(reports: Mapping[str, RunReport]) -> Chart | None:
    """The scores of runs, by their names, over the benchmarks that all of them have."""
    return radar({name: spokes(scores_of(report)) for name, report in reports.items()})


def category_radar(result: BenchmarkResult) -> Chart | None:
    """The score over the categories of a benchmark."""
    return radar({"score": spokes(list(figure_rows(result.categories, result.scale)))}, MANY)


def spokes(rows: Sequence[Mapping[str, object]]) -> dict[str, Spoke]:
    """Rows as a line of a radar."""
    return {str(row["name"]): (float(str(row["value"])), str(row["score"])) for row in rows}


def over_time(of: Timeline, values: Sequence[float], title: str) -> Chart:
    """A curve over the run's seconds."""
    rows = [{"s": (i + 0.5) * of.step, "value": value} for i, value in enumerate(values)]
    return area(rows, {"title": title})


def area(rows: Sequence[Mapping[str, object]], of: Chart) -> Chart:
    """A filled curve of `value` over `s`, in seconds; `of` is the encoding of its height."""
    x = {"field": "s", "type": "quantitative", "title": N_("seconds")}
    y = {"field": "value", "type": "quantitative", **of}
    shown = {key: part for key, part in y.items() if key not in ("axis", "scale")}
    line = {"type": "area", "line": True, "opacity": 0.25, "interpolate": "monotone"}
    return chart(rows, height=150, mark=line, encoding={"x": x, "y": y, "tooltip": [x, shown]})


def spread(of: BarCounts, title: str) -> Chart:
    """A histogram; its last bar holds all that lies beyond."""
    rows = [
        {"from": low, "to": high, "replies": count}
        for low, high, count in zip(of.edges, of.edges[1:], of.counts, strict=False)
    ]
    x = {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": title}
    y = {"field": "replies", "type": "quantitative", "title": N_("replies")}
    places = [{"field": field, "type": "quantitative"} for field in ("from", "to", "replies")]
    encoding = {"x": x, "x2": {"field": "to"}, "y": y, "tooltip": places}
    return chart(rows, height=150, mark="bar", encoding=encoding)


def kv_cache(of: KvCacheUse) -> Chart:
    """The share of the KV cache in use over the session."""
    rows = [{"s": (i + 0.5) * of.step, "value": share} for i, share in enumerate(of.shares)]
    y = {"title": N_("share in use"), "axis": {"format": ".0%"}, "scale": {"domain": [0, 1]}}
    return area(rows, y)


def serving(of: Timeline, kv: KvCacheUse | None = None) -> dict[str, Chart]:
    """The charts of how replies came, by heading."""
    found: dict[str, Chart] = {
        N_("Replies per second"): over_time(of, of.replies_per_s, N_("replies/s")),
        N_("Requests in flight"): over_time(of, of.in_flight, N_("in flight")),
    }
    if kv and len(kv.shares) > 1:
        found[N_("KV cache in use")] = kv_cache(kv)
    found[N_("Latency")] = spread(of.latency, N_("seconds"))
    if of.output_tokens:
        tokens = over_time(of, of.output_tokens_per_s, N_("tokens/s"))
        found |= {N_("Output tokens per second"): tokens}
        found |= {N_("Length of replies"): spread(of.output_tokens, N_("tokens"))}
    if of.ttft:
        found[N_("Time to the first token (TTFT)")] = spread(of.ttft, N_("seconds"))
    return found
