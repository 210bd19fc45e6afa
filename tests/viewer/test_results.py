"""The list of results and the page of each, whatever lies in the folders."""

import os
from pathlib import Path
from shutil import copytree, rmtree

import orjson
import pytest

from tests.viewer.conftest import HOSTILE_NAME, Viewed
from tests.viewer.pages import ids, row


def test_all_that_lies_below_the_folders_is_listed(runs: Path, viewed: Viewed) -> None:
    client = viewed(runs)
    names = {"base", "tuned", "deep/er/third", "few", "compare-base-tuned", "perf"}
    assert ids(client).keys() == names

    of_base = row(client, "base")
    report = orjson.loads((runs / "base" / "report.json").read_bytes())
    assert f"{report['benchmarks']['arc']['value']:.1%}" in of_base
    assert report["started_at"] in of_base
    assert "requests/s" in of_base
    assert " - " in of_base
    assert "arc" in row(client, "compare-base-tuned")
    assert "2 at once" in row(client, "perf")


def test_tags_and_notes_are_listed_and_each_tag_is_a_filter(runs: Path, viewed: Viewed) -> None:
    client = viewed(runs)
    page, few = client.get("/").text, row(client, "few")

    assert '<span class="tag own">quick</span>' in few
    assert "A first look." in few
    assert page.count('<option value="quick">') == 1
    rmtree(runs / "few")
    assert 'name="tag"' not in client.get("/").text


def test_several_folders_are_told_apart(runs: Path, viewed: Viewed) -> None:
    other = copytree(runs / "few", runs.parent / "others" / "few")
    assert {"runs/few", "others/few"} <= ids(viewed(runs, other.parent)).keys()
    assert ids(viewed(other)).keys() == {"few"}


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("base", "How it was measured"),
        ("deep/er/third", "How it was measured"),
        ("compare-base-tuned", "Compared with base"),
        ("perf", "Throughput: "),
    ],
)
def test_every_kind_of_result_has_a_page(runs: Path, viewed: Viewed, name: str, shows: str) -> None:
    client = viewed(runs)
    page = client.get(f"/result/{ids(client)[name]}")
    assert page.status_code == 200
    assert shows in page.text


def test_an_arena_has_a_page(runs: Path, viewed: Viewed) -> None:
    standing = {"ci95": [900.0, 1100.0], "bound": None, "rank": 1, "island": 0, "battles": 4}
    standing |= {"wins": 2, "ties": 1, "losses": 1, "points": 2.5, "apart": 0, "rating": 1010.0}
    players = [{"name": n, "model": n, "run": n, **standing} for n in ("one", "<b>two</b>")]
    counts = ("possible", "planned", "judged", "ties", "disagreements", "identical")
    counts += ("repaired", "unreadable", "errors")
    position = {"first_share": 0.5, "battles_leaning_first": 0, "battles_leaning_second": 0}
    arena = {
        **{"schema_version": 1, "run": "arena", "judges": ["j"], "baseline": None},
        **{"budget": None, "started_at": "2026-01-01T00:00:00+00:00", "seconds": 1.0},
        **{"questions": {"mtbench": 4}, "battles": dict.fromkeys(counts, 4)},
        **{"players": players, "matrix": {"one": {}, "<b>two</b>": {}}},
        **{"position": {**position, "p_value": 1.0, "significant": False}},
        **{"self_family": [], "error_messages": {}, "faults": {}, "requests": 8, "replayed": 0},
    }
    (runs / "arena").mkdir()
    (runs / "arena" / "arena.json").write_bytes(orjson.dumps(arena))
    client = viewed(runs)
    assert "1010" in row(client, "arena")
    page = client.get(f"/result/{ids(client)['arena']}").text
    assert "&lt;b&gt;two&lt;/b&gt;" in page
    assert "<b>two</b>" not in page


