"""arena.json as a file: read as types, also where an earlier version wrote it."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from evaluator.arena.tables import in_markdown, on_terminal
from evaluator.results.arena import ArenaReport
from evaluator.results.files import read, write

EARLIER = Path(__file__).parent / "earlier/arena.json"


def test_a_file_of_an_earlier_version_is_read_and_written_the_same(tmp_path: Path) -> None:
    write(tmp_path / "arena.json", read(EARLIER, ArenaReport))

    assert (tmp_path / "arena.json").read_bytes() == EARLIER.read_bytes()


def test_a_file_of_an_earlier_version_is_shown() -> None:
    report = read(EARLIER, ArenaReport)
    console = Console(width=80, file=StringIO())
    console.print(on_terminal(report))
    screen = console.file.getvalue()  # type: ignore[attr-defined]

    assert "13 battles over questions: 1 of qa:other.jsonl, 5 of qa:sums.jsonl" in screen
    assert "ranked separately: medium, large-judge, small | loud, quiet" in " ".join(screen.split())
    assert in_markdown(report).startswith("# Arena: arena\n\n| rank | player |")
