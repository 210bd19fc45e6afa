"""What a model's program may do, and what it cannot."""

import asyncio
import os
import platform
import shutil
import socket
from pathlib import Path

import psutil
import pytest

from evaluator.errors import RequestError, UsageError
from evaluator.sandbox import ProgramLimits, Sandbox
from evaluator.sandbox.calls import REFUSED, filter_of
from evaluator.sandbox.sandbox import ended
from tests.sandbox.programs import HARMFUL, needs_sandbox
from tests.waiting import wait_until

SHORT = ProgramLimits(cpu=1, clock=4.0)


def ran(*programs: str) -> tuple[bool, str]:
    end = asyncio.run(Sandbox(SHORT).run(programs))
    return end.passed, end.said


@needs_sandbox
@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_program_fails_and_harms_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "sk-secret")
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = HARMFUL[name].replace("OUTSIDE", str(outside)).replace("PID", str(os.getpid()))
        passed, said = ran(program.replace("PORT", str(server.getsockname()[1])))

    assert not passed
    assert said
    assert outside.read_text() == "untouched"
    assert not psutil.Process().children(recursive=True)


@needs_sandbox
def test_a_program_may_compute_and_write_into_its_folder() -> None:
    assert ran("open('notes', 'w').write('x')\nassert open('notes').read() == 'x'") == (True, "")
    assert ran("import numpy\nassert numpy.ones((9, 9)).dot(numpy.ones(9))[0] == 9") == (True, "")
    assert ran("import tempfile\ntempfile.TemporaryFile().write(b'x')") == (True, "")


@needs_sandbox
def test_the_first_program_that_compiles_is_run() -> None:
    assert ran("def f(:", "assert 1 == 1") == (True, "")
    assert ran("assert 1 == 2, 'unequal'", "assert 1 == 1") == (False, "AssertionError: unequal")
    assert ran("def f(:", "also none")[1].startswith("SyntaxError")


@needs_sandbox
def test_the_loop_goes_on_while_programs_run() -> None:
    async def ticks() -> int:
        counted = 0
        running = asyncio.gather(*(Sandbox(SHORT).run(["while True: pass"]) for _ in range(3)))
        while not running.done():
            await asyncio.sleep(0.01)
            counted += 1
        return counted

    assert asyncio.run(ticks()) > 20


@needs_sandbox
def test_no_program_is_waited_for_that_left_its_pipe_full() -> None:
    """What was read of it is enough; the rest is in the pipe when it is ended."""

    async def floods() -> list[bool]:
        sandbox = Sandbox(SHORT, asyncio.Semaphore(8))
        async with asyncio.timeout(60):
            running = (sandbox.run([HARMFUL["a flood into every file"]]) for _ in range(16))
            return [each.passed for each in await asyncio.gather(*running)]

    assert asyncio.run(floods()) == [False] * 16


@needs_sandbox
def test_a_program_of_a_run_that_is_given_up_is_ended() -> None:
    async def given_up() -> None:
        running = asyncio.create_task(Sandbox().run(["import time\ntime.sleep(1000)"]))
        await asyncio.sleep(0.5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(given_up())
    wait_until(lambda: not psutil.Process().children(recursive=True))


def test_a_sandbox_that_never_began_is_no_fault_of_the_program() -> None:
    with pytest.raises(RequestError, match="No permissions"):
        ended("bwrap: No permissions to create new namespace", "t", True)


def test_a_program_that_writes_what_it_should_not_has_not_passed() -> None:
    assert not ended('begun\nguess ""\n', "token", True).passed
    assert ended('begun\ntoken ""\n', "token", True).passed


def test_a_machine_without_bubblewrap_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(UsageError, match="apt install bubblewrap"):
        Sandbox().check()


@needs_sandbox
def test_a_processor_whose_calls_are_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(UsageError, match="processor"):
        Sandbox().check()


@needs_sandbox
def test_a_sandbox_that_shuts_nothing_off_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho No permissions to create new namespace\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(UsageError, match=r"No permissions.*user namespaces"):
        Sandbox().check()


@pytest.mark.parametrize("machine", REFUSED)
def test_the_filter_has_a_line_for_every_call(machine: str) -> None:
    lines = filter_of(machine) or b""

    assert len(lines) == 8 * (len(REFUSED[machine][1]) + 8)
    assert filter_of("riscv64") is None
