"""What the viewer answers, by address."""

from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import orjson
from anyio import sleep
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from evaluator.comparison import compare
from evaluator.errors import DataError, EvaluatorError, UnlikeRuns, UsageError, message_of
from evaluator.locale import N_, catalogue
from evaluator.report.escaping import harmless
from evaluator.results.comparison import Comparison
from evaluator.results.run import read_run
from evaluator.viewer.activity import changed
from evaluator.viewer.entries import entry_of
from evaluator.viewer.folders import Folders, Place
from evaluator.viewer.leaderboard import leaderboards
from evaluator.viewer.live import Follower
from evaluator.viewer.render import asset, page
from evaluator.viewer.results_pages import of_comparison, place_page
from evaluator.viewer.samples import SLICE, SampleIndexes, answered, filter_of

LOOK_EVERY = 0.5  # seconds between two looks at a run that is going on


class Views:
    """Answers requests from the folders; `closing` says that the server is about to end."""

    def __init__(self, folders: Folders, closing: Callable[[], bool]) -> None:
        self._folders = folders
        self._closing = closing
        self._samples = SampleIndexes()

    def index(self, request: Request) -> HTMLResponse:
        """All that lies below the folders."""
        entries = [entry_of(place) for place in self._folders.places()]
        entries.sort(key=lambda each: each.summary.started, reverse=True)
        names = dict.fromkeys(
            score.name
            for each in entries
            if each.place.kind == "run"
            for score in each.summary.scores
        )
        fields = {
            "entries": entries,
            "benchmarks": list(names),
            "tags": sorted({tag for each in entries for tag in each.summary.tags}),
            "scripts": ("words.js", "index.js"),
        }
        return page(request, "index.html", **fields)

    def place(self, request: Request) -> Response:
        """One result."""
        return place_page(request, self._find(request))

    def leaderboard(self, request: Request) -> HTMLResponse:
        """The runs ranked by benchmark."""
        boards = leaderboards(self._folders.places())
        return page(request, "leaderboard.html", boards=boards)

    def compare(self, request: Request) -> HTMLResponse:
        """Runs compared with the first of them."""
        ids = list(dict.fromkeys(request.query_params.getlist("run")))
        force = request.query_params.get("force") == "1"
        places = [self._run(id) for id in ids]
        try:
            if len(places) < 2:
                raise UsageError(N_("a comparison needs two runs or more: tick them in the list"))
            versions = tuple(changed(place.path) for place in places)
            found = compared(tuple(place.path for place in places), versions, force)
        except UnlikeRuns as error:
            again = f"/compare?{urlencode([*(('run', id) for id in ids), ('force', '1')])}"
            return page(request, "fault.html", line=error.line, again=again)
        bases = [(place, self._with_base(ids, place.id)) for place in places]
        pages = [f"/result/{place.id}" for place in places]
        return of_comparison(request, found, bases, pages)

    def _with_base(self, ids: list[str], base: str) -> str:
        """The address of the same comparison with another base."""
        rest = [id for id in ids if id != base]
        return f"/compare?{urlencode([('run', id) for id in (base, *rest)])}"

    def live(self, request: Request) -> HTMLResponse:
        """The page that follows a run."""
        place = self._find(request)
        info = read_run(place.path)
        scales = {name: of.scale for name, of in info.benchmarks.items()}
        fields = {
            "place": place,
            "info": info,
            "scales": scales,
            "scripts": ("words.js", "live.js"),
        }
        return page(request, "live.html", **fields)

    def events(self, request: Request) -> StreamingResponse:
        """How far a run is, as server-sent events, until it has ended."""
        follower = Follower(self._find(request).path)
        return StreamingResponse(self._progress(request, follower), media_type="text/event-stream")

    async def _progress(self, request: Request, follower: Follower) -> AsyncIterator[bytes]:
        while not self._closing():
            try:
                progress = await run_in_threadpool(follower.look)
            except (EvaluatorError, OSError) as error:
                yield b"event: fault\ndata: %b\n\n" % orjson.dumps(told(request, error))
                return
            yield b"data: %b\n\n" % orjson.dumps(progress)
            if progress["ended"]:
                return
            await sleep(LOOK_EVERY)

    def samples(self, request: Request) -> Response:
        """What the list of a run's samples asks for, as JSON; what is wrong stands in `error`."""
        place, given = self._find(request), request.query_params
        try:
            scales = {name: of.scale for name, of in read_run(place.path).benchmarks.items()}
            index, share = self._samples.of(place.path, scales, SLICE)
            if share < 1:
                answer: dict[str, object] = {"reading": share}  # to be asked again
            else:
                action = request.path_params["action"]
                answer = answered(index, action, filter_of(given), given.get("at", ""))
        except (EvaluatorError, OSError) as error:
            answer = {"error": told(request, error)}
        return Response(orjson.dumps(answer), media_type="application/json")

    def asset(self, request: Request) -> Response:
        """A script or the style."""
        try:
            content, kind = asset(request.path_params["name"])
        except FileNotFoundError as error:
            raise HTTPException(404) from error
        return Response(content, media_type=kind, headers={"cache-control": "max-age=60"})

    def _find(self, request: Request) -> Place:
        try:
            return self._folders.find(request.path_params["id"])
        except (KeyError, FileNotFoundError) as error:
            raise HTTPException(404) from error

    def _run(self, id: str) -> Place:
        try:
            place = self._folders.find(id)
        except (KeyError, FileNotFoundError) as error:
            raise HTTPException(404) from error
        if place.kind != "run":
            raise UsageError(N_("{name} is no run: only runs are compared", name=place.name))
        return place


@lru_cache(maxsize=16)
def compared(paths: tuple[Path, ...], _: tuple[float, ...], force: bool) -> Comparison:
    """The comparison of runs with the first one, made once.  Raises EvaluatorError."""
    try:
        return compare(paths[0], paths[1:], force)
    except (ArithmeticError, LookupError) as error:
        raise DataError(
            N_("the files of these runs do not fit together: {error!r}", error=error)
        ) from error


def told(request: Request, error: Exception) -> str:
    """What is wrong, in the language of the pages."""
    return harmless(catalogue(request.app.state.language).say(message_of(error)))


def fault(request: Request, error: Exception) -> HTMLResponse:
    """A page that says in a line what is wrong."""
    if not isinstance(error, HTTPException):
        return page(request, "fault.html", line=told(request, error), again="")
    line = N_("There is nothing at this address; what was there may have been moved.")
    answer = page(request, "fault.html", line=line, again="")
    answer.status_code = error.status_code
    return answer
