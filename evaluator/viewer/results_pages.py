"""The page of one place: its report, made of its JSON as it is asked for.

A page that lies in the folder could be older, or anybody's: it is not shown.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from evaluator.arena.page import arena_page
from evaluator.comparison.page import comparison_page
from evaluator.errors import DataError, EvaluatorError
from evaluator.locale import N_
from evaluator.pages.run_page import run_page
from evaluator.perf.report.page import perf_page
from evaluator.report.build import build
from evaluator.results import perf
from evaluator.results.arena import ArenaReport
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from evaluator.results.folder import RunFolder
from evaluator.results.report import RunReport, read_report
from evaluator.results.run import read_run
from evaluator.viewer.activity import state_of
from evaluator.viewer.folders import RESULTS, Place
from evaluator.viewer.render import filler


def place_page(request: Request, place: Place) -> Response:
    """The page of a place.

    Raises EvaluatorError and OSError; DataError also where its files do not fit together.
    """
    try:
        match place.kind:
            case "run":
                return of_run(request, place)
            case "compare":
                return of_comparison(request, read(place.path / RESULTS["compare"], Comparison))
            case "arena":
                report = read(place.path / RESULTS["arena"], ArenaReport)
                return HTMLResponse(arena_page(report, filler(request, battles="")))
            case "perf":
                return HTMLResponse(perf_page(perf.read(place.path), filler(request)))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise DataError(
            N_("{name}: its files do not fit together: {error!r}", name=place.name, error=error)
        ) from error


def of_run(request: Request, place: Place) -> Response:
    """A run's report."""
    state = state_of(place)
    if state == "going on" and not RunFolder(place.path).report.exists():
        return RedirectResponse(f"/live/{place.id}")
    report, notice = report_of(place)
    fill = filler(
        request,
        samples={"address": f"/samples/{place.id}"},
        notice=notice,
        live=f"/live/{place.id}" if state == "going on" else "",
    )
    return HTMLResponse(run_page(report, read_run(place.path), fill=fill))


def report_of(place: Place) -> tuple[RunReport, str]:
    """A run's report, and what is to be said of it.  Raises EvaluatorError and OSError."""
    if not RunFolder(place.path).report.exists():
        return build(place.path), N_("The run has not finished: this is what it came to so far.")
    try:
        return read_report(place.path), ""
    except EvaluatorError as error:
        return build(place.path), N_("Made of the run's other files: {error}", error=error)


def of_comparison(
    request: Request,
    comparison: Comparison,
    bases: Sequence[tuple[Place, str]] = (),
    pages: Sequence[str] = (),
) -> HTMLResponse:
    """A comparison. Of one that was made here: the same with other bases, and the runs' pages."""
    own = {"pages": pages} if pages else {}
    fill = filler(request, bases=bases, **own)
    return HTMLResponse(comparison_page(comparison, fill))
