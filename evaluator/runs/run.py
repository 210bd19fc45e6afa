"""One run from start to end: plan, measure, report.  However it ends, its folder says how far."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any, BinaryIO

import orjson
from rich.console import Console

from evaluator.client.concurrency import Steering, steer
from evaluator.client.pool import Pool
from evaluator.dashboard.fetching import fetching
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import background, dashboard
from evaluator.engine.engine import Engine
from evaluator.engine.exports import Exports
from evaluator.engine.precision import Precise, counting
from evaluator.engine.stopping import stoppable
from evaluator.engine.work import Work
from evaluator.errors import EvaluatorError, Interrupted, ServerError
from evaluator.journal import Journal
from evaluator.options.settings import Settings
from evaluator.report.build import outcome_record
from evaluator.report.tables import cautions
from evaluator.report.terminal import said
from evaluator.runs.check_identity import check_for
from evaluator.runs.connect import check_keys, check_model, pools
from evaluator.runs.description import description, serving_description
from evaluator.runs.folder import Folder, write_report
from evaluator.runs.noise import again
from evaluator.runs.plan import plan, reads_hub
from evaluator.runs.smoke import smoke
from evaluator.transcripts import NAME
from evaluator.transcripts.write import Transcripts
from evaluator.types import Emit, Event, Outcome, Summarize

FILES = ("outcomes.jsonl", NAME)  # with a line a sample

Connect = Callable[[], Mapping[str, Pool]]  # a pool for each role; made inside the event loop


def run(settings: Settings, console: Console) -> dict[str, Any]:
    """Measures what the settings ask for and returns the report.

    Raises EvaluatorError, also on SIGINT and SIGTERM; what was answered until then is in the
    journal, and the report of it beside.
    """
    if reads_hub(settings):
        check_model(settings)  # costs less than the data do
    with fetching(console, settings.progress) as watch:
        works = plan(settings, watch=watch)
    Folder(settings.out).check(description(settings, works))
    roles = {role for work in works for role in work.benchmark.roles}
    try:
        report = execute(settings, works, lambda: pools(settings, roles), console)
    except ServerError:
        check_keys(settings, roles)  # before a server is started for what a replay did not answer
        raise
    if settings.noise_floor:
        run(again(settings, report["serving"]["concurrency"]["slots"]), console)
    return report


def execute(
    settings: Settings, works: Sequence[Work], connect: Connect, console: Console
) -> dict[str, Any]:
    """Runs the work against the pools that `connect` makes, and writes the run's folder."""
    exports = Exports(works, settings.model)
    with Journal(settings.out / "responses.jsonl", settings.reuse) as journal:
        folder = Folder(settings.out)
        about, again = folder.joined(description(settings, works)), folder.reported
        for work in works:
            name = work.benchmark.name
            for caution in cautions(name, about["benchmarks"][name]):
                console.print(said(caution, "yellow"))
        if not again:
            folder.write_run(about)
            (folder.path / "outcomes.jsonl").touch()  # also when no sample is reached
        measuring = measure(settings, works, exports, connect, journal, folder, about, console)
        ended = session(measuring, journal, folder)
        if ended and again and "client" not in about:
            raise ended  # nothing was begun: what an earlier session found stands
        about |= {} if about["requests"] else folder.session_before()
        try:
            folder.write_run(about)
            exports.write(folder.path)
            report = write_report(folder.path, summarizers(works))
            folder.keep_totals(about, report)
        except OSError as error:
            raise (ended or folder.unwritable(error)) from error
    if ended:
        raise ended
    return report


def summarizers(works: Sequence[Work]) -> dict[str, Summarize | None]:
    """Of each benchmark at hand, what makes its own totals."""
    return {work.benchmark.name: work.benchmark.summarize for work in works}


def session(
    measuring: Coroutine[Any, Any, None], journal: Journal, folder: Folder
) -> EvaluatorError | None:
    """Runs one session; the error that ended it early, where one did."""
    try:
        asyncio.run(measuring)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return Interrupted(
            f"interrupted; the {len(journal)} answers so far are safe in {str(folder.path)!r}"
        )
    except EvaluatorError as error:
        return error
    except OSError as error:
        return folder.unwritable(error)
    return None


