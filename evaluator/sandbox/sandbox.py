"""Programs of models, each in a process of its own that sees nothing of the machine.

bubblewrap gives it namespaces: no network, no other processes, the interpreter's files to read and
an empty folder in memory to write. Limits hold its time, memory and files, and a filter of calls
keeps it to one process. Without bubblewrap nothing is run.
"""

import asyncio
import json
import os
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from subprocess import PIPE, STDOUT

from evaluator.errors import RequestError, UsageError
from evaluator.locale import N_
from evaluator.sandbox.calls import filter_of

PROGRAM = Path(__file__).with_name("program.py")
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")
MOST_SAID = 4096  # bytes that are read of what comes back
FOLDER = "/scratch"  # the only place where a program may write
VARIABLES = {
    **dict.fromkeys(("HOME", "TMPDIR"), FOLDER),
    **{"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
}


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """What a program may take: seconds of CPU and of the clock, bytes, files.

    The clock's is long, since a busy machine is no fault of a program.
    """

    cpu: int = 10
    clock: float = 60.0
    memory: int = 1 << 30
    folder: int = 64 << 20
    files: int = 64

    def of_process(self) -> dict[str, int]:
        """The limits of the process, by the kernel's names."""
        return {
            "RLIMIT_CPU": self.cpu,
            "RLIMIT_AS": self.memory,
            "RLIMIT_FSIZE": self.folder,
            "RLIMIT_NOFILE": self.files,
            "RLIMIT_CORE": 0,
        }


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How a program ended: whether it came to its end, and what stopped it where it did not."""

    passed: bool
    said: str = ""


@dataclass(slots=True)
class Sandbox:
    """Runs programs, as many at a time as there are processors."""

    limits: ProgramLimits = field(default_factory=ProgramLimits)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))

    def check(self) -> None:
        """Runs a program that does nothing.  Raises UsageError where this machine cannot."""
        if sys.platform != "linux" or not shutil.which("bwrap"):
            raise UsageError(
                N_(
                    "--allow-code: code runs in bubblewrap alone, which is not on this machine; on "
                    "Linux install it (apt install bubblewrap), or score the replies where it is"
                )
            )
        if filter_of() is None:
            raise UsageError(
                N_(
                    "--allow-code: this machine's processor is not x86-64 or ARM64, so programs "
                    "cannot be held to one process; score the replies on one that is"
                )
            )
        try:
            with ThreadPoolExecutor(1) as apart:  # a notebook has a loop of its own running
                ended = apart.submit(asyncio.run, Sandbox(self.limits).run(["pass"])).result()
        except RequestError as error:
            raise UsageError(
                N_(
                    "--allow-code: nothing can be shut off on this machine: {error}; a container "
                    "needs user namespaces for it, or score the replies elsewhere",
                    error=error,
                )
            ) from error
        if not ended.passed:
            raise UsageError(
                N_("--allow-code: the sandbox stops every program: {said}", said=ended.said)
            )

    async def run(self, programs: Sequence[str]) -> ProgramEnd:
        """Runs the first of the programs that compiles.

        Raises RequestError where none could be begun, which is no fault of the program.
        """
        async with self.room:
            return await self._run(programs)

    async def _run(self, programs: Sequence[str]) -> ProgramEnd:
        token = secrets.token_hex(16)
        given = {
            "programs": list(programs),
            "limits": self.limits.of_process(),
            "packages": packages(),
            "token": token,
        }
        loop = asyncio.get_running_loop()
        with call_filter() as calls:
            transport, output = await loop.subprocess_exec(
                Output,
                *command(calls, self.limits.folder),
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                pass_fds=(calls,),
                start_new_session=True,
            )
        in_time = True
        try:
            hand_over(transport, json.dumps(given).encode())
            async with asyncio.timeout(self.limits.clock):
                await output.whole.wait()
        except TimeoutError:
            in_time = False
        finally:
            await end(transport, output)
        return ended(output.said.decode(errors="replace"), token, in_time)


class Output(asyncio.SubprocessProtocol):
    """What comes back of a program, up to a limit; `whole` once that is all, or the limit is met.

    What a flood leaves in the pipe is read by nobody, and so nobody may wait for the pipe's end.
    """

    def __init__(self) -> None:
        self.said = b""
        self.whole = asyncio.Event()
        self.exited = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.said += data[: MOST_SAID - len(self.said)]
        if len(self.said) == MOST_SAID:
            self.whole.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self.whole.set()

    def process_exited(self) -> None:
        self.exited.set()


def ended(said: str, token: str, in_time: bool) -> ProgramEnd:
    """What came of a program, from what was said on its behalf."""
    if not in_time:
        return ProgramEnd(False, "the program did not come to its end in time")
    begun, _, rest = said.partition("\n")
    if begun != "begun":
        raise RequestError(f"the sandbox failed: {said.strip()[-300:] or 'it said nothing'}")
    first, _, error = rest.partition(" ")
    if first != token:
        return ProgramEnd(
            False, "the program was stopped: it took too much time or memory, or exited"
        )
    stopped = str(json.loads(error))
    return ProgramEnd(not stopped, stopped)


def hand_over(transport: asyncio.SubprocessTransport, given: bytes) -> None:
    """Writes what is to run; a sandbox that failed does not read it."""
    pipe = transport.get_pipe_transport(0)
    assert isinstance(pipe, asyncio.WriteTransport)
    pipe.write(given)
    pipe.close()


async def end(transport: asyncio.SubprocessTransport, output: Output) -> None:
    """Ends bubblewrap, and with it the kernel all that is in its namespace."""
    if transport.get_returncode() is None:
        with suppress(ProcessLookupError):
            os.kill(transport.get_pid(), SIGKILL)  # its own `kill` would reap it, as the loop does
    try:
        await output.exited.wait()
    finally:
        transport.close()


@contextmanager
def call_filter() -> Iterator[int]:
    """A file descriptor to read the filter of calls from, once."""
    calls = os.memfd_create("calls")
    try:
        os.write(calls, filter_of() or b"")
        os.lseek(calls, 0, os.SEEK_SET)
        yield calls
    finally:
        os.close(calls)


def command(calls: int, folder: int) -> list[str]:
    """The command line: an interpreter that reads what to run from its input."""
    visible = [word for path in seen() for word in ("--ro-bind-try", path, path)]
    variables = [word for name, value in VARIABLES.items() for word in ("--setenv", name, value)]
    return [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--cap-drop", "ALL", "--dev", "/dev", *visible),
        *("--size", str(folder), "--tmpfs", FOLDER, "--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", FOLDER, *variables),
        *("--seccomp", str(calls), "--"),
        *(interpreter(), "-I", "-S", "-B", "-c", PROGRAM.read_text(encoding="utf-8")),
    ]


def seen() -> list[str]:
    """What a program may read: the interpreter, its libraries and installed packages."""
    base = Path(interpreter()).parents[1]
    own = [str(base)] if base != Path("/") else []
    return [*SYSTEM, *own, *packages()]


def interpreter() -> str:
    """The interpreter itself, and not an environment's link to it."""
    return str(Path(sys.executable).resolve())


def packages() -> list[str]:
    """Folders of installed packages, numpy among them."""
    return list(dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib")))
