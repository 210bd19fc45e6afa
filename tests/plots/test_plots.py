"""`evaluator plot`: figures as files, and one line where a kind does not fit."""

from collections.abc import Sequence
from pathlib import Path
from shutil import copy

import altair
import pytest

from evaluator.comparison import compare, write
from evaluator.errors import UsageError
from evaluator.plots.drawing import draw, sized
from evaluator.plots.kinds import plotted
from evaluator.report.build import build
from evaluator.results import files
from tests.conftest import Cli
from tests.written_runs import Said, write_run

TESTS = Path(__file__).parents[1]
GROUPS = ("law", "physics", "art")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Two runs, their comparison, an arena and a throughput run."""
    for name, value in (("one", 1.0), ("two\x1b", 0.0)):
        said = [Said(str(i), value, group=GROUPS[i % 3]) for i in range(9)]
        folder = write_run(tmp_path / name, said)
        files.write(folder / "report.json", build(folder))
    write(compare(tmp_path / "one", [tmp_path / "two\x1b"]), tmp_path / "compared")
    for name, file in (("arena", "arena/earlier/arena.json"), ("fast", "data/perf/open/perf.json")):
        (tmp_path / name).mkdir()
        copy(TESTS / file, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("bars", ["one"]),
        ("bars", ["one", "two\x1b"]),
        ("forest", ["one", "two\x1b"]),
        ("forest", ["compared"]),
        ("forest", ["arena"]),
        ("subjects", ["one"]),
        ("perf", ["fast"]),
    ],
)
@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_what_fits_is_drawn(kind: str, of: Sequence[str], suffix: str, folders: Path) -> None:
    chart = plotted(kind, [folders / name for name in of])  # type: ignore[arg-type]
    draw(chart, folders / f"figures/of{suffix}")
    content = (folders / f"figures/of{suffix}").read_bytes()

    assert altair.Chart.from_dict(sized(chart), validate=True)
    assert content.startswith({".svg": b"<svg", ".pdf": b"%PDF", ".png": b"\x89PNG"}[suffix])
    assert b"\x1b" not in content or suffix != ".svg"


@pytest.mark.parametrize(
    ("kind", "of", "why"),
    [
        ("perf", ["one"], "--kind perf does not fit .*one', a run; it can be bars, radar, subj"),
        ("bars", ["compared"], "a comparison; it can be radar, forest"),
        ("radar", ["arena"], "an arena; it can be forest"),
        ("subjects", ["one", "two\x1b"], "does not fit 2 runs; it can be bars, radar, forest"),
        ("bars", ["one", "fast"], "only runs are drawn together, and there is .*throughput run"),
        ("radar", ["one"], "a radar needs 3 to 16 benchmarks"),
        ("bars", ["none"], "it has none of compare.json, arena.json, perf.json, report.json"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    kind: str, of: Sequence[str], why: str, folders: Path
) -> None:
    with pytest.raises(UsageError, match=why):
        plotted(kind, [folders / name for name in of])  # type: ignore[arg-type]


def test_a_benchmark_that_is_not_there_is_named(folders: Path) -> None:
    with pytest.raises(UsageError, match=r"--benchmark 'exams'.*exam"):
        plotted("subjects", [folders / "one"], "exams")
    with pytest.raises(UsageError, match="only --kind subjects is of one benchmark"):
        plotted("bars", [folders / "one"], "exam")


def test_the_command_draws_and_refuses_in_one_line(cli: Cli, folders: Path) -> None:
    done = cli("plot", "one", "--kind", "bars", "--out", "a.svg")
    refused = cli("plot", "one", "--kind", "bars", "--out", "a.gif")

    assert (done.returncode, done.stdout) == (0, "drawn in a.svg\n"), done.stderr
    assert refused.returncode == 2
    assert refused.stderr == "error: --out 'a.gif': give a file that ends in .svg, .png, .pdf\n"
