"""Runs of lm-eval's tasks are runs like all others: resumed, compared, refused, listed."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Builtin, samples
from evaluator.lm_eval_tasks import index
from tests.conftest import Cli
from tests.lm_eval_tasks.mirror import write_mirror, write_tasks
from tests.sandbox.programs import needs_sandbox
from tests.stub import StubServer

BASICS = ("--model", "stub", "--progress", "none")
TASKS = ("lm-eval:arc_easy", "lm-eval:lambada_openai")
HARM = (
    "    import os\n    os.kill(os.getppid(), 9)\n",
    "    import os\n    os._exit(0)\n",
)
RUNS_CODE = "task: writes_code\ndataset_path: me/code\noutput_type: generate_until\n"


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mirror(tmp_path_factory.mktemp("mirror"))


def test_a_run_is_resumed_and_compared(
    stub: StubServer, mirror: Path, cli: Cli, tmp_path: Path
) -> None:
    where = ("--base-url", stub.base_url, "--data-dir", mirror)
    for folder in ("a", "b"):
        made = cli("run", *TASKS, *BASICS, *where, "--out", folder)
        assert made.returncode == 0, made.stderr
    asked = stub.count
    again = cli("run", *TASKS, *BASICS, *where, "--out", "a")
    assert stub.count == asked
    assert "40 replayed" in again.stdout + again.stderr

    compared = cli("compare", "a", "b", "--out", "c")
    assert compared.returncode == 0, compared.stderr
    found = orjson.loads((tmp_path / "c" / "compare.json").read_bytes())
    (comparison,) = found["comparisons"]
    pairs = {name: of["pairs"] for name, of in comparison["benchmarks"].items()}
    assert pairs == dict.fromkeys(TASKS, 8)
    totals = comparison["benchmarks"]["lm-eval:lambada_openai"]["totals"]
    assert list(totals) == ["perplexity"]


def test_a_task_that_runs_code_is_refused_without_leave(cli: Cli, stub: StubServer) -> None:
    made = cli("run", "lm-eval:humaneval", *BASICS, "--base-url", stub.base_url)

    assert made.returncode == 2
    assert "lm-eval:humaneval: runs the code that the model writes" in made.stderr
    assert "--allow-code" in made.stderr
    assert stub.count == 0


@needs_sandbox
def test_a_task_that_leaves_its_code_to_code_eval_runs_it_in_the_sandbox(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    """Right and wrong functions, and some that would end this process."""
    known = {
        sample.fields["head"]: sample for sample in samples(BENCHMARKS["humaneval"], Builtin(), 0)
    }
    bodies = dict(zip(known, ["right", "right", "    return None\n", *HARM], strict=False))

    def reply(body: dict[str, Any]) -> str:
        asked = body["messages"][-1]["content"]
        head = next(head for head in known if head.strip() in asked)
        said = bodies.get(head, "    pass\n")
        return known[head].target if said == "right" else said

    stub.reply = reply
    words = ("run", "lm-eval:humaneval", *BASICS, "--data", "builtin", "--no-smoke", "--allow-code")
    made = cli(*words, "--base-url", stub.base_url, "--out", "run")
    lines = (tmp_path / "run/outcomes.jsonl").read_bytes().splitlines()
    outcomes = [orjson.loads(line) for line in lines]

    assert made.returncode == 0, made.stderr
    assert sum(each["value"] for each in outcomes) == 2
    assert "pass@1" in (tmp_path / "run/report.json").read_text()


def test_a_task_that_runs_code_by_itself_is_refused(cli: Cli, stub: StubServer) -> None:
    made = cli(
        "run", "lm-eval:cruxeval_input", *BASICS, "--base-url", stub.base_url, "--allow-code"
    )

    assert made.returncode == 2
    assert "is refused: it runs the code that a model writes by itself" in made.stderr


def test_an_unsafe_task_of_the_users_own_is_refused(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(f"{RUNS_CODE}unsafe_code: true\n")
    made = cli("run", "lm-eval:own.yaml", *BASICS, "--base-url", stub.base_url)

    assert made.returncode == 2
    assert "is refused: it runs the code" in made.stderr


def test_an_unknown_task_names_the_nearest(cli: Cli) -> None:
    made = cli("run", "lm-eval:arc_esay", "--model", "m", "--base-url", "http://localhost:1/v1")

    assert made.returncode == 2
    assert "no task, group or tag 'arc_esay'; did you mean 'arc_easy'" in made.stderr


def test_options_of_lm_eval_without_its_tasks_are_refused(cli: Cli, tmp_path: Path) -> None:
    options = ("--include-path", write_tasks(tmp_path / "own"), "--data", "builtin")
    made = cli("run", "arc", "--model", "m", "--base-url", "http://localhost:1/v1", *options)

    assert made.returncode == 2
    assert "--include-path: no task of lm-eval's" in made.stderr


def test_without_lm_eval_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PACKAGE", "no_such_package")

    with pytest.raises(index.UsageError, match=r"pip install 'evaluator\[lm-eval\]'"):
        index.require()
    assert index.search("arc") == {}


def test_a_text_that_no_logprob_begins_says_what_to_give(
    stub: StubServer, mirror: Path, cli: Cli
) -> None:
    where = ("--base-url", stub.base_url, "--data-dir", mirror)
    made = cli("run", "lm-eval:wikitext", *BASICS, *where, "--out", "run")

    assert made.returncode != 0
    assert "--prefix-token" in made.stdout + made.stderr


def test_a_list_for_programs_has_all_that_are_found(cli: Cli) -> None:
    rows = {
        row["name"]: row for row in orjson.loads(cli("list", "--json", "--search", "arc").stdout)
    }

    assert rows["lm-eval:arc_easy"]["dataset"] == "allenai/ai2_arc ARC-Easy"
    assert rows["lm-eval:arc_easy"]["of_lm_eval"] == "task"
    assert rows["arc"]["size"]
    code = orjson.loads(cli("list", "--json", "--search", "cruxeval_input").stdout)
    assert "code" in code[0]["refused"]


def test_tasks_are_found_by_their_names(cli: Cli) -> None:
    listed = cli("list", "--search", "arc_easy")

    assert "lm-eval:arc_easy" in listed.stdout
    assert "lm-eval:TASK" in cli("list").stdout
