"""What the evaluator needs of the system: without Unix's own modules it can be imported and run."""

import subprocess
import sys
from pathlib import Path

from tests.stub import StubServer

WITHOUT = """
import asyncio, sys
from types import ModuleType

for name in ("fcntl", "termios", "pwd", "grp", "resource"):
    sys.modules[name] = None  # importing it is an ImportError, as on Windows
msvcrt = ModuleType("msvcrt")
msvcrt.LK_NBLCK, msvcrt.locking = 2, lambda descriptor, mode, size: None
sys.modules["msvcrt"] = msvcrt


def no_signals(*_: object) -> None:
    raise NotImplementedError


asyncio.BaseEventLoop.add_signal_handler = no_signals
asyncio.SelectorEventLoop.add_signal_handler = no_signals
platform, sys.platform = sys.platform, "win32"
import evaluator.results.lock  # decides by the platform

sys.platform = platform
import evaluator.cli.run, evaluator.cli.compare, evaluator.cli.arena, evaluator.cli.check
import evaluator

report = evaluator.evaluate(
    "arc", model="stub", base_url=sys.argv[1], data="builtin", limit=2, out=sys.argv[2]
)
print(report.benchmarks["arc"].samples)
"""


def test_a_run_needs_no_module_of_unix(stub: StubServer, tmp_path: Path) -> None:
    words = [sys.executable, "-c", WITHOUT, stub.base_url, str(tmp_path / "r")]
    done = subprocess.run(words, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "2\n"
