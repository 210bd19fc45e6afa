"""One run from start to end: plan, measure, report.  However it ends, its folder says how far."""

from collections.abc import Coroutine, Sequence
from typing import Any

from rich.console import Console

from evaluator.dashboard.fetching import fetching
from evaluator.engine.stopping import run_stoppable, stopped_by_signals
from evaluator.engine.task import Task
from evaluator.errors import EvaluatorError, Interrupted, ServerError
from evaluator.journal import Journal
from evaluator.judging.verdict_files import VerdictFiles
from evaluator.locale import N_, speaking
from evaluator.options.endpoints import tell_unneeded
from evaluator.options.settings import Settings
from evaluator.report.build import Summarizers
from evaluator.report.terminal import plain_text
from evaluator.report.warnings import before_asking
from evaluator.results.report import RunReport
from evaluator.results.run import RunInfo
from evaluator.runs import noise
from evaluator.runs.choice import choose
from evaluator.runs.clients.limits import check_clients
from evaluator.runs.connect import Connect, check_keys, pools, prove_model
from evaluator.runs.description import description
from evaluator.runs.folder import Folder
from evaluator.runs.plan import plan, reads_hub
from evaluator.runs.proof import Proof
from evaluator.runs.reporting import write_report
from evaluator.runs.session import Session


def run(settings: Settings, console: Console) -> RunReport:
    """Measures what the settings ask for and returns the report.

    Raises EvaluatorError, also on SIGINT and SIGTERM; what was answered until then is in the
    journal, and the report of it beside.
    """
    choose(settings)  # mistakes in the command come first
    check_clients(settings)
    proofs = prove_model(settings) if reads_hub(settings) else []  # costs less than the data do
    with fetching(console, settings.progress) as watch:
        tasks = plan(settings, watch=watch)
    Folder(settings.out).check(description(settings, tasks))
    roles = {role for task in tasks for role in task.roles}
    try:
        report = execute(settings, tasks, lambda: pools(settings, roles), console, proofs)
    except ServerError:
        check_keys(settings, roles)  # before a server is started for what a replay did not answer
        tell_unneeded(roles)
        raise
    if settings.noise_floor and report.serving.concurrency:
        run(noise.again(settings, report.serving.concurrency.slots), console)
    return report


def execute(
    settings: Settings,
    tasks: Sequence[Task],
    connect: Connect,
    console: Console,
    proofs: Sequence[Proof] = (),
) -> RunReport:
    """Runs the work against the pools that `connect` makes, and writes the run's folder.

    `proofs` are what endpoints have shown already.
    """
    verdicts = VerdictFiles(tasks, settings.model)
    folder = Folder(settings.out)
    with (
        speaking(settings.lang),  # to whoever called it from Python, too
        stopped_by_signals(),  # the report, too, is written to its end
        folder.unless_unused(),
        Journal(folder.files.responses, settings.reuse) as journal,
    ):
        for shard in folder.files.journals[1:]:  # of clients whose run was killed
            journal.absorb(shard)
        info = folder.joined(description(settings, tasks))
        show_cautions(info, tasks, console)
        session = Session(settings, tasks, folder, journal, info, console, proofs)
        error = ended(session.run(connect, verdicts), journal, folder)
        if error and not session.began:
            raise error  # what the folder holds stands
        info = session.info if session.info.requests else folder.with_last_serving(session.info)
        try:
            folder.write_run(info)
            verdicts.write(folder.path)
            report = write_report(folder.path, summarizers(tasks), info, settings.lang)
            folder.keep_totals(info, report)
        except OSError as unwritable:
            raise (error or folder.unwritable(unwritable)) from unwritable
        if error:
            raise error
    return report


def show_cautions(info: RunInfo, tasks: Sequence[Task], console: Console) -> None:
    """Says what can be said against the way in which a benchmark is asked, before it is."""
    for name in (task.benchmark.name for task in tasks):
        of = info.benchmarks[name]
        for caution in before_asking(of.deviations, of.repeats, of.params):
            console.print(plain_text(f"{name}: {caution}", "yellow"))


def summarizers(tasks: Sequence[Task]) -> Summarizers:
    """Of each benchmark at hand, what makes its own totals."""
    return {task.benchmark.name: task.benchmark.summarize for task in tasks}


def ended(
    measuring: Coroutine[Any, Any, None], journal: Journal, folder: Folder
) -> EvaluatorError | None:
    """Runs one session; the error that ended it early, where one did."""
    try:
        run_stoppable(measuring)
    except KeyboardInterrupt:
        return Interrupted(
            N_(
                "interrupted; the {count} {count:answer|answers} so far {count:is|are} safe in "
                "{path!r}",
                count=len(journal),
                path=str(folder.path),
            )
        )
    except EvaluatorError as error:
        return error
    except OSError as error:
        return folder.unwritable(error)
    return None


def exit_code(report: RunReport, settings: Settings) -> int:
    """0 when all was measured, 1 when more samples were not than the settings allow.

    Only of this session's benchmarks: the folder may hold others.
    """
    ran = {*settings.benchmarks, *(f"audit:{name}" for name in settings.benchmarks)}
    results = [result for name, result in report.benchmarks.items() if name in ran]
    allowed = settings.errors_allowed(sum(each.planned for each in results)) or 0
    unmeasured = sum(
        each.errors + each.judge_unparsed + each.planned - each.samples for each in results
    )
    return int(unmeasured > allowed)
