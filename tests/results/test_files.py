"""The files of a run as types: what an earlier version wrote is read, and written the same."""

import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import DataError, UsageError
from evaluator.report.build import build
from evaluator.results.figures import Dimension, Figure, Spread, Unmeasured
from evaluator.results.files import packed, parser, write
from evaluator.results.outcomes import OutcomeRecord, read_outcomes
from evaluator.results.report import read_report
from evaluator.results.run import read_run
from evaluator.results.samples import HeadLine, SampleLine
from evaluator.runs.sample_files import outcome_line
from evaluator.transcripts.read import transcripts
from evaluator.types import Outcome, Score
from tests.conftest import Cli

EARLIER = Path(__file__).parent / "earlier_run"  # by an earlier version: 2 benchmarks, 2 judges


def json(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A copy of the run, which a test may damage."""
    return Path(shutil.copytree(EARLIER, tmp_path / "earlier_run"))


def damage(path: Path, right: str, wrong: str) -> None:
    content = path.read_text()
    assert right in content
    path.write_text(content.replace(right, wrong, 1))


def test_a_run_and_its_report_are_written_as_they_were_read() -> None:
    run = orjson.loads(packed(read_run(EARLIER)))
    assert still_there(json(EARLIER / "run.json"), run)
    again = orjson.loads(packed(read_report(EARLIER)))
    assert still_there(json(EARLIER / "report.json"), again)


def test_a_report_of_a_run_of_an_earlier_version_is_the_same(cli: Cli, earlier: Path) -> None:
    before = json(earlier / "report.json")
    done = cli("report", earlier)

    assert done.returncode == 0, done.stderr
    assert still_there(before, json(earlier / "report.json"))
    assert json(earlier / "report.json") == orjson.loads(packed(build(earlier)))


def still_there(before: Any, now: Any) -> bool:
    """Whether all that an object held is in it as it was; other keys may be new."""
    if isinstance(before, dict):
        return all(name in now and still_there(of, now[name]) for name, of in before.items())
    return bool(before == now)


def test_outcomes_and_samples_of_an_earlier_version_are_read() -> None:
    outcomes, samples = list(read_outcomes(EARLIER)), list(transcripts(EARLIER))

    assert [each.id for each in outcomes] == [each.id for each in samples]
    assert {each.benchmark for each in outcomes} == {"gsm8k", "alignbench"}
    assert {each.role for each in samples[-1].exchanges} == {"model", "judge", "judge-2"}


def test_lines_of_samples_are_written_as_they_were_read() -> None:
    for line in (EARLIER / "samples.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        kind: type = HeadLine if "head" in row else SampleLine

        again = orjson.loads(packed(parser(kind)(line)))
        for each in again.get("exchanges", ()):
            each.update({key: of for key, of in each.items() if of != ""})
        assert {**row, **again} == again


def test_a_line_of_an_outcome_reads_back_as_its_record() -> None:
    score = Score(0.5, "7", "a note", {"strict": 0.5, "unread": 0.0}, {"strict": 1})
    rest = {"response_keys": ["0a"], "prompt": "00", "leaked": 1, "ran_on": 2, "fitted": 3}
    once = Outcome("b", "1", "g", "scored", score, "", "8", **rest)
    twice = Outcome("b", "1", "g", "scored", score, "", "8", states={"scored": 2}, **rest)

    names = [each.name for each in fields(OutcomeRecord)]
    assert [*orjson.loads(outcome_line(twice))] == names
    assert [*orjson.loads(outcome_line(once))] == names[:-2]
    assert parser(OutcomeRecord)(outcome_line(twice)) == OutcomeRecord(
        **{"benchmark": "b", "id": "1", "group": "g", "status": "scored", "value": 0.5},
        **{"answer": "7", "target": "8", "note": "a note", "response_keys": ("0a",)},
        **{
            "dimensions": {"strict": 0.5, "unread": 0.0},
            "prompt": "00",
            "leaked": 1,
            "ran_on": 2,
            "fitted": 3,
        },
        **{"states": {"scored": 2}, "repeats": {"strict": 1}},
    )


@pytest.mark.parametrize(
    ("name", "right", "wrong", "complaint"),
    [
        ("run.json", '"samples": 3', '"samples": "many"', "run.json: benchmarks.gsm8k.samples: "),
        ("run.json", '"model": "stub",\n  "judge"', '"judge"', "run.json: model: field required"),
        ("run.json", "}", "", "run.json: invalid JSON"),
        ("outcomes.jsonl", '"value":0.0', '"value":"none"', "outcomes.jsonl:1: value: "),
        ("outcomes.jsonl", '"status":"', '"status":"un', "outcomes.jsonl:1: status: "),
        ("outcomes.jsonl", '"id":', '"name":', "outcomes.jsonl:1: id: field required"),
    ],
)
def test_a_damaged_file_ends_in_a_line_that_names_the_place(
    cli: Cli, earlier: Path, name: str, right: str, wrong: str, complaint: str
) -> None:
    damage(earlier / name, right, wrong)
    done = cli("report", earlier)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_value_that_is_wrong_is_told(earlier: Path) -> None:
    damage(earlier / "report.json", '"samples": 3', '"samples": "many"')

    with pytest.raises(DataError, match=r"benchmarks\.gsm8k\.samples: .*, got 'many'"):
        read_report(earlier)


def test_damaged_samples_are_told_with_their_line(earlier: Path) -> None:
    damage(earlier / "samples.jsonl", '"exchanges":', '"talk":')

    with pytest.raises(DataError, match=r"samples\.jsonl:1: exchanges: field required"):
        list(transcripts(earlier))


def test_a_folder_without_a_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it has no report\.json"):
        read_report(tmp_path)


def test_rows_are_plain_values_for_a_table() -> None:
    rows = read_report(EARLIER).rows()

    assert [row["benchmark"] for row in rows] == ["gsm8k", "alignbench"]
    assert rows[0]["unparsed"] == read_report(EARLIER).benchmarks["gsm8k"].unparsed
    assert (rows[1]["scale_min"], rows[1]["scale_max"]) == (1.0, 10.0)
    assert {type(of) for row in rows for of in row.values()} <= {str, int, float, type(None)}


def test_only_marked_fields_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.json", [Figure(value=None, ci95=None, samples=0)])
    write(tmp_path / "b.json", [Dimension(value=1.0, ci95=(0.5, 1.0), samples=2, replies=0)])

    assert json(tmp_path / "a.json") == [{"value": None, "ci95": None, "samples": 0}]
    assert json(tmp_path / "b.json") == [
        {"value": 1.0, "ci95": [0.5, 1.0], "samples": 2, "replies": 0}
    ]
    assert not list(tmp_path.glob("*.tmp"))


def test_nothing_measured_is_an_empty_object() -> None:
    spread = {"mean": 1.0, "p50": 1.0, "p90": 1.0, "p95": 1.0, "p99": 1.0}
    read = parser(Spread | Unmeasured)  # type: ignore[arg-type]  # mypy knows no unions as types

    assert packed(Unmeasured()) == b"{}"
    assert read(b"{}") == Unmeasured()
    assert read(orjson.dumps(spread)) == Spread(**spread)
    with pytest.raises(ValueError, match="mean"):
        read(b'{"p50": 1.0}')
