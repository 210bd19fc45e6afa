"""Makes one environment: checks its state, the disk and the wheels, then installs."""

import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from .. import gpus
from ..errors import Interrupted, LaunchError, StartError, UsageError
from ..locale import N_, said, speak
from . import disk, indexes, installers, state, wheels
from .environments import ENVIRONMENTS, GPU, PROJECT
from .lock import locked
from .pythons import MARKER, Arguments
from .tries import Failure, Try, reason, refusal, tries
from .work import Work, base

KEPT_LINES = 200


def main(arguments: Arguments, root: Path) -> int:
    speak(())
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    environment = ENVIRONMENTS[arguments.environment]
    try:
        _install(Work(environment, arguments, root))
    except Interrupted as error:
        say(
            N_(
                "{error}; the same command installs {title} again",
                error=error.message,
                title=environment.title,
            )
        )
        return error.exit_code
    except LaunchError as error:
        say(error.message)
        return error.exit_code
    except OSError as error:
        say(
            N_(
                "{title} cannot be installed in {root!r}: {error}",
                title=environment.title,
                root=str(root),
                error=error,
            )
        )
        return StartError.exit_code
    return 0


def _install(work: Work) -> None:
    if work.state().verdict == "ready":
        return
    look_ahead(work)
    if work.arguments.check:
        return
    name = work.environment.folder
    lock = work.root / ".cache" / "install" / f"{name}.lock"
    with locked(
        lock, lambda: say(N_("another make is installing into {name}; waiting ...", name=name))
    ) as held:
        now = work.state()
        if now.verdict != "ready":  # else the other one did it
            _install_now(work, now, held)


def look_ahead(work: Work) -> None:
    """Raises what would prevent the installation, before anything is downloaded."""
    environment = work.environment
    if sys.platform == "win32" or environment.has_vllm:
        if problem := wheels.no_wheel(wheels.this_platform()):
            raise UsageError(problem)
    if environment is GPU:
        cards = gpus.installed_gpus()
        gpus.named_gpus(work.arguments.gpus, gpus.granted_gpus(os.environ, cards))
        if problem := wheels.unsuitable(cards or ()):
            raise UsageError(problem)
    needs = [disk.Need(work.folder, environment.disk, N_("for {what}", what=environment.title))]
    if work.installer().name == "pip":  # uv unpacks into its cache, and links from there
        temporary = Path(tempfile.gettempdir())
        needs.append(disk.Need(temporary, environment.download, N_("for what is downloaded")))
    if work.arguments.check and environment.has_vllm:
        needs.append(
            disk.Need(
                work.root / PROJECT.folder, PROJECT.disk, N_("for {what}", what=PROJECT.title)
            )
        )
    if problem := disk.shortage(needs, disk.space, disk.size(work.folder)):
        raise StartError(
            N_(
                "the disk is too full: {problem}; free some, or move this folder to a larger "
                "disk (TMPDIR moves what is downloaded)",
                problem=problem,
            )
        )


def _install_now(work: Work, now: state.State, held: int) -> None:
    environment, installer = work.environment, work.installer()
    if work.arguments.remark:
        say(work.arguments.remark)
    if now.reason:
        told = N_("{folder} is made anew: {reason}")
        if now.verdict == "outdated":
            told = N_("{folder} is brought up to date: {reason}")
        say(N_(told, folder=environment.folder, reason=now.reason))
    pip = installer.name == "pip"
    duration = environment.duration if pip else N_("under a minute where the network is fast")
    say(
        N_(
            "Installing {title} into {folder} with {name}: {disk:g} GB on disk, about "
            "{download:g} GB to download, {duration} ...",
            title=environment.title,
            folder=environment.folder,
            name=installer.name,
            disk=environment.disk,
            download=environment.download,
            duration=duration,
        )
    )
    wanted, before = work.wanted(), state.read(work.folder)
    (work.folder / MARKER).unlink(missing_ok=True)
    if now.verdict == "outdated" and before:  # it keeps its Python
        wanted = replace(before, requirements=wanted.requirements)
    else:
        _run_or_stop(installer.make(base()), work, held)
    _try_all(work, installer, held)
    if environment.unwanted:
        _run_or_stop(installer.uninstall(environment.unwanted), work, held)
    if environment.compiled:
        compile_all = [installer.python, "-m", "compileall", "-q", *environment.compiled]
        _run_or_stop(compile_all, work, held)
    state.write(work.folder, wanted)


def _try_all(work: Work, installer: installers.Installer, held: int) -> None:
    index = work.arguments.torch_index
    failures: list[Failure] = []
    plan = tries(work.environment, installer, index)
    for one in plan:
        if failures:
            before = failures[-1]
            say(
                N_(
                    "not {title} ({reason}); now {next} ...",
                    title=before.title,
                    reason=before.reason,
                    next=one.title,
                )
            )
        why = _tried(one, work, installer, held, last=one is plan[-1])
        if why is None:
            return
        failures.append(Failure(one.title, why))
    raise StartError(refusal(work.environment, installer, index, failures))


def _tried(
    one: Try, work: Work, installer: installers.Installer, held: int, last: bool
) -> str | None:
    """Why this try failed; None if it did not."""
    if one.index and (problem := indexes.unreachable(one.index)):
        return problem
    words = installer.install(work.environment, one.options)
    code, errors = _run(words, work, held, shows_errors=last)
    return reason(errors) if code else None


def _run_or_stop(words: Sequence[str], work: Work, held: int) -> None:
    code, errors = _run(words, work, held)
    if code:
        raise StartError(
            N_(
                "{title} was not installed: `{words}` ended with exit code {code}, {reason}",
                title=work.environment.title,
                words=" ".join(words),
                code=code,
                reason=reason(errors),
            )
        )


def _run(
    words: Sequence[str], work: Work, held: int, shows_errors: bool = True
) -> tuple[int, list[str]]:
    """The exit code and the end of the standard error, which is shown as well.

    Without `shows_errors`, errors are not shown: a later attempt may succeed.
    """
    environment = installers.environment_of(work.installer(), os.environ)
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    shown = True
    process = subprocess.Popen(
        words,
        cwd=work.root,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        pass_fds=(held,),
    )
    with process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                kept.append(line)
                shown = shown and (shows_errors or not line.lower().startswith("error:"))
                if shown:
                    sys.stderr.write(line)
        except BaseException:  # it must not outlive us
            process.terminate()
            raise
    return process.returncode, list(kept)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def say(line: str) -> None:
    sys.stderr.write(f"{said(line)}\n")
    sys.stderr.flush()