DAMAGED = {
    "torn": ("report.json", b'{"run": "x"', "invalid JSON"),
    "other": ("report.json", b"[]", "report.json"),
    "binary": ("report.json", b"\xff\xfe\x00", "report.json"),
    "empty": ("report.json", b"", "report.json"),
    "of another version": ("report.json", b'{"schema_version": 1}', "required"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_report_is_shown_with_its_line(runs: Path, viewed: Viewed, kind: str) -> None:
    file, content, line = DAMAGED[kind]
    (runs / "base" / file).write_bytes(content)
    client = viewed(runs)
    assert ">damaged<" in row(client, "base")
    assert line in row(client, "base")
    assert "checkbox" not in row(client, "base")
    page = client.get(f"/result/{ids(client)['base']}").text
    assert "Made of the run&#39;s other files" in page
    assert "How it was measured" in page


@pytest.mark.parametrize("file", ["run.json", "compare.json", "perf.json", "arena.json"])
def test_a_folder_of_nothing_but_damage_is_no_crash(runs: Path, viewed: Viewed, file: str) -> None:
    (runs / "broken").mkdir()
    (runs / "broken" / file).write_bytes(b"{]")
    client = viewed(runs)
    assert ">damaged<" in row(client, "broken")
    for start in ("result", "live"):
        page = client.get(f"/{start}/{ids(client)['broken']}")
        assert page.status_code == 200
        assert "cannot be shown" in page.text


def test_a_lone_journal_is_a_damaged_run(runs: Path, viewed: Viewed) -> None:
    for file in ("run.json", "report.json", "outcomes.jsonl"):
        (runs / "base" / file).unlink()
    assert "it has no run.json" in row(viewed(runs), "base")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("run.json", b'"arc": {', b'"another": {'),
        ("report.json", b'"scale": [\n        0.0,\n        1.0', b'"scale": [\n 1.0,\n 1.0'),
    ],
)
def test_files_that_do_not_fit_together_are_no_crash(
    runs: Path, viewed: Viewed, file: str, old: bytes, new: bytes
) -> None:
    path = runs / "base" / file
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    client = viewed(runs)
    for address in (f"/result/{ids(client)['base']}", "/leaderboard", "/"):
        assert client.get(address).status_code == 200
    assert "do not fit together" in client.get(f"/result/{ids(client)['base']}").text


def test_a_run_without_a_report_is_shown_as_far_as_it_came(runs: Path, viewed: Viewed) -> None:
    (runs / "base" / "report.json").unlink()
    for file in (runs / "base").glob("*.jsonl"):
        os.utime(file, (1, 1))
    client = viewed(runs)
    assert ">not finished<" in row(client, "base")
    page = client.get(f"/result/{ids(client)['base']}").text
    assert "what it came to so far" in page
    assert "How it was measured" in page


def test_what_is_gone_is_said_in_a_page(runs: Path, viewed: Viewed) -> None:
    client = viewed(runs)
    id = ids(client)["base"]
    rmtree(runs / "base")
    for address in (f"/result/{id}", f"/live/{id}", f"/events/{id}", "/result/00", "/nowhere"):
        page = client.get(address)
        assert page.status_code == 404, address
        assert "nothing at this address" in page.text


def test_names_from_outside_are_text(runs: Path, viewed: Viewed) -> None:
    (runs / "few").rename(runs / "<b onclick=alert(5)>\x1b[31m\u202e")
    (runs / "base").rename(runs / os.fsdecode(b"\xff\xfe"))
    (runs / "\u202ebroken").mkdir()
    (runs / "\u202ebroken" / "run.json").write_text("{}", encoding="utf-8")
    client = viewed(runs)
    for address in ("/", "/leaderboard", *(f"/result/{id}" for id in ids(client).values())):
        page = client.get(address)
        assert page.status_code == 200
        assert HOSTILE_NAME not in page.text
        assert "<b onclick" not in page.text
        assert not {"\x1b", "\u202e"} & set(page.text)
    assert "&lt;img src=x onerror=alert(4)&gt;" in client.get("/").text


def test_an_empty_folder_says_so(tmp_path: Path, viewed: Viewed) -> None:
    client = viewed(tmp_path)
    assert "no result below" in client.get("/").text
    assert "No run below" in client.get("/leaderboard").text
