"""Which model a run measured: other weights under the same name never share its score."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.results.files import packed, parser
from evaluator.results.identity import IdentityRecord
from evaluator.runs.identity import QUESTIONS, Identity, Weights, difference, weights
from tests.conftest import Cli
from tests.processes import started
from tests.stub import Reply, StubServer
from tests.stub.replies import prompt_text
from tests.waiting import wait_until

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--limit", 6)
GSM8K = ("run", "gsm8k", *BASICS, "--out", "so")


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def identity(folder: Path, key: str = "model:stub") -> Any:
    return orjson.loads((folder / "run.json").read_bytes())["identity"][key]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.fixture
def other() -> Iterator[StubServer]:
    with StubServer(reply="Answer: 7") as server:
        yield server


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A directory of weights, as a server on this machine may have loaded it."""
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "config.json").write_text("{}")
    return folder


def test_another_server_under_the_same_name_is_refused_with_both_named(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    stub.version, other.version = "0.11.0", "0.12.0"
    first = cli(*GSM8K, "--base-url", stub.base_url)
    before = contents(tmp_path / "so")
    refused = cli(*GSM8K, "--base-url", other.base_url, "--limit", 9)

    assert (first.returncode, refused.returncode) == (0, 2)
    assert "another model 'stub': 5 of 5 replies at temperature 0 are others" in refused.stderr
    assert "'Answer: B' then and 'Answer: 7' now" in refused.stderr
    assert "recorded: root stub, owner vllm, version 0.11.0" in refused.stderr
    assert "found now: root stub, owner vllm, version 0.12.0" in refused.stderr
    assert all(way in refused.stderr for way in ("--out", "--fresh", "--same-model"))
    assert len(refused.stderr.splitlines()) == 1
    assert other.count == 0
    assert contents(tmp_path / "so") == before


def test_the_same_server_on_another_port_is_asked_nothing_twice(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.version = "0.11.0"
    cli(*GSM8K, "--base-url", stub.base_url)
    with StubServer(version="0.12.0") as moved:
        more = cli(*GSM8K, "--base-url", moved.base_url, "--limit", 9)
        fewer = cli(*GSM8K, "--base-url", moved.base_url, "--limit", 3)

    assert more.returncode == fewer.returncode == 0, more.stderr
    assert (stub.count, moved.count) == (6, 3)
    assert "0 requests sent · 3 replayed" in fewer.stdout
    assert identity(tmp_path / "so")["version"] == "0.12.0"
    assert len(stub.identified) == len(QUESTIONS) == 5
    assert all(each.body["temperature"] == 0 for each in stub.identified)
    assert all(each.body["max_tokens"] <= 16 for each in stub.identified)


@pytest.mark.parametrize("change", ["size", "time", "more files"])
def test_changed_weights_in_the_same_directory_are_another_model(
    cli: Cli, stub: StubServer, checkpoint: Path, change: str
) -> None:
    stub.root = str(checkpoint)
    cli(*GSM8K, "--base-url", stub.base_url)
    same = cli(*GSM8K, "--base-url", stub.base_url)
    file = checkpoint / "model.safetensors"
    if change == "size":
        file.write_bytes(b"other weights")
    elif change == "time":
        os.utime(file, ns=(1, 1))
    else:
        (checkpoint / "model-2.safetensors").write_bytes(b"")
    changed = cli(*GSM8K, "--base-url", stub.base_url)

    assert (same.returncode, changed.returncode) == (0, 2), same.stderr
    assert "1 weight file of 7 bytes" in changed.stderr
    assert stub.count == 6


def test_another_directory_behind_the_name_is_another_model(cli: Cli, stub: StubServer) -> None:
    stub.root = "/ckpt/a/checkpoint-500"
    cli(*GSM8K, "--base-url", stub.base_url)
    stub.root = "/ckpt/b/checkpoint-500"
    changed = cli(*GSM8K, "--base-url", stub.base_url)

    assert changed.returncode == 2
    assert "root '/ckpt/a/checkpoint-500' then, '/ckpt/b/checkpoint-500' now" in changed.stderr


def test_a_person_may_know_better_and_the_report_says_so(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.root = "/old/place"
    cli(*GSM8K, "--base-url", stub.base_url)
    stub.root = "/new/place"
    words = (*GSM8K, "--base-url", stub.base_url)
    told = cli(*words, "--same-model")
    again = cli(*words)

    assert told.returncode == again.returncode == 0, told.stderr
    assert stub.count == 6
    assert "taken for the same model by --same-model" in " ".join(again.stdout.split())
    assert "--same-model" in (tmp_path / "so/report.md").read_text()
    assert identity(tmp_path / "so")["root"] == "/new/place"


def test_fresh_starts_beside_and_says_where(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    words = GSM8K[:-2]
    cli(*words, "--base-url", stub.base_url)
    beside = cli(*words, "--base-url", other.base_url, "--fresh")
    third = cli(*words, "--base-url", other.base_url, "--fresh", "--out", "runs/{model}")
    shown = cli(*words, "--fresh", "--replay")
    unused = cli(*GSM8K, "--base-url", other.base_url, "--fresh")

    assert [each.returncode for each in (beside, third, shown, unused)] == [0] * 4, shown.stderr
    assert "results in runs/stub-2/" in beside.stdout
    assert "results in runs/stub-3/" in third.stdout
    assert "results in runs/stub-3/" in shown.stdout
    assert "results in so/" in unused.stdout
    assert other.count == 18
    assert (
        report(tmp_path / "runs/stub")["identity"] != report(tmp_path / "runs/stub-2")["identity"]
    )


def test_a_replay_asks_nobody_and_the_report_says_whose_figures_they_are(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli(*GSM8K, "--base-url", stub.base_url)
    recorded = identity(tmp_path / "so")
    stub.stop()
    replayed = cli(*GSM8K, "--replay")
    entry = {"role": "model", "model": "stub", "base_url": None}
    (tmp_path / "endpoints.json").write_bytes(orjson.dumps({"endpoints": [entry]}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(tmp_path / "endpoints.json"))
    unserved = cli(*GSM8K)

    assert replayed.returncode == unserved.returncode == 0, unserved.stderr
    assert identity(tmp_path / "so") == recorded | {"asked": False}
    said = " ".join(replayed.stdout.split())
    assert f"not asked in this session, last on {recorded['checked_at']}" in said


def test_a_run_from_before_goes_on_and_says_that_nobody_knows_whose_replies_it_has(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    words = (*GSM8K, "--base-url", stub.base_url)
    cli(*words)
    about = orjson.loads((tmp_path / "so/run.json").read_bytes())
    del about["identity"]
    (tmp_path / "so/run.json").write_bytes(orjson.dumps(about))
    resumed = cli(*words)
    later = cli(*words)
    changed = cli(*GSM8K, "--base-url", other.base_url)

    assert resumed.returncode == later.returncode == 0
    assert stub.count == 6
    assert "6 replies in so are from before" in resumed.stderr
    assert "6 replies in so are from before" in " ".join(later.stdout.split())
    assert changed.returncode == 2  # known from then on


def test_endpoints_of_one_name_must_serve_one_model(
    cli: Cli, stub: StubServer, other: StubServer
) -> None:
    words = (*GSM8K, "--base-url", stub.base_url, "--base-url", other.base_url)
    refused = cli(*words)
    other.reply = stub.reply
    taken = cli(*words)

    assert (refused.returncode, taken.returncode) == (2, 0), taken.stderr
    assert f"'Answer: B' at {stub.base_url} and 'Answer: 7' at {other.base_url}" in refused.stderr


def test_replies_of_another_model_are_not_reused(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    cli(*GSM8K, "--base-url", stub.base_url)
    words = ("run", "gsm8k", *BASICS, "--out", "new", "--reuse", "so")
    refused = cli(*words, "--base-url", other.base_url)
    taken = cli(*words, "--base-url", stub.base_url)
    (tmp_path / "so/run.json").unlink()
    unknown = cli(
        *(word if word != "new" else "newer" for word in words), "--base-url", stub.base_url
    )

    assert [each.returncode for each in (refused, taken, unknown)] == [2, 0, 0], taken.stderr
    assert "'so' holds replies of another model 'stub'" in refused.stderr
    assert "leave --reuse away" in refused.stderr
    assert (stub.count, other.count) == (6, 0)
    assert "replies in so are from before" in unknown.stderr


def test_a_changed_judge_does_not_answer_for_the_old_one(
    cli: Cli, stub: StubServer, other: StubServer, tmp_path: Path
) -> None:
    with StubServer(models=["judge"], reply="Rating: [[5]]") as judge:
        words = ("run", "mtbench", *BASICS, "--base-url", stub.base_url, "--out", "so")
        asked = (*words, "--judge-model", "judge", "--judge-base-url")
        first = cli(*asked, judge.base_url)
        verdicts = judge.count
        again = cli(*asked, judge.base_url)
        judge.reply = "Rating: [[9]]"
        refused = cli(*asked, judge.base_url)

        assert [each.returncode for each in (first, again, refused)] == [0, 0, 2], first.stderr
        assert "another judge 'judge'" in refused.stderr
        assert judge.count == verdicts
    assert identity(tmp_path / "so", "judge:judge")["replies"][0] == "Rating: [[5]]"


def test_a_reply_that_wobbles_is_no_other_model(cli: Cli, stub: StubServer) -> None:
    """One reply of five may differ for good, and any may differ by chance."""
    cli(*GSM8K, "--base-url", stub.base_url)
    seen: dict[str, int] = {}

    def wobbling(body: Any) -> str:
        text = prompt_text(body)
        seen[text] = seen.get(text, 0) + 1
        if text == QUESTIONS[0] or (text in QUESTIONS[1:3] and seen[text] == 1):
            return "Answer: A"
        return "Answer: B"

    stub.reply = wobbling
    same = cli(*GSM8K, "--base-url", stub.base_url)

    assert same.returncode == 0, same.stderr


def test_replies_that_change_each_time_tell_nothing_and_the_report_says_so(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    """As of a server that ignores the temperature: it is not refused each time."""
    replies = map(str, range(1_000))

    def random(body: Any) -> str:
        return next(replies) if prompt_text(body) in QUESTIONS else "Answer: B"

    stub.reply = random
    words = (*GSM8K, "--base-url", stub.base_url)
    cli(*words)
    recorded = identity(tmp_path / "so")["replies"]
    again = cli(*words)

    assert again.returncode == 0, again.stderr
    assert stub.count == 6
    assert "they do not tell whether it is the same model" in " ".join(again.stdout.split())
    assert identity(tmp_path / "so")["replies"] == recorded


def test_an_interrupted_fresh_run_goes_on_where_it_was(stub: StubServer, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "evaluator", *map(str, GSM8K[:-2]), "--base-url", stub.base_url]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    stub.latency = 0.3
    fresh = [*words, "--fresh", "--concurrency", "1"]
    with started(fresh, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: stub.count >= 8)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    stub.latency, hint = 0.0, shlex.split(errors.splitlines()[-1])
    done = subprocess.run(
        [sys.executable, "-m", *hint], cwd=tmp_path, capture_output=True, text=True
    )

    assert process.returncode == 130
    assert "--fresh" not in hint
    assert hint[-2:] == ["--out", "runs/{model}-2"]
    assert done.returncode == 0, done.stderr
    assert report(tmp_path / "runs/stub-2")["serving"]["replayed"] > 0


def test_a_base_model_is_known_by_completions(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    def base(body: Any) -> str:
        if "messages" in body and prompt_text(body) in QUESTIONS:
            raise ValueError("no chat template")
        return "Answer: B"

    stub.reply = base
    done = cli(*GSM8K, "--base-url", stub.base_url, "--api", "completions")

    assert done.returncode == 0, done.stderr
    assert identity(tmp_path / "so")["api"] == "completions"


def test_a_server_that_tells_nothing_of_itself_is_measured_all_the_same(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    def silent(body: Any) -> str:
        if prompt_text(body).strip() in QUESTIONS:
            raise ValueError
        return "Answer: B"

    stub.reply, stub.models_fault = silent, 404
    words = (*GSM8K, "--base-url", stub.base_url)

    assert [cli(*words).returncode for _ in range(2)] == [0, 0]
    assert identity(tmp_path / "so")["words"] == "nothing known"
    assert sum("messages" in each.body for each in stub.requests) == 6


def test_a_request_that_names_fields_a_server_refuses_is_made_without_them(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    def strict(body: Any) -> str | Reply:
        if "logprobs" in body:
            raise ValueError
        return "Answer: B"

    stub.reply = strict
    done = cli(*GSM8K, "--base-url", stub.base_url)

    assert done.returncode == 0
    assert identity(tmp_path / "so")["replies"] == ["Answer: B"] * 5


SAME = ("a", "b", "c", "d", "e")
FILES = Weights(1, 7, "2026-01-01T00:00:00+00:00", "aa")


STEPS = ('[["a",-0.1],["b",-0.2],["c",-0.2]]',) * 5


def known(replies: tuple[str | None, ...] = SAME, **more: Any) -> Identity:
    return Identity(**({"api": "chat", "logprobs": STEPS} | more), replies=replies)


def steps(first: float, second: str = "b", third: float = -0.2) -> tuple[str, ...]:
    """What the likeliest tokens were, and their logprobs."""
    return (f'[["a",{first}],["{second}",-0.2],["c",{third}]]',) * 5


def untold(replies: tuple[str | None, ...] = SAME, **more: Any) -> Identity:
    """One whose server gives no logprobs."""
    return known(replies, logprobs=("",) * 5, **more)


@pytest.mark.parametrize(
    ("then", "now", "shows"),
    [
        (known(), known(), ""),
        (known(version="1"), known(version="2"), ""),
        (known(owner="vllm"), known(owner="other"), ""),
        (known(root="a"), known(root="b"), "root 'a' then, 'b' now"),
        (known(root="a"), known(), ""),  # one that tells less is no other one
        (known(parent="a"), known(parent="b"), "parent 'a' then"),
        (untold(), untold((*SAME[:4], "x")), ""),
        (untold(), known((*SAME[:3], "x", "y")), "2 of 5 replies"),
        (untold(weights=FILES), untold((*SAME[:3], "x", "y"), weights=FILES), ""),
        (untold(weights=FILES), untold((*SAME[:2], "x", "y", "z"), weights=FILES), "3 of 5"),
        (known(), known((*SAME[:3], "x", "y")), ""),  # as likely as before: ties, no training
        (known(), known((*SAME[:2], "x", "y", "z")), "3 of 5 replies"),
        (known(weights=FILES), known((*SAME[:2], "x", "y", "z"), weights=FILES), ""),
        (known(), known((SAME[0], "w", "x", "y", "z")), "4 of 5 replies"),
        (untold(), untold((None, None, None, None, "x")), "1 of 1 reply"),
        (known(), known((None, None, None, None, "e")), ""),
        (known(), known(()), ""),
        (known(), known(("x",) * 5, api="completions"), ""),
        (known(), known(logprobs=steps(-0.13)), ""),
        (known(), known(logprobs=steps(-0.7)), "temperature 0 differ by 0.20"),
        # after another token nothing can be compared
        (known(), known(logprobs=steps(-0.13, "x", -9.0)), ""),
        (known(), known(logprobs=steps(-0.4, "x")), "differ by 0.15"),
        (known(weights=FILES), known(weights=FILES, logprobs=steps(-0.7)), ""),
        (
            known(weights=FILES),
            known((*SAME[:2], "x", "y", "z"), weights=FILES, logprobs=steps(-0.7)),
            "differ by 0.20 on average, and 3 of 5 replies do",
        ),
        (known(), untold(), ""),
        (known(), known(logprobs=(steps(-9.0)[0], *("",) * 4)), ""),  # too few to tell
        (Identity(host="api.a.com"), Identity(host="api.b.com"), ""),
        (Identity(host="api.a.com"), known(), "hosted by api.a.com then, by nobody now"),
    ],
)
def test_what_shows_another_model(then: Identity, now: Identity, shows: str) -> None:
    found = difference(then, now)

    assert shows in found if shows else not found


def test_an_identity_is_read_as_it_was_written() -> None:
    made = IdentityRecord.of(known(weights=FILES, root="/a"), "2026-01-01T00:00:00+00:00")

    assert parser(IdentityRecord)(packed(made)) == made


def test_only_what_can_be_seen_from_here_is_known_of_weights(
    checkpoint: Path, tmp_path: Path
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"12345")
    found = [weights(str(each)) for each in (checkpoint, file, tmp_path / "no", tmp_path, "")]

    assert [each and (each.files, each.size) for each in found] == [
        *((1, 7), (1, 5), None, (1, 5), None)
    ]
