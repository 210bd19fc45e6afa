"""Expressions are compared beside the event loop, with the same result and within a time limit."""

import asyncio
import os
import signal
import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path

import orjson
import pytest

from evaluator.extract import expression_equal, expression_equal_apart
from tests.conftest import Cli

PAIRS = [
    (r"\boxed{2(k+1)}", "2k+2"),
    (r"\boxed{2(k+1)}", "2k+3"),
    (r"\boxed{\frac{1}{2}}", "0.5"),
    ("no answer at all, sorry", "7"),
    (r"\boxed{9^{99999}}", "9^{5}"),
]


def test_the_result_is_the_same_as_in_place() -> None:
    async def apart() -> list[bool]:
        return await asyncio.gather(*(expression_equal_apart(*pair) for pair in PAIRS))

    assert asyncio.run(apart()) == [expression_equal(*pair) for pair in PAIRS]


def test_the_loop_goes_on_meanwhile() -> None:
    async def steps() -> int:
        comparing = asyncio.create_task(expression_equal_apart(r"\boxed{(k-1)^2}", "k^2-2k+1"))
        count = 0
        while not comparing.done():
            await asyncio.sleep(0.001)
            count += 1
        assert comparing.result()
        return count

    assert asyncio.run(steps()) > 1  # in place, the first step would wait for all of it


def test_a_process_that_is_killed_costs_no_comparison() -> None:
    async def apart() -> list[bool]:
        first = await expression_equal_apart(*PAIRS[0])
        for child in active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
        return [first, *await asyncio.gather(*(expression_equal_apart(*PAIRS[0]) for _ in "123"))]

    assert asyncio.run(apart()) == [True] * 4


@pytest.mark.parametrize("ending", ["pass", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_no_process_is_left_behind(ending: str) -> None:
    script = f"""
import asyncio, os, signal, multiprocessing
from evaluator.extract import expression_equal_apart
if __name__ == "__main__":
    assert asyncio.run(expression_equal_apart(r"\\\\boxed{{2(k+1)}}", "2k+2"))
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    {ending}
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    pids = done.stdout.split()

    assert pids, done.stderr
    for pid in pids:
        ended = subprocess.run(["timeout", "20", "tail", f"--pid={pid}", "-f", "/dev/null"])
        assert ended.returncode == 0


def test_recorded_replies_of_math500_are_scored(cli: Cli, tmp_path: Path) -> None:
    lines = [{"id": str(i), "response": r"So \boxed{0.5 \cdot 2 k}."} for i in range(30)]
    (tmp_path / "replies.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    done = cli("score", "math500", "--responses", "replies.jsonl", "--data", "builtin")

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
