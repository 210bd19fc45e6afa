"""Words of a server, a model or a file reach screens and Markdown as words only."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import dashboard
from evaluator.perf.progress import SweepProgress
from evaluator.report.escaping import harmless
from evaluator.report.markdown import inline
from evaluator.report.tables import Cells
from evaluator.report.terminal import table
from tests.conftest import Cli
from tests.stub import Fault, Reply, StubServer

HOSTILE = "\x1b]0;pwned\x07\x1b[2J\x1b[31mHELLO ![x](http://evil/x.png) [bold]"


def steers(shown: str) -> bool:
    return bool(set(shown) & {"\x1b", "\x07"})


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("中文 ½\n\tnext", "中文 ½\n\tnext"),
        ("\x1b[2J\x9b\r\x00", "\ufffd[2J\ufffd\ufffd\ufffd"),
        ("\u202egnp\u200b\ue000", "\ufffdgnp\ufffd\ufffd"),
    ],
)
def test_control_and_format_characters_are_replaced(words: str, shown: str) -> None:
    assert harmless(words) == shown


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("a | b\nc", "a \\| b c"),
        ("![x](u) [y]", "\\!\\[x\\](u) \\[y\\]"),
        ("\\[x](u) \\|", "\\\\\\[x\\](u) \\\\\\|"),
        ("<img src=x>", "&lt;img src=x>"),
        ("\x1b[2J", "\ufffd\\[2J"),
    ],
)
def test_words_in_markdown_are_no_markdown(words: str, written: str) -> None:
    assert inline(words) == written


def test_an_error_message_cannot_steer_the_reader_of_a_run(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = lambda index, body: Fault(400, message=HOSTILE) if index else None
    words = ("run", "gsm8k", "--model", "stub", "--data", "builtin", "--base-url", stub.base_url)
    done = cli(*words, "--concurrency", 1, "--max-errors", 3, "--out", "r")
    shown = cli("report", "r").stdout
    page = (tmp_path / "r/report.md").read_text()

    assert "error: 4 samples ended as errors" in done.stderr
    for each in (done.stderr, shown, page):
        assert "HELLO" in each
        assert not steers(each)
    assert "![x]" not in page


def test_a_finish_reason_cannot_steer_the_first_look(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    rows = "".join(f'{{"question": "{i} + 1?", "answer": "{i + 1}"}}\n' for i in range(60))
    (tmp_path / "sums.jsonl").write_text(rows)
    stub.reply = Reply(f"Answer: 1 {HOSTILE}", finish_reason=HOSTILE)
    words = ("run", "qa:sums.jsonl", "--model", "stub", "--base-url", stub.base_url, "--out", "r")
    done = cli(*words, "--progress", "plain")
    page = (tmp_path / "r/smoke.md").read_text()

    assert "HELLO" in done.stderr
    assert not steers(done.stderr + page)
    assert "![x]" not in page.replace(f"Answer: 1 {harmless(HOSTILE)}", "")  # that is fenced


def test_a_table_shows_names_as_they_stand() -> None:
    console = Console(file=StringIO(), width=400)
    console.print(table(Cells([HOSTILE, HOSTILE], [[HOSTILE, HOSTILE]]), HOSTILE))
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    assert shown.count("[bold]") == 5
    assert not steers(shown)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["live", "plain"])
async def test_a_dashboard_shows_names_as_they_stand(mode: Any) -> None:
    console = Console(file=StringIO(), width=400)
    async with dashboard(Meter({HOSTILE: 1}, {}), mode, console):
        pass
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    assert "HELLO" in shown
    assert not steers(shown)


def test_the_line_of_a_sweep_shows_names_as_they_stand() -> None:
    console = Console(file=StringIO(), width=400)
    console.print(SweepProgress(points=1, label=HOSTILE))
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    assert "HELLO" in shown
    assert not steers(shown)
