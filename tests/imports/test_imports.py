"""`evaluator import` on files that the other tools wrote themselves (tests/imports/recorded).

lm-eval 0.4.13, evalscope 1.14.1, OpenCompass 0.5.4 and inspect_ai 0.3.285 asked a stub server three
built-in questions of GSM8K and of ARC each. Of each three the first is answered rightly.
"""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.imports.matching import QuestionIndex
from evaluator.imports.recorded import OtherReply
from evaluator.types import Sample
from tests.cli.test_cli import outcomes, report
from tests.conftest import Cli
from tests.stub import StubServer

RECORDED = Path(__file__).parent / "recorded"
TOOLS = ["lm-eval", "evalscope", "opencompass", "inspect"]
GSM8K = {"0": "93", "1": "100", "2": None}  # what was answered, by our id


def words(tool: str, *more: object) -> tuple[Any, ...]:
    model = ("--model", "tiny") if tool == "lm-eval" else ()
    return ("import", tool, RECORDED / tool, *model, "-o", "made", *more)


@pytest.mark.parametrize("tool", TOOLS)
def test_replies_of_another_tool_are_scored_by_our_rules(
    tool: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli(*words(tool, "--data", "builtin"))

    assert done.returncode == 0, done.stderr
    assert "results in made/" in done.stdout
    found = {o["id"]: o for o in outcomes(tmp_path / "made") if o["benchmark"] == "gsm8k"}
    assert {id: o["answer"] for id, o in found.items()} == GSM8K
    assert [found[id]["value"] for id in "012"] == [1.0, 0.0, 0.0]
    assert [found[id]["target"] for id in "012"] == ["93", "1800", "9"]
    if tool != "lm-eval":
        arc = {o["id"]: o["value"] for o in outcomes(tmp_path / "made") if o["benchmark"] == "arc"}
        assert arc == {"sample_c_01": 1.0, "sample_c_02": 0.0, "sample_c_03": 0.0}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_prompts_are_those_that_the_other_tool_sent(
    tool: str, cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    cli(*words(tool, "--data", "builtin"))
    at = ("--model", "stub", "--base-url", stub.base_url, "--data", "builtin", "--limit", 3)
    cli("run", "gsm8k", *at, "--progress", "none", "--out", "own")
    shown = cli("show", "made", "--id", "0", "--benchmark", "gsm8k")
    compared = cli("compare", "own", "made")
    forced = cli("compare", "own", "made", "--force")

    assert "Mira fills 7 jars" in shown.stdout
    assert "7 * 12 = 84" in shown.stdout
    assert ("step by step" in shown.stdout) == (tool in ("evalscope", "opencompass"))
    assert compared.returncode == 2
    assert "other prompts in 3 of 3 samples" in compared.stderr
    assert forced.returncode == 0, forced.stderr


@pytest.mark.parametrize(
    ("tool", "metric"),
    [
        ("lm-eval", "exact_match (strict-match), as lm-eval scored it"),
        ("evalscope", "accuracy, as evalscope scored it"),
        ("opencompass", "accuracy, as opencompass scored it"),
        ("inspect", "match, as inspect scored it"),
    ],
)
def test_as_recorded_keeps_the_scores_and_needs_no_data(
    tool: str, metric: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli(*words(tool, "--as-recorded"))
    made = report(tmp_path / "made")["benchmarks"][f"{tool}/gsm8k"]

    assert done.returncode == 0, done.stderr
    assert (made["metric"], made["samples"]) == (metric, 3)
    assert made["value"] == pytest.approx(1 / 3)


def test_likelihoods_keep_their_score(cli: Cli, tmp_path: Path) -> None:
    """They are no replies that could be read again, and need no data set."""
    (model,) = (folder.name for folder in (RECORDED / "lm-eval").iterdir() if folder.name != "tiny")
    done = cli("import", "lm-eval", RECORDED / "lm-eval" / model, "-o", "made")
    made = report(tmp_path / "made")["benchmarks"]

    assert done.returncode == 0, done.stderr
    assert made["lm-eval/arc_challenge"]["metric"] == "acc, as lm-eval scored it"
    assert [o["answer"] for o in outcomes(tmp_path / "made")].count(None) == 0


def test_several_models_need_a_choice(cli: Cli) -> None:
    done = cli("import", "lm-eval", RECORDED / "lm-eval", "--data", "builtin")

    assert done.returncode == 2
    assert "2 models: " in done.stderr
    assert "give --model NAME for one" in done.stderr


def test_questions_that_are_not_ours_keep_their_scores(cli: Cli, tmp_path: Path) -> None:
    folder = shutil.copytree(RECORDED / "lm-eval" / "tiny", tmp_path / "theirs")
    (samples,) = folder.glob("samples_*")
    samples.write_bytes(samples.read_bytes().replace(b"Mira", b"Nora").replace(b"Owen", b"Olaf"))
    some = cli("import", "lm-eval", folder, "--data", "builtin", "-o", "some")
    samples.write_bytes(samples.read_bytes().replace(b"river ferry", b"lake ferry"))
    none = cli("import", "lm-eval", folder, "--data", "builtin", "-o", "none")

    assert some.returncode == none.returncode == 0, some.stderr + none.stderr
    assert "gsm8k: 2 replies to no question of gsm8k are left out" in some.stderr
    assert "gsm8k: no question of gsm8k in" in none.stderr
    assert list(report(tmp_path / "none")["benchmarks"]) == ["lm-eval/gsm8k"]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_damaged_file_is_named(tool: str, cli: Cli, tmp_path: Path) -> None:
    folder = shutil.copytree(RECORDED / tool, tmp_path / "theirs")
    for path in folder.rglob("*.*"):
        if not path.name.startswith("results_") and path.is_file():
            path.write_bytes(path.read_bytes()[:400])
    done = cli("import", tool, folder)

    assert done.returncode == 2, done.stdout
    assert "writes it: " in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_a_folder_without_outputs_is_told(tool: str, cli: Cli, tmp_path: Path) -> None:
    empty, missing = cli("import", tool, tmp_path), cli("import", tool, tmp_path / "missing")

    assert (empty.returncode, missing.returncode) == (2, 2)
    assert "holds nothing that" in empty.stderr
    assert "there is no folder" in missing.stderr


def asked(text: str, question: str = "") -> OtherReply:
    return OtherReply(id="x", prompt=text, text="", value=None, question=question)


@pytest.mark.parametrize(
    ("reply", "id"),
    [
        (asked("Q: How far?  A:"), "far"),
        (asked("anything", question="How\nlong?"), "long"),
        (asked("Q: How long?\nA: 5\n\nQ: How far?\nA:"), "far"),  # the last is what is asked
        (asked("Q: Which one?\nA. red\nB. green"), "green"),
        (asked("Q: Which one?\nA. blue\nB. black"), "blue"),
        (asked("Q: Why?"), None),
    ],
)
def test_a_reply_belongs_to_the_question_that_was_asked_last(
    reply: OtherReply, id: str | None
) -> None:
    samples = [
        Sample("long", {"question": "How long?"}),
        Sample("far", {"question": "How far?"}),
        Sample("green", {"question": "Which one?", "options": ["red", "green"]}),
        Sample("blue", {"question": "Which one?", "options": ["blue", "black"]}),
    ]

    assert list(QuestionIndex(samples).matched([reply]).by_id) == ([id] if id else [])


def test_a_reply_of_null_and_an_unscored_sample_are_no_zero(cli: Cli, tmp_path: Path) -> None:
    folder = shutil.copytree(RECORDED / "opencompass", tmp_path / "theirs")
    shutil.rmtree(folder / "results")
    done = cli("import", "opencompass", folder, "--as-recorded", "-o", "made")
    made = report(tmp_path / "made")["benchmarks"]["opencompass/gsm8k"]

    assert done.returncode == 1
    assert (made["errors"], made["value"]) == (3, None)
    assert orjson.loads((tmp_path / "made/run.json").read_bytes())["model"] == "tiny-api"
