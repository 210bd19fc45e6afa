"""The page of one place: its report, made of its JSON as it is asked for."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from evaluator.arena import tables as arena_tables
from evaluator.comparison.tables import legend
from evaluator.errors import DataError, EvaluatorError
from evaluator.pages.run_page import run_page
from evaluator.perf.report.method import method
from evaluator.perf.report.tables import tables as perf_tables
from evaluator.perf.report.warnings import warnings as perf_warnings
from evaluator.report.build import build
from evaluator.results import perf
from evaluator.results.arena import ArenaReport
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from evaluator.results.folder import RunFolder
from evaluator.results.report import RunReport, read_report
from evaluator.results.run import read_run
from evaluator.viewer.activity import state_of
from evaluator.viewer.comparing import compared, overview
from evaluator.viewer.folders import RESULTS, Place
from evaluator.viewer.page_files import PageKey, page_beside
from evaluator.viewer.render import page, report_filler


def place_page(request: Request, place: Place, page_key: PageKey) -> Response:
    """The page of a place.

    Raises EvaluatorError and OSError; DataError also where its files do not fit together.
    """
    try:
        if place.kind == "run":
            return of_run(request, place)
        if name := page_beside(place):
            address = page_key.address(place, name)
            return page(request, "framed.html", place=place, address=address)
        return of_json(request, place)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise DataError(f"{place.name}: its files do not fit together: {error!r}") from error


def of_run(request: Request, place: Place) -> Response:
    """A run's report, made anew: a page from its folder could be older, or anybody's."""
    state = state_of(place)
    if state == "going on" and not RunFolder(place.path).report.exists():
        return RedirectResponse(f"/live/{place.id}")
    report, notice = report_of(place)
    # what is shown of samples comes from /samples, however many there are
    fill = report_filler(
        request,
        samples={"address": f"/samples/{place.id}"},
        notice=notice,
        live=f"/live/{place.id}" if state == "going on" else "",
    )
    return HTMLResponse(run_page(report, read_run(place.path), fill=fill))


def report_of(place: Place) -> tuple[RunReport, str]:
    """A run's report, and what is to be said of it.  Raises EvaluatorError and OSError."""
    if not RunFolder(place.path).report.exists():
        return build(place.path), "The run has not finished: this is what it came to so far."
    try:
        return read_report(place.path), ""
    except EvaluatorError as error:
        return build(place.path), f"Made of the run's other files: {error}"


def of_json(request: Request, place: Place) -> HTMLResponse:
    """The tables of an arena, a throughput run or a comparison."""
    if place.kind == "arena":
        return arena_page(request, read(place.path / RESULTS["arena"], ArenaReport))
    if place.kind == "perf":
        return perf_page(request, perf.read(place.path))
    comparison = read(place.path / RESULTS["compare"], Comparison)
    return comparison_page(request, comparison, place.name)


def arena_page(request: Request, report: ArenaReport) -> HTMLResponse:
    """An arena's leaderboard."""
    return page(
        request,
        "tables.html",
        title=report.run,
        about=f"arena, started {report.started_at}, judged by {', '.join(report.judges)}",
        sections=[
            ("Leaderboard", arena_tables.leaderboard(report)),
            ("Each against each", arena_tables.matrix(report)),
        ],
        warnings=list(arena_tables.warnings(report)),
        notes=list(arena_tables.notes(report)),
    )


def perf_page(request: Request, report: perf.PerfReport) -> HTMLResponse:
    """A throughput run's tables."""
    return page(
        request,
        "tables.html",
        title=report.run,
        about=f"throughput, started {report.started_at}",
        sections=list(perf_tables(report)),
        warnings=[each.text for each in perf_warnings(report)],
        notes=list(method(report)),
    )


def comparison_page(
    request: Request, comparison: Comparison, name: str, **fields: object
) -> HTMLResponse:
    """A comparison; `fields` are those of one that was made here."""
    return page(
        request,
        "compare.html",
        name=name,
        base=comparison.base,
        models=compared(comparison),
        overview=overview(comparison),
        legend=list(legend(comparison)),
        **{"bases": (), "addresses": [""] * (1 + len(comparison.comparisons)), **fields},
    )
