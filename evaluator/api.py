"""The evaluator from Python: in scripts, in notebooks, and beside other work in an event loop.

Options have the names that they have on the command line, with `_` in place of `-`; docs/options.md
lists them. Everything that can go wrong is an EvaluatorError.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from evaluator.engine.stopping import STOP, Stop
from evaluator.errors import UsageError
from evaluator.options.declared import OptionGroup
from evaluator.options.folders import fresh as in_unused_folder
from evaluator.options.given import flat, several, unserved
from evaluator.options.settings import Settings
from evaluator.results.comparison import Comparison
from evaluator.results.report import RunReport
from evaluator.runs.run import run
from evaluator.runs.unused import refuse_ineffective, refuse_unused
from evaluator.types import Benchmark

T = TypeVar("T")
Named = str | Benchmark  # a benchmark by its name, or one of your own


def evaluate(
    benchmarks: Named | Sequence[Named],
    *,
    config: str | Path | None = None,
    fresh: bool = False,
    **options: Any,
) -> RunReport:
    """Measures a model, and returns the report that is also written to the run's folder.

    `model`, `base_url`, `limit`, `out` and all others are the options of `evaluator run`; those of
    the judge are `judge_model=...`, or `judge=JudgeConnection(...)`. The same call again resumes
    the run. `progress` is "none" here unless it is given; what is shown goes to standard error.

    Raises EvaluatorError; on KeyboardInterrupt that is Interrupted, and the answers are kept.
    """
    settings = prepared(benchmarks, config, fresh, options)
    if not loop_is_running():
        return run(settings, Console(stderr=True))
    stop = Stop()
    working = in_thread(lambda: run(settings, Console(stderr=True)), stop)
    try:
        with keyboard_interrupts():
            return working.result()
    except KeyboardInterrupt:
        stop()
        return working.result()  # which raises Interrupted, once the folder is in order


async def evaluate_async(
    benchmarks: Named | Sequence[Named],
    *,
    config: str | Path | None = None,
    fresh: bool = False,
    **options: Any,
) -> RunReport:
    """The same as `evaluate`, beside other work of an event loop.

    Cancelled, it ends the run, whose answers so far are kept, and then raises CancelledError.
    """
    settings = prepared(benchmarks, config, fresh, options)
    stop = Stop()
    working = in_thread(lambda: run(settings, Console(stderr=True)), stop)
    waiting = asyncio.wrap_future(working)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait([waiting])
        waiting.exception()  # Interrupted; whoever cancels knows
        raise


def compare(
    base: str | Path, *others: str | Path, force: bool = False, margin: float = 5.0
) -> Comparison:
    """The comparison of runs with a base, sample by sample; nothing is written.

    `margin` is in points of 100; `force` pairs runs whose settings differ.
    """
    from evaluator.comparison import compare as compared

    return compared(Path(base), list(map(Path, others)), force, margin / 100)


def load_run(folder: str | Path) -> RunReport:
    """The report of a run, made from the files in its folder."""
    from evaluator.report.build import build

    return build(Path(folder))


def prepared(
    benchmarks: Named | Sequence[Named],
    config: str | Path | None,
    fresh: bool,
    options: Mapping[str, Any],
) -> Settings:
    """The settings of the run.  Raises UsageError."""
    listed = [benchmarks] if isinstance(benchmarks, Named) else list(benchmarks)
    own = {each.name: each for each in listed if isinstance(each, Benchmark)}
    keys = {
        **flat({key: as_table(value) for key, value in options.items()}),
        "benchmarks": [each.name if isinstance(each, Benchmark) else each for each in listed],
        "own": own,
    }
    recipe = Path(config) if config else None
    refuse_unused(keys, unserved(keys, recipe), recipe=recipe is not None)
    chosen = several({"progress": "none", **keys}, recipe)
    if len(chosen) > 1:
        names = ", ".join(each.model for each in chosen)
        raise UsageError(f"evaluate() measures one model, and there are {names}; call it for each")
    refuse_ineffective(keys, chosen[0])
    return in_unused_folder(chosen, chosen[0].replay).chosen[0] if fresh else chosen[0]


def as_table(value: Any) -> Any:
    """What was set in options that belong together."""
    return value.given() if isinstance(value, OptionGroup) else value


def in_thread(work: Callable[[], T], stop: Stop) -> Future[T]:
    """Does the work in a thread of its own, with an event loop of its own; `stop` ends it."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()  # from here on only `stop` ends it

    def worker() -> None:
        STOP.set(stop)
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised by result()
            done.set_exception(error)

    threading.Thread(target=copy_context().run, args=(worker,), name="evaluator").start()
    return done


def loop_is_running() -> bool:
    """Whether this thread is in an event loop, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def keyboard_interrupts() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt at once, while an event loop of the caller's stands still.

    asyncio.run would only cancel a task, which cannot end before this returns.
    """
    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    if not here or before in (None, signal.SIG_IGN):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
