"""Makes one environment: checks its state, the disk and the wheels, then installs."""

import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from .. import gpus
from ..errors import Interrupted, LaunchError, StartError, UsageError
from . import disk, indexes, installers, state, wheels
from .environments import ENVIRONMENTS, GPU, PROJECT, Environment, digest
from .lock import locked
from .pythons import MARKER, Arguments, lacking
from .tries import Failure, Try, reason, refusal, tries

KEPT_LINES = 200


def main(arguments: Arguments, root: Path) -> int:
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    environment = ENVIRONMENTS[arguments.environment]
    try:
        _install(Work(environment, arguments, root))
    except Interrupted as error:
        say(f"{error}; the same command installs {environment.title} again")
        return error.exit_code
    except LaunchError as error:
        say(str(error))
        return error.exit_code
    except OSError as error:
        say(f"{environment.title} cannot be installed in {str(root)!r}: {error}")
        return StartError.exit_code
    return 0


@dataclass(frozen=True, slots=True)
class Work:
    environment: Environment
    arguments: Arguments
    root: Path

    @property
    def folder(self) -> Path:
        return self.root / self.environment.folder

    def installer(self) -> installers.Installer:
        return installers.choose(self.arguments.installer, lacking(), self.folder)

    def wanted(self) -> state.Marker:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        requirements = digest(self.environment, self.root)
        name = self.installer().name
        return state.Marker(str(self.folder), version, _base(), name, requirements)

    def state(self) -> state.State:
        wanted = self.wanted()
        if not self.arguments.named:  # then any Python will do that it was made with
            wanted = replace(wanted, python="")
        found = state.read(self.folder)
        runs = state.version_of(self.folder / "bin" / "python") if found else None
        exists = self.folder.exists() and any(self.folder.iterdir())
        return state.judged(found, exists, runs, wanted)


def _install(work: Work) -> None:
    if work.state().verdict == "ready":
        return
    look_ahead(work)
    if work.arguments.check:
        return
    name = work.environment.folder
    lock = work.root / ".cache" / "install" / f"{name}.lock"
    with locked(lock, lambda: say(f"another make is installing into {name}; waiting ...")) as held:
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
    needs = [disk.Need(work.folder, environment.disk, f"for {environment.title}")]
    if work.installer().name == "pip":  # uv unpacks into its cache, and links from there
        temporary = Path(tempfile.gettempdir())
        needs.append(disk.Need(temporary, environment.download, "for what is downloaded"))
    if work.arguments.check and environment.has_vllm:
        needs.append(disk.Need(work.root / PROJECT.folder, PROJECT.disk, f"for {PROJECT.title}"))
    if problem := disk.shortage(needs, disk.space, disk.size(work.folder)):
        raise StartError(
            f"the disk is too full: {problem}; free some, or move this folder to a larger disk "
            "(TMPDIR moves what is downloaded)"
        )


def _install_now(work: Work, now: state.State, held: int) -> None:
    environment, installer = work.environment, work.installer()
    if work.arguments.remark:
        say(work.arguments.remark)
    if now.reason:
        verb = "brought up to date" if now.verdict == "outdated" else "made anew"
        say(f"{environment.folder} is {verb}: {now.reason}")
    pip = installer.name == "pip"
    duration = environment.duration if pip else "under a minute where the network is fast"
    say(
        f"Installing {environment.title} into {environment.folder} with {installer.name}: "
        f"{environment.disk:g} GB on disk, about {environment.download:g} GB to download, "
        f"{duration} ..."
    )
    wanted, before = work.wanted(), state.read(work.folder)
    (work.folder / MARKER).unlink(missing_ok=True)
    if now.verdict == "outdated" and before:  # it keeps its Python
        wanted = replace(before, requirements=wanted.requirements)
    else:
        _run_or_stop(installer.make(_base()), work, held)
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
            say(f"not {before.title} ({before.reason}); now {one.title} ...")
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
            f"{work.environment.title} was not installed: `{' '.join(words)}` ended with exit "
            f"code {code}, {reason(errors)}"
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


def _base() -> str:
    """This Python; in a virtual environment, the one that it was made with."""
    inner = Path(sys.prefix) != Path(sys.base_prefix)
    base: str = getattr(sys, "_base_executable", "") if inner else sys.executable
    return base or sys.executable


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
