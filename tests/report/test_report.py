from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from evaluator.errors import DataError, UsageError
from evaluator.report.build import build
from evaluator.report.markdown import markdown
from evaluator.report.notes import notes
from evaluator.report.terminal import shown_in_browser, terminal
from evaluator.report.warnings import bounds, warnings
from evaluator.results.report import BenchmarkResult
from evaluator.results.session import ClientLoad

ABOUT = {
    "metric": "accuracy",
    "samples": 8,
    "shots": 5,
    "params": {},
    "data": "some/data val via built-in samples (not the real data set)",
    "categories": {"law": "Humanities", "logic": "Humanities", "physics": "STEM"},
}


def outcome(number: int, group: str, status: str, value: float | None) -> dict[str, Any]:
    return {
        "benchmark": "exam",
        "id": f"{group}/{number}",
        "group": group,
        "status": status,
        "value": value,
        "error": "status 400: too long" if status == "error" else "",
        "dimensions": {} if value is None else {"in_format": float(status == "scored")},
        "response_keys": [f"{number:032x}"],
    }


def response(number: int, **others: Any) -> dict[str, Any]:
    return {
        "key": f"{number:032x}",
        "role": "model",
        "text": "Answer: B",
        "sent_at": 1000.0 + number,
        "latency": 2.0,
        "ttft": None,
        "attempts": 1,
        "prompt_tokens": 10,
        "output_tokens": 5,
        **others,
    }


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Eight samples in three groups: 3 right, 2 wrong, 1 unread, 1 cut off, 1 failed."""
    about = {
        "run": "r1",
        "model": "some | [bold]<model>",
        "judge": None,
        "started_at": "2026-01-01T00:00:00+00:00",
        "seconds": 8.0,
        "requests": 7,
        "replayed": 0,
        "faults": {"status 503": 2},
        "benchmarks": {"exam": ABOUT},
    }
    ended = [
        outcome(0, "law", "scored", 1.0),
        outcome(1, "law", "scored", 0.0),
        outcome(2, "logic", "scored", 1.0),
        outcome(3, "logic", "unparsed", 0.0),
        outcome(4, "physics", "scored", 1.0),
        outcome(5, "physics", "truncated", 0.0),
        outcome(6, "physics", "scored", 0.0),
        outcome(7, "physics", "error", None),
    ]
    (tmp_path / "run.json").write_bytes(orjson.dumps(about))
    write_lines(tmp_path / "outcomes.jsonl", ended)
    sent = [response(0, ttft=0.5, attempts=3), *(response(i) for i in range(1, 7))]
    write_lines(tmp_path / "responses.jsonl", [*sent, response(99), response(1, role="judge")])
    return tmp_path


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def test_every_status_is_counted_and_errors_stay_out_of_the_mean(run: Path) -> None:
    row = build(run).benchmarks["exam"]

    counts = {
        key: getattr(row, key) for key in ("samples", "scored", "unparsed", "truncated", "errors")
    }
    assert counts == {"samples": 8, "scored": 5, "unparsed": 1, "truncated": 1, "errors": 1}
    assert row.value == pytest.approx(3 / 7)
    assert row.macro == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)
    assert row.ci95 == pytest.approx((0.1582, 0.7495), abs=1e-3)
    assert row.error_messages == {"status 400: too long": 1}


def test_groups_categories_and_dimensions_have_their_own_figures(run: Path) -> None:
    row = build(run).benchmarks["exam"]

    assert {name: group.value for name, group in row.groups.items()} == {
        "law": 0.5,
        "logic": 0.5,
        "physics": pytest.approx(1 / 3),
    }
    assert row.categories["Humanities"].value == 0.5
    assert row.categories["Humanities"].samples == 4
    assert row.dimensions["in_format"].value == pytest.approx(5 / 7)


def test_serving_figures_count_the_replies_of_these_outcomes_only(run: Path) -> None:
    serving = build(run).serving

    assert (serving.requests, serving.retries, serving.output_tokens) == (7, 2, 35)
    assert serving.seconds == 8.0
    assert serving.output_tokens_per_s == pytest.approx(35 / 8)
    assert serving.ttft.p50 == 0.5
    assert serving.tpot.p50 == pytest.approx((2.0 - 0.5) / 4)


@pytest.mark.parametrize(
    ("uncounted", "said"),
    [
        (range(7), "the server does not count tokens"),
        (range(2), "the server did not count the tokens of 2 replies"),
    ],
)
def test_tokens_that_nobody_counted_are_absent(run: Path, uncounted: range, said: str) -> None:
    none = {"prompt_tokens": 0, "output_tokens": 0}
    lines = [response(i, **(none if i in uncounted else {})) for i in range(7)]
    write_lines(run / "responses.jsonl", lines)
    report = build(run)
    serving = report.serving

    assert (serving.prompt_tokens, serving.output_tokens) == (None, None)
    assert (serving.output_tokens_per_s, serving.uncounted) == (None, len(uncounted))
    assert serving.requests_per_s == pytest.approx(7 / 8)
    assert f"requests/s · {said}" in markdown(report)


def test_bounds_are_all_wrong_and_all_right(run: Path) -> None:
    assert bounds(build(run).benchmarks["exam"]) == pytest.approx((3 / 8, 6 / 8))


def test_the_table_in_a_terminal(run: Path) -> None:
    console = Console(width=80, file=StringIO())
    console.print(terminal(build(run)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0] == "some | [bold]<model> · r1"
    assert "exam 8 42.9% 15.8% - 75.0% 44.4% 71.4% 1 1 1" in lines
    assert "exam / Humanities 4 50.0% 15.0% - 85.0%" in lines
    assert "exam: 1 x status 400: too long" in lines
    assert "the score lies between 37.5%" in " ".join(lines)
    assert max(map(len, shown.splitlines())) <= 80


def test_markdown_cannot_be_broken_out_of_by_a_name(run: Path) -> None:
    text = markdown(build(run))

    assert text.startswith("# some \\| \\[bold\\]&lt;model>\n")
    assert "| exam | 8 | 42.9% | 15.8% - 75.0% | 44.4% | 71.4% | 1 | 1 | 1 |" in text


def test_a_run_that_was_killed_has_a_report_of_what_is_there(run: Path) -> None:
    with (run / "outcomes.jsonl").open("ab") as file:
        file.write(b'{"benchmark": "ex')

    assert build(run).benchmarks["exam"].samples == 8


def test_a_damaged_line_is_named(run: Path) -> None:
    with (run / "outcomes.jsonl").open("ab") as file:
        file.write(b'{"benchmark": "ex\n')

    with pytest.raises(DataError, match=r"outcomes\.jsonl:9"):
        build(run)


def test_damaged_lines_of_the_journal_are_passed_over_and_counted(run: Path) -> None:
    journal = run / "responses.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"attempts":1', b"\0" * 12, 2))
    report = build(run)

    assert report.serving.output_tokens == 25
    assert "passed over as if never answered: 2" in markdown(report)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it has no run\.json"):
        build(tmp_path)


def test_a_client_that_was_the_bottleneck_is_said_in_red(run: Path) -> None:
    made = build(run)
    client = ClientLoad(cpu=1.0, lag=0.2, bound_share=0.6)
    report = replace(made, serving=replace(made.serving, client=client))
    console = Console(width=80, file=StringIO(), force_terminal=True, color_system="standard")
    console.print(terminal(report))

    assert "\x1b[1;31mthe client was the bottleneck for 60% of the run" in console.file.getvalue()  # type: ignore[attr-defined]
    assert "- **the client was the bottleneck for 60% of the run" in markdown(report)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_page_is_a_link_where_there_are_links(tmp_path: Path, terminal: bool) -> None:
    folder = tmp_path / "a run"
    console = Console(file=StringIO(), width=300, force_terminal=terminal)
    console.print(shown_in_browser(folder))
    text = console.file.getvalue()  # type: ignore[attr-defined]

    assert (f"{tmp_path.as_uri()}/a%20run/report.html" in text) is terminal
    assert terminal or text == f"results in {folder}/; in a browser: report.html\n"


def test_the_columns_are_explained(run: Path) -> None:
    (line,) = (line for line in notes(build(run)) if line.startswith("columns: "))

    for column in ("n,", "macro,", "format,", "unparsed,", "truncated,", "errors,"):
        assert column in line


def test_what_is_open_in_many_scores_is_one_line(run: Path) -> None:
    report = build(run)
    exam = report.benchmarks["exam"]
    unmeasured = replace(exam, value=None, scored=0, unparsed=0, truncated=0, errors=8)

    def lines(*results: BenchmarkResult) -> list[str]:
        benchmarks = {f"exam {i}": of for i, of in enumerate(results)}
        found = warnings(replace(report, benchmarks=benchmarks))
        return [line for line in found if "all right" in line]

    assert len(lines(exam, exam)) == 2
    (line,) = lines(*[exam] * 60)
    assert line.startswith("60 benchmarks have many samples without an answer or a score")
    assert line.count("37.5% - 75.0%") == 6
    assert lines(unmeasured) == []