async def measure(
    settings: Settings,
    works: Sequence[Work],
    exports: Exports,
    connect: Connect,
    journal: Journal,
    folder: Folder,
    about: dict[str, Any],
    console: Console,
) -> None:
    """Runs the work, and notes in `about` what it took."""
    started = monotonic()
    async with AsyncExitStack() as stack:
        stack.enter_context(stoppable())
        by_role = await connected(connect, stack)
        check = check_for(settings, about["identity"], len(journal))
        await check.all(by_role)
        about["identity"] = check.entries
        for caution in check.cautions:
            console.print(said(caution, "yellow"))
        looked = await first_look(settings, works, by_role, journal, console)
        meter = Meter(
            {work.benchmark.name: work.total for work in works},
            by_role,
            {work.benchmark.name: work.benchmark.scale for work in works},
        )
        folder.write_run(about)
        names = [work.benchmark.name for work in works]
        files = [stack.enter_context(folder.begin(each, names)) for each in FILES]
        emit = emitter(meter, files, folder)
        engine = Engine(
            by_role,
            journal,
            counting(works, emit, meter.shorten),
            settings.errors_allowed(sum(work.total for work in works)),
            sent=looked,
            replayed=-looked,  # they are replayed at once, having been sent by this very run
        )
        every = list(dict.fromkeys(by_role.values()))
        steering = {pool: Steering() for pool in every if pool.steered}
        watching = [meter.watch_servers(), meter.check.watch()]
        watching += [steer(pool, by) for pool, by in steering.items()]
        await stack.enter_async_context(background(*watching))
        await stack.enter_async_context(dashboard(meter, settings.progress, console))
        try:
            await engine.run(exports.works)
        finally:
            for work in works:
                about["benchmarks"][work.benchmark.name]["stopped"] = stopped(work, emit)
            about |= {
                "seconds": monotonic() - started,
                "requests": engine.sent,
                "replayed": engine.replayed,
                **serving_description(every, meter, steering),
            }


async def connected(connect: Connect, stack: AsyncExitStack) -> Mapping[str, Pool]:
    """The pools, each proven to answer, until the stack closes them."""
    by_role = connect()
    for pool in dict.fromkeys(by_role.values()):
        stack.push_async_callback(pool.close)
        await pool.check()
    return by_role


async def first_look(
    settings: Settings,
    works: Sequence[Work],
    by_role: Mapping[str, Pool],
    journal: Journal,
    console: Console,
) -> int:
    """Looks at the first replies of large benchmarks; how many requests that took."""
    if not settings.smoke or settings.replay:
        return 0
    screen = None if settings.progress == "none" else console
    return await smoke(works, by_role, journal, settings.out, screen)


def stopped(work: Work, emit: Emit) -> dict[str, Any] | None:
    """Where the benchmark stopped, being precise enough; else what it still holds is emitted."""
    if not isinstance(precise := work.samples, Precise):
        return None
    for outcome in precise.rest():
        emit(outcome)
    if not precise.stopped:
        return None
    return {"samples": precise.counted, "half_width": precise.half_width, "wanted": precise.wanted}


def emitter(meter: Meter, files: Sequence[BinaryIO], folder: Folder) -> Emit:
    """Events go to the meter, and outcomes to their files as well."""
    made, (outcomes, samples) = Transcripts(), files

    def emit(event: Event) -> None:
        meter(event)
        if isinstance(event, Outcome):
            line = orjson.dumps(outcome_record(event), option=orjson.OPT_APPEND_NEWLINE)
            try:
                outcomes.write(line)
                samples.write(made.lines(event))
            except OSError as error:
                raise folder.unwritable(error) from error

    return emit


def exit_code(report: Mapping[str, Any], settings: Settings) -> int:
    """0 when all was measured, 1 when more samples were not than the settings allow.

    Only of this session's benchmarks: the folder may hold others.
    """
    run = {*settings.benchmarks, *(f"audit:{name}" for name in settings.benchmarks)}
    rows = [row for name, row in report["benchmarks"].items() if name in run]
    allowed = settings.errors_allowed(sum(row["planned"] for row in rows)) or 0
    unmeasured = sum(
        row["errors"] + row["judge_unparsed"] + row["planned"] - row["samples"] for row in rows
    )
    return int(unmeasured > allowed)
