"""The viewer as an ASGI application: its addresses, behind its guard."""

from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from evaluator.errors import EvaluatorError
from evaluator.locale import Language
from evaluator.viewer.folders import Folders
from evaluator.viewer.guard import AccessRules, Guard
from evaluator.viewer.views import Views, fault


def application(
    roots: Sequence[Path],
    rules: AccessRules,
    closing: Callable[[], bool] = lambda: False,
    language: Language = "en",
) -> Guard:
    """The viewer of these folders, in a language.  Raises UsageError where one is none."""
    views = Views(Folders(roots), closing)
    routes = [
        Route("/", views.index),
        Route("/result/{id}", views.place),
        Route("/samples/{id}/{action}", views.samples),
        Route("/live/{id}", views.live),
        Route("/events/{id}", views.events),
        Route("/compare", views.compare),
        Route("/leaderboard", views.leaderboard),
        Route("/static/{name}", views.asset),
    ]
    faults = dict.fromkeys((EvaluatorError, OSError, HTTPException), fault)
    app = Starlette(routes=routes, exception_handlers=faults)
    app.state.language = language
    return Guard(app, rules)
