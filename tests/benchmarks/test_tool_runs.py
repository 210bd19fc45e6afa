"""Whole runs of the tool benchmarks over HTTP, in each protocol, and recorded replies."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.benchmarks.damaged_calls import builtin
from tests.conftest import Cli
from tests.stub import Reply, StubServer

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--out", "out")


def of_the_run(folder: Path, name: str) -> Any:
    return orjson.loads((folder / "out/report.json").read_bytes())["benchmarks"][name]


@pytest.mark.parametrize("name", ["bfcl", "acebench", "acebench:zh", "ultratool"])
def test_recorded_replies_of_the_ground_truth_score_100_per_cent(
    cli: Cli, tmp_path: Path, name: str
) -> None:
    def reply(target: str) -> str:  # what BFCL expects of a category without ground truth
        return {"no call": "None fits.", "a call": "[notes.add(text='x')]"}.get(target, target)

    rows = [
        {"id": s.id, "response": [*s.fields["milestones"][0], "finish conversation"]}
        if "milestones" in s.fields
        else {"id": s.id, "response": reply(s.target)}
        for s in builtin(name)
        if "multi_turn" not in s.group or "agent" not in s.group  # whose user nobody plays here
    ]
    (tmp_path / "r.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    done = cli("score", name, "--responses", "r.jsonl", "--data", "builtin", "--out", "out")

    assert done.returncode == 0, done.stderr
    row = of_the_run(tmp_path, name)
    assert (row["value"], row["samples"], row["unparsed"]) == (1, len(rows), 0)
    assert {total["value"] for total in row["totals"].values()} == {1}


def lamp(room: str, percent: int) -> dict[str, Any]:
    arguments = orjson.dumps({"room": room, "percent": percent}).decode()
    return {"id": f"call_{room}", "type": "function"} | {
        "function": {"name": "lamp_set", "arguments": arguments}
    }


@pytest.mark.parametrize("protocol", ["tools", "react", "json", "text"])
def test_a_model_that_always_dims_two_lamps_in_each_protocol(
    cli: Cli, stub: StubServer, tmp_path: Path, protocol: str
) -> None:
    react = 'Action: lamp.set\nAction Input: {{"room": "{}", "percent": {}}}'
    listed = [{"name": "lamp.set", "arguments": {"room": r, "percent": p}} for r, p in LAMPS]
    stub.reply = {
        "tools": Reply("", tool_calls=[lamp(*each) for each in LAMPS]),
        "react": "\n".join(react.format(*each) for each in LAMPS),
        "json": orjson.dumps(listed).decode(),
        "text": "[lamp.set(room='kitchen', percent=30), lamp.set(room='hall', percent=10)]",
    }[protocol]
    words = ("run", "bfcl", *BASICS, "--base-url", stub.base_url, "--protocol", protocol)
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    row = of_the_run(tmp_path, "bfcl")
    assert {name: group["value"] for name, group in row["groups"].items() if group["value"]} == {
        "parallel": 0.5,
        "live_relevance": 1,
    }
    assert row["dimensions"]["in_format"]["value"] == 1
    assert (row["unparsed"], row["errors"]) == (0, 0)


LAMPS = [("kitchen", 30), ("hall", 10)]


@pytest.mark.parametrize("protocol", ["json", "react", "tools"])
def test_a_model_that_calls_nothing_ends_every_plan_unparsed(
    cli: Cli, stub: StubServer, tmp_path: Path, protocol: str
) -> None:
    stub.reply = "我不会用工具。"
    words = ("run", "ultratool", *BASICS, "--base-url", stub.base_url, "--protocol", protocol)
    done = cli(*words)

    assert done.returncode == 0, done.stderr
    row = of_the_run(tmp_path, "ultratool")
    assert (row["value"], row["unparsed"]) == (0, 4)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("acebench:xx",), "no benchmark 'acebench:xx'; did you mean 'acebench'?"),
        (("ultratool", "--protocol", "text"), "--protocol text: ultratool is asked in json, react"),
    ],
)
def test_what_is_not_there_is_refused_in_a_line(
    cli: Cli, stub: StubServer, words: tuple[str, ...], complaint: str
) -> None:
    done = cli("run", *words, *BASICS, "--base-url", stub.base_url)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
