"""`evaluator view`: the results below some folders in a browser."""

from functools import partial

from evaluator.cli.command import Given, command
from evaluator.errors import UsageError
from evaluator.locale import N_, language, said
from evaluator.options.complaints import read
from evaluator.options.results_commands import ViewOptions

SHORTEST = 16  # characters of a token: fewer could be guessed


def view(given: Given) -> None:
    """Serves the folders until Ctrl-C."""
    from evaluator.viewer.serve import serve

    options = read(ViewOptions, given)
    token = secret(options.token)
    said_in = language(options.lang)
    shown = partial(show, opened=options.open)
    serve(options.runs, options.host, options.port, token, said_in, shown)


def secret(given: str | None) -> str:
    """The token, a new one for `auto`.  Raises UsageError for one that could be guessed."""
    from secrets import token_urlsafe

    if given == "auto":
        return token_urlsafe(24)
    if given is not None and len(given) < SHORTEST:
        raise UsageError(
            N_(
                "--token: {count} {count:character|characters} could be guessed; give {shortest} "
                "or more, or auto",
                count=len(given),
                shortest=SHORTEST,
            )
        )
    return given or ""


def show(url: str, opened: bool) -> None:
    """Prints the address as a link, and opens it where that is wanted."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(url, f"bold link {url}"), soft_wrap=True)
    console.print(said(N_("Ctrl-C ends the viewer.")), style="dim")
    if opened:
        import webbrowser

        webbrowser.open(url)


app = command("view", view, ViewOptions)
