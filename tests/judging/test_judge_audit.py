"""The judge looked at itself, and several judges beside each other."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks.alignbench.audit import AUDIT, NOISE, OTHER, REFERENCE
from evaluator.data import Builtin, samples
from tests.benchmarks.test_alignbench import BASICS, names_in
from tests.conftest import Cli
from tests.stub import StubServer


def report(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())


def part(prompt: str, name: str) -> str:
    return prompt.partition(f"[{name}开始]\n")[2].partition(f"\n[{name}结束]")[0]


def rated(body: Any, overall: float) -> str:
    return repr({**dict.fromkeys(names_in(body["messages"][0]["content"]), 5), "综合得分": overall})


def fair(body: Any) -> str:
    """8 for the reference itself, 2 for a reference to something else, 5 for what is neither."""
    prompt = body["messages"][0]["content"]
    answer, reference = part(prompt, "助手的答案"), part(prompt, "参考答案")
    return rated(body, 5 if answer == "一个答案。" else 8 if answer == reference else 2)


def test_every_question_has_anothers_answer_from_another_category() -> None:
    found = list(samples(AUDIT, Builtin(), 0))
    by_reference = {s.fields["reference"]: s.fields["category"] for s in found}

    assert len(found) == 16
    assert all(by_reference[s.fields["other"]] != s.fields["category"] for s in found)
    assert [s.fields["other"] for s in found] == [
        s.fields["other"] for s in samples(AUDIT, Builtin(), 0)
    ]


@pytest.fixture
def run(cli: Cli, stub: StubServer) -> Any:
    """Runs alignbench with these judges."""
    stub.reply = "一个答案。"

    def with_judge(judge: StubServer, *words: object) -> Any:
        basics = ("run", "alignbench", *BASICS, "--base-url", stub.base_url, "--limit", 4)
        return cli(*basics, "--judge-base-url", judge.base_url, *words)

    return with_judge


def test_a_fair_judge_passes_its_audit_and_the_same_again_costs_nothing(
    run: Any, stub: StubServer, tmp_path: Path
) -> None:
    with StubServer(reply=fair, models=["glm"]) as judge:
        words = ("--judge-model", "glm", "--audit-judge", 5)
        done = run(judge, *words)
        asked = judge.count
        run(judge, *words)

    assert done.returncode == 0, done.stderr
    assert (stub.count, asked, judge.count) == (4, 4 + 5 * 4, 24)
    rows = report(tmp_path / "r")["benchmarks"]
    assert (rows["alignbench"]["value"], rows["audit:alignbench"]["value"]) == (5.0, 8.0)
    totals = rows["audit:alignbench"]["totals"]
    assert {name: of["value"] for name, of in totals.items()} == {
        REFERENCE: 8.0,
        OTHER: 2.0,
        NOISE: 0.0,
    }
    assert f"audit:alignbench / {REFERENCE}" in done.stdout
    assert "a judge that can be trusted" not in done.stdout


def test_a_judge_that_likes_everything_is_told_of(run: Any) -> None:
    with StubServer(reply=lambda body: rated(body, 9.5), models=["glm"]) as judge:
        done = run(judge, "--judge-model", "glm", "--audit-judge", 3)

    said = " ".join(done.stdout.split())
    assert f"{REFERENCE} is at 9.50, where a judge that can be trusted is at 7 to 9" in said
    assert f"{OTHER} is at 9.50, where a judge that can be trusted is at 1 to 2.5" in said


def test_an_audit_of_nothing_is_refused(cli: Cli, stub: StubServer) -> None:
    done = cli("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--audit-judge", 3)

    assert done.returncode == 2
    assert "nothing to audit in this run; it goes with alignbench" in done.stderr


def test_two_judges_are_averaged_and_their_agreement_shown(run: Any, tmp_path: Path) -> None:
    def apart(body: Any) -> str:
        return rated(body, 4 if body["model"] == "mild" else 7)

    with StubServer(reply=apart, models=["mild", "harsh"]) as judge:
        words = ("--judge-model", "mild", "--judge-model", "harsh")
        done = run(judge, *words, "--audit-judge", 2)

    assert done.returncode == 0, done.stderr
    found = report(tmp_path / "r")
    assert found["judge"] == "mild, harsh"
    row = found["benchmarks"]["alignbench"]
    assert row["value"] == 5.5
    figures = {name: row["totals"][name]["value"] for name in ("by mild", "by harsh")}
    assert figures == {"by mild": 4.0, "by harsh": 7.0}
    assert row["totals"]["judges_apart"]["value"] == 3.0
    assert row["totals"]["judges_agree"]["value"] == 0.0
    assert "judged by mild, harsh, the mean of them" in " ".join(done.stdout.split())
    audit = found["benchmarks"]["audit:alignbench"]["totals"]
    assert audit[f"{REFERENCE} by harsh"]["value"] == 7.0
