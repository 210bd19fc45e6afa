"""Tags and a note of a run: kept, shown, given again, and no part of what is compared."""

from pathlib import Path
from typing import Any

import orjson

from evaluator.trackers.record import tracked
from evaluator.viewer.entries import of_run
from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("run", "gsm8k", "--model", "stub", "--data", "builtin", "--progress", "none")


def labels(folder: Path) -> tuple[list[str], str]:
    """Of run.json and of report.json, which say the same."""
    run: dict[str, Any] = orjson.loads((folder / "run.json").read_bytes())["settings"]
    report: dict[str, Any] = orjson.loads((folder / "report.json").read_bytes())
    assert (run["tag"], run["note"]) == (report["tags"], report["note"])
    return report["tags"], report["note"]


def test_labels_stay_until_others_are_given_and_change_no_request(cli: Cli, tmp_path: Path) -> None:
    with StubServer(reply="Answer: 1") as stub:
        words = (*BASICS, "--base-url", stub.base_url, "--out", "out")
        first = cli(*words, "--tag", "base", "--tag", "zh", "--note", "Before <b>it</b>.")
        asked = len(stub.requests)
        seen = [labels(tmp_path / "out")]
        for more in ((), ("--tag", "other"), ("--note", "After.")):
            assert cli(*words, *more).returncode == 0
            seen.append(labels(tmp_path / "out"))
        assert len(stub.requests) == asked
        cli(*words[:-1], "plain")
    compared = cli("compare", "plain", "out")

    assert first.returncode == 0, first.stderr
    assert seen == [
        (["base", "zh"], "Before <b>it</b>."),
        (["base", "zh"], "Before <b>it</b>."),
        (["other"], "Before <b>it</b>."),
        (["other"], "After."),
    ]
    assert compared.returncode == 0, compared.stderr


def test_labels_are_shown_where_runs_are(cli: Cli, tmp_path: Path) -> None:
    with StubServer(reply="Answer: 1") as stub:
        words = (*BASICS, "--base-url", stub.base_url, "--out", "out")
        done = cli(*words, "--tag", "base", "--tag", "zh", "--note", "Before <b>it</b>.")
        empty = cli(*words, "--tag", "")
    page = (tmp_path / "out/report.md").read_text(encoding="utf-8")
    html = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    shown, sent = of_run(tmp_path / "out"), tracked(tmp_path / "out").parameters

    assert "tags: base, zh" in done.stdout + done.stderr
    assert "- tags: base, zh\n- note: Before &lt;b>it&lt;/b>." in page
    assert "Before <b>" not in html
    assert (shown.tags, shown.note) == (("base", "zh"), "Before <b>it</b>.")
    assert (sent["tags"], sent["note"]) == ("base, zh", "Before <b>it</b>.")
    assert (empty.returncode, "--tag is empty" in empty.stderr) == (2, True)
