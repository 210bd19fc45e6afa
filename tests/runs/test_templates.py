"""A user's own words for a benchmark's questions: checked, sent, told, and kept apart."""

from pathlib import Path

import orjson
import pytest

from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none")
NOWHERE = ("--base-url", "http://127.0.0.1:9/v1", "--dry-run")
OWN = "Exam: {{ subject }}\n{{ examples }}{{ question }}\n{{ option_lines }}"


def args(benchmark: str, template: str) -> tuple[str, str]:
    given = {benchmark: {"prompt_template": template}}
    return "--dataset-args", orjson.dumps(given).decode()


@pytest.mark.parametrize(
    ("benchmark", "template", "more", "told"),
    [
        ("ceval", "{{ query }}", (), "of ceval: there is no {{ query }}; there are examples, lab"),
        ("ceval", "{{ qestion }}", (), "did you mean 'question'?"),
        ("ceval", "{{ answer }}", (), "there is no {{ answer }}"),  # it would give it away
        ("ceval", "Q: {question}", (), "it names no field, such as {{ question }}: 'Q: {quest"),
        ("ceval", "{{ question }", (), "prompt_template: unexpected '}'"),
        ("ceval", "{{ question }}", (), "without {{ examples }} the 5 worked examples are not sho"),
        ("ceval", "{{ question.a.b }}{{ examples }}", (), "prompt_template: 'str object' has no"),
        ("ceval", OWN, ("--mode", "logprobs"), "--mode logprobs asks in words of its own"),
        ("bfcl", "{{ question }}", (), "bfcl asks in words of its own alone"),
        ("gsm8k", "no_such_file.txt", (), "prompt_template: there is no file 'no_such_file.txt'"),
    ],
)
def test_a_template_that_does_not_fit_is_refused_before_anything_is_sent(
    benchmark: str, template: str, more: tuple[str, ...], told: str, cli: Cli
) -> None:
    done = cli("run", benchmark, *BASICS, *NOWHERE, *more, *args(benchmark, template))

    assert done.returncode == 2
    assert told in done.stderr


def test_a_dry_run_shows_the_question_in_the_template(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(OWN, encoding="utf-8")
    done = cli("run", "ceval", *BASICS, *NOWHERE, *args("ceval", "own.txt"), "--shots", "1")
    turns = cli(
        *("run", "ceval", *BASICS, *NOWHERE, *args("ceval", "own.txt")),
        *("--shots", "2", "--shots-as-turns"),
    )
    base = cli(
        *("run", "ceval", *BASICS, *NOWHERE, "--api", "completions"),
        *args("ceval", f"{OWN}\n答案："),
    )

    assert "-- user:\nExam: " in done.stdout
    assert turns.stdout.count("-- user:\nExam: ") == 3
    assert turns.stdout.count("-- assistant:\n答案：") == 2
    assert "-- prompt:\nExam: " in base.stdout


def test_a_run_in_a_template_says_so_and_compares_with_none_in_the_usual_words(
    cli: Cli, tmp_path: Path
) -> None:
    with StubServer(reply="答案：A") as stub:
        words = ("run", "ceval", *BASICS, "--base-url", stub.base_url)
        usual = cli(*words, "--out", "usual")
        own = cli(*words, *args("ceval", OWN), "--out", "own")
        into_usual = cli(*words, *args("ceval", OWN), "--out", "usual")
        sent = [each.body["messages"][-1]["content"] for each in stub.requests]
    compared = cli("compare", "usual", "own")
    page = (tmp_path / "own/report.md").read_text(encoding="utf-8")
    page = (tmp_path / "own/report.md").read_text(encoding="utf-8")

    assert (usual.returncode, own.returncode) == (0, 0), own.stderr
    assert sum(each.startswith("Exam: ") for each in sent) == len(sent) / 2
    assert "in a prompt template of the user's" in page
    assert "prompt template" in compared.stderr
    assert compared.returncode == 2
    assert "prompt_template" in into_usual.stderr
