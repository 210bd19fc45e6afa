"""The command line: reads options and prints results; the work is done elsewhere.

One module a command; each is imported only when it is called, so that --help is quick.
"""

import gc
import shlex
import signal
import sys
from functools import cache

import cyclopts

from evaluator.cli.mistakes import mistake, value_after
from evaluator.cli.panels import Panels, usage_line
from evaluator.cli.shared import tell
from evaluator.cli.streams import lasting_streams
from evaluator.errors import EvaluatorError, Interrupted, UsageError, did_you_mean
from evaluator.locale import N_, said, speak

COMMANDS = {
    "run": N_("Evaluate a model on benchmarks. Running the same command again resumes it."),
    "score": N_(
        "Score recorded replies, or a judge's recorded verdicts, without any server.\n\n"
        "An id of a reply is a sample's, or its row number."
    ),
    "report": N_("Make a run's report again from its files, and show it."),
    "show": N_(
        "Show a run's samples: question, reply, what was read in it, and what it was worth."
    ),
    "track": N_("Send a finished run to wandb, MLflow, SwanLab or TensorBoard."),
    "view": N_("Show results in a browser: runs, samples, comparisons, runs that are going on."),
    "arena": N_("Judge the answers of runs in pairs, and rate the models. Needs only a judge."),
    "compare": N_(
        "Compare runs with a base, sample by sample: what was gained, what was forgotten."
    ),
    "gate": N_(
        "Say whether a run passes: exit code 0 if so, 1 if not, 4 where there is no telling."
    ),
    "table": N_("Show runs side by side, with intervals, and say what differs in their settings."),
    "import": N_("Make a run of what another tool recorded, and score it again where we can."),
    "export": N_("Write a run as csv, parquet, latex, markdown, inspect, lm-eval or model-card."),
    "perf": N_("Measure how fast servers serve. With --out, the same command resumes."),
    "plot": N_("Draw a chart of results as SVG, PNG or PDF, for papers and slides."),
    "check": N_(
        "Ask an endpoint what it can do: a dozen small requests.\n\n"
        "Exit code 3 where it answers neither a chat nor a completion."
    ),
    "list": N_("Show the benchmarks."),
    "schema": N_("Print the JSON Schema of a file that a run writes."),
    "data": N_("Data sets: where they come from, and a mirror of them."),
}
# Until Python looks for unreachable ones. Modules and samples last, and looking through them is a
# tenth of the time to the first request.
NEW_OBJECTS = 100_000
MODULES = {"import": "imports"}  # a module cannot be called as the command is


def module_of(name: str) -> str:
    """The module of a command."""
    return f"evaluator.cli.{MODULES.get(name, name)}"


def version() -> str:
    """What --version shows."""
    from importlib.metadata import version

    return f"evaluator {version('evaluator')}"


@cache
def program() -> cyclopts.App:
    """The command line with all its commands, in the language that was set before."""
    made = cyclopts.App(
        name="evaluator",
        help=said(
            N_("Evaluates language models that are served behind an OpenAI-compatible endpoint.")
        ),
        usage=usage_line("COMMAND", "[OPTIONS]"),
        version=version,
        version_flags="--version",
        help_format="plaintext",
        help_formatter=Panels(),
        group_commands=cyclopts.Group(said(N_("Commands"))),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for place, (name, told) in enumerate(COMMANDS.items()):
        made.command(f"{module_of(name)}:app", name=name, help=said(told), sort_key=place)
    made["--help"].help = said(N_("Show this message, or that of a command."))
    made["--version"].help = said(N_("Show the version."))
    made.command(
        "evaluator.cli.completion:install",
        name="--install-completion",
        help=said(N_("Install the completion of words in your shell.")),
    )
    made.default(no_command)
    return made


def no_command() -> int:
    """Shows what there is; a command was expected."""
    program().help_print([])
    return 2


def main() -> None:
    """Runs the command; an EvaluatorError becomes one line and its exit code."""
    gc.set_threshold(NEW_OBJECTS)
    with lasting_streams():
        words = sys.argv[1:]
        speak(value_after("--lang", words) or None)  # of help and of mistakes too
        try:
            code = concluded(words)
        except KeyboardInterrupt:  # outside of a run, or once more while one was brought to its end
            interrupted = N_("interrupted; the same command again goes on")
            tell(N_("error: {error}", error=interrupted), err=True)
            code = Interrupted.exit_code
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is pressed from here on changes no code
    sys.exit(code)


def concluded(words: list[str]) -> int:
    """The exit code of the command, after the line of what ended it, where something did."""
    try:
        return called(words)
    except EvaluatorError as error:
        tell(N_("error: {error}", error=error.message), err=True)
        if isinstance(error, Interrupted):
            from evaluator.options.access import without_secrets

            given = [word for word in words if word not in error.less]
            again = shlex.join(["evaluator", *without_secrets(given), *error.more])
            tell(N_("to go on, run the same command again:\n  {again}", again=again), err=True)
        return error.exit_code


def called(words: list[str]) -> int:
    """The exit code of the command.  Raises EvaluatorError, also for words that are no command."""
    app = program()
    if words and words[0] not in app:
        hint = did_you_mean(words[0], COMMANDS, N_("see {program} --help", program="evaluator"))
        raise UsageError(N_("no command {name!r}; {hint}", name=words[0], hint=hint))
    try:
        return app(words, print_error=False, exit_on_error=False) or 0
    except cyclopts.CycloptsError as error:
        raise mistake(error, words) from None
