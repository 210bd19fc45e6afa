"""`evaluator report` makes again what people read of each kind of result."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from evaluator.comparison import compare, write
from tests.conftest import Cli
from tests.written_runs import Said, write_run

TESTS = Path(__file__).parents[1]


def compared(folder: Path) -> None:
    base = write_run(folder.parent / "base", [Said(str(i)) for i in range(20)])
    other = write_run(folder.parent / "other", [Said(str(i), 0.0) for i in range(20)])
    write(compare(base, [other]), folder)


def recorded(name: str) -> Callable[[Path], None]:
    return lambda folder: copytree(TESTS / name, folder) and None


@pytest.mark.parametrize(
    ("make", "shown", "stem"),
    [
        (compared, "exam", "compare"),
        (recorded("arena/earlier"), "arena", "arena"),
        (recorded("data/perf/scored"), "out tok/s", "perf"),
    ],
    ids=["compare", "arena", "perf"],
)
def test_pages_and_texts_are_made_again(
    cli: Cli, tmp_path: Path, make: Callable[[Path], None], shown: str, stem: str
) -> None:
    folder = tmp_path / "made"
    make(folder)
    for suffix in (".md", ".html"):
        (folder / f"{stem}{suffix}").unlink(missing_ok=True)

    done = cli("report", "made")

    assert done.returncode == 0
    assert shown in done.stdout.lower()
    assert "<html" in (folder / f"{stem}.html").read_text(encoding="utf-8")
    assert (folder / f"{stem}.md").read_text(encoding="utf-8")


def test_what_cannot_be_made_again_is_said(cli: Cli, tmp_path: Path) -> None:
    write_run(tmp_path / "run", [Said("1")])
    (tmp_path / "run/arena.html").write_text("old")

    said = cli("report", "run").stderr

    assert "arena.html is left as it was: there is no arena.json" in said
    assert "no samples.jsonl" in said
    assert (tmp_path / "run/arena.html").read_text() == "old"


def test_a_folder_without_results_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = cli("report", "empty")

    assert done.returncode == 2
    assert "no results in 'empty': it has none of run.json, arena.json" in done.stderr
