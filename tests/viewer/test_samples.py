"""A run's samples, paged and filtered by the server."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from evaluator.viewer import samples, views
from evaluator.viewer.samples import SampleIndexes
from tests.viewer.conftest import Viewed
from tests.viewer.pages import ids


class Samples:
    """Asks the viewer for the samples of one run."""

    def __init__(self, client: TestClient, name: str) -> None:
        self._client = client
        self._start = f"/samples/{ids(client)[name]}"

    def __call__(self, action: str, **query: object) -> Any:
        reply = self._client.get(f"{self._start}/{action}", params=query)  # type: ignore[arg-type]
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/json"
        return reply.json()


@pytest.fixture
def ask(measured: Path, viewed: Viewed) -> Samples:
    return Samples(viewed(measured), "base")


def lines(folder: Path) -> list[dict[str, Any]]:
    rows = map(orjson.loads, (folder / "samples.jsonl").read_bytes().splitlines())
    return [row for row in rows if "id" in row]


def test_the_choices_are_those_that_there_are(ask: Samples, measured: Path) -> None:
    found = ask("choices")
    rows = lines(measured / "base")
    assert set(found["benchmark"]) == {"arc", "gsm8k"}
    assert set(found["group"]) == {row["group"] for row in rows}
    assert {"right", "wrong"} <= set(found["end"])


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({}, lambda row: True),
        ({"benchmark": "arc"}, lambda row: row["benchmark"] == "arc"),
        ({"group": "ARC-Easy"}, lambda row: row["group"] == "ARC-Easy"),
        ({"answer": "A"}, lambda row: row["answer"] == "A"),
        ({"end": "right"}, lambda row: row["value"] == 1.0),
        ({"end": "unparsed"}, lambda row: row["status"] == "unparsed"),
        ({"text": "I DO NOT know"}, lambda row: "I do not know" in row["exchanges"][0]["reply"]),
        ({"text": "</script>"}, lambda row: "</script>" in row["exchanges"][0]["reply"]),
        ({"text": "\n\nanswer: b"}, lambda row: "\n\nAnswer: B" in row["exchanges"][0]["reply"]),
        ({"text": "no such text"}, lambda row: False),
        ({"benchmark": "gsm8k", "end": "right", "text": "zzz"}, lambda row: False),
    ],
)
def test_filters_find_what_fits(
    ask: Samples, measured: Path, query: dict[str, str], fits: Any
) -> None:
    wanted = [(row["benchmark"], row["id"]) for row in lines(measured / "base") if fits(row)]
    assert ask("find", **query) == {"found": len(wanted), "all": 60, "more": ""}
    rows = ask("rows", at=0, **query)["rows"]
    assert [(row[0], row[1]) for row in rows] == wanted


def test_rows_come_a_page_at_a_time(ask: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "PAGE", 25)
    pages = [ask("rows", at=at)["rows"] for at in (0, 25, 50, 75)]
    assert [len(page) for page in pages] == [25, 25, 10, 0]
    assert len({(row[0], row[1]) for page in pages for row in page}) == 60


def test_a_sample_is_found_by_its_name(ask: Samples, measured: Path) -> None:
    rows = [row for row in lines(measured / "base") if row["benchmark"] == "gsm8k"]
    name = f"gsm8k/{rows[7]['id']}"
    assert ask("place", at=name, benchmark="gsm8k") == {"place": 7}
    assert ask("place", at=name, benchmark="arc") == {"place": -1}
    assert ask("sample", at=7, benchmark="gsm8k")["sample"] == rows[7]


def test_what_prompts_begin_with_comes_with_the_sample(measured: Path, viewed: Viewed) -> None:
    ask = Samples(viewed(measured), "few")
    wanted = orjson.dumps([ask("sample", at=n) for n in range(6)]).decode()
    heads = {name for n in range(6) for name in ask("sample", at=n)["heads"]}
    assert heads
    assert all(f'"head":"{name}"' in wanted for name in heads)


@pytest.mark.parametrize("at", ["60", "-1", "x", "", "9" * 30])
def test_a_sample_that_there_is_not_is_said(ask: Samples, at: str) -> None:
    assert "no sample" in ask("sample", at=at)["error"]


def test_an_unknown_question_is_said(ask: Samples) -> None:
    assert "error" in ask("nonsense")


def test_while_many_samples_are_read_the_page_is_told_how_far(
    ask: Samples, measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "SLICE", 0.0)
    shares = []
    while "reading" in (answer := ask("find")):
        shares.append(answer["reading"])

    assert answer["found"] == 60
    assert len(shares) >= 59
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.1 < 0.9 < shares[-1] < 1


def test_samples_that_come_meanwhile_are_found(runs: Path, viewed: Viewed) -> None:
    ask = Samples(viewed(runs), "base")
    assert ask("find")["found"] == 60
    path = runs / "base" / "samples.jsonl"
    more = path.read_bytes() + path.read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(more + b'{"torn')
    assert ask("find")["found"] == 61
    path.write_bytes(b"\n".join(more.splitlines()[::-1]) + b"\n")  # others, in the same file
    assert ask("rows", at=0)["rows"][0][1] == ask("sample", at=0)["sample"]["id"]
    path.unlink()
    path.write_bytes(more[: len(more) // 2])
    assert ask("find")["found"] < 60


def test_damaged_and_missing_samples_are_said(runs: Path, viewed: Viewed) -> None:
    ask = Samples(viewed(runs), "base")
    path = runs / "base" / "samples.jsonl"
    path.write_bytes(b'{"benchmark": "arc", "id": 3}\n')
    assert "samples.jsonl:1" in ask("find")["error"]
    path.unlink()
    assert "not there yet" in ask("find")["error"]


def test_few_indexes_are_kept(measured: Path) -> None:
    indexes = SampleIndexes()
    first, _ = indexes.of(measured / "base", {})
    assert indexes.of(measured / "base", {}) == (first, 1.0)
    for name in ("tuned", "deep/er/third", "few"):
        indexes.of(measured / name, {})
    assert indexes.of(measured / "base", {})[0] is not first
