"""`launch each`: a command once per model. A small fake takes the place of vLLM's Python."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launch.commands.per_model import CommandPerModel, model_names
from launch.errors import UsageError
from launch.server.placement import Placement
from tests.launch.launching import Launch, living, python, server_pids, wait_until

# Notes the model and whether it has a server; ends with the code that FAILS names for the model.
FAILURE = Path("why")
NOTE = """
import json, os, sys
(endpoint,) = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
served = bool(endpoint["base_url"])
with open("notes", "a") as file:
    print(endpoint["model"], "served" if served else "alone", file=file)
if not served and endpoint["model"] not in os.environ.get("KNOWN", "").split():
    print("!", file=sys.stderr)
    sys.exit(3)
print("result of", endpoint["model"])
sys.exit(json.loads(os.environ.get("FAILS", "{}")).get(endpoint["model"], 0))
"""


@pytest.fixture
def each(launch: Launch, tmp_path: Path) -> Launch:
    """`launch each WORDS...` on the fake vLLM."""

    def start(*words: str, **variables: str) -> "subprocess.Popen[str]":
        fake = ("--vllm-python", str(tmp_path / "fake-python"))
        return launch("each", *fake, *words, **variables)

    return start


def notes(directory: Path) -> list[str]:
    return (directory / "notes").read_text().splitlines()


def test_a_model_is_served_with_its_gpus_and_the_users_flags() -> None:
    task = CommandPerModel(
        ("evaluator", "run"), {"a": ("--startup-timeout", "9")}, {"a": ("--max-num-seqs", "8")}
    )

    words = task.command_line("a", Placement(("2", "3")), FAILURE)

    assert words[3:] == [
        *("with", "--model", "a", "--gpus", "2,3", "--failure", "why", "--startup-timeout", "9"),
        *("--", "--max-num-seqs", "8", "--", "evaluator", "run"),
    ]
    assert "--gpus" not in task.command_line("a", Placement(), FAILURE)
    named = CommandPerModel(("evaluator", "run"), folders={"x/a": "x-a"})
    assert named.command_line("x/a", Placement(), FAILURE)[3:8] == [
        "with",
        "--model",
        "x/a",
        "--folder",
        "x-a",
    ]


def test_the_models_are_those_given_else_the_recipes(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('models = ["c", "d"]\n')

    assert model_names("a, b a", recipe) == ["a", "b"]
    assert model_names("a b", None) == ["a", "b"]
    assert model_names("", recipe) == ["c", "d"]
    with pytest.raises(UsageError, match="--models a,b"):
        model_names("", None)
    with pytest.raises(UsageError, match="no model directory"):
        model_names("a,./missing", None)


def test_one_models_failure_costs_no_other(each: Launch, tmp_path: Path) -> None:
    process = each("--models", "good,bad,last", *python(NOTE), FAILS='{"last": 1}')
    output, messages = process.communicate()

    assert process.returncode == 3
    assert notes(tmp_path) == ["good served", "last served"]
    assert output.splitlines() == ["result of good", "result of last"]
    good, bad, last = (line.split(maxsplit=1) for line in messages.splitlines()[-3:])
    assert (good, last) == (["good", "done"], ["last", "done, with errors (exit code 1)"])
    assert bad[1].startswith("no server (exit code 3): the server did not start, it ended with")
    assert "out of memory" in bad[1] and "runs/logs/bad-" in bad[1]
    assert living(server_pids(tmp_path)) == []


def test_a_server_is_started_only_where_one_is_needed(each: Launch, tmp_path: Path) -> None:
    words = ("--models", "known new", "--if-needed", "--prepare", "touch prepared")
    process = each(*words, *python(NOTE), KNOWN="known")
    output, messages = process.communicate()

    assert process.returncode == 0
    assert notes(tmp_path) == ["known alone", "new alone", "new served"]
    assert output.splitlines() == ["result of known", "result of new"]
    assert "!" not in messages
    assert (tmp_path / "prepared").exists()
    assert len(server_pids(tmp_path)) == 2  # one server and its child


def test_where_all_is_known_nothing_is_started(each: Launch, tmp_path: Path) -> None:
    words = ("--models", "a,b", "--if-needed", "--prepare", "touch prepared")
    process = each(*words, *python(NOTE), KNOWN="a b")
    output, messages = process.communicate()

    assert (process.returncode, messages) == (0, "")
    assert output.splitlines() == ["result of a", "result of b"]
    assert not (tmp_path / "prepared").exists()


def test_a_mistake_in_the_command_is_told_before_anything_starts(
    each: Launch, tmp_path: Path
) -> None:
    code = "import sys; print('no such key', file=sys.stderr); sys.exit(2)"
    process = each("--models", "a,b", "--if-needed", "--prepare", "touch prepared", *python(code))
    _, messages = process.communicate()

    assert (process.returncode, messages) == (2, "no such key\n")
    assert not (tmp_path / "prepared").exists()
    assert server_pids(tmp_path) == []


def test_what_prepares_must_succeed(each: Launch, tmp_path: Path) -> None:
    process = each("--models", "a", "--prepare", "false", *python(NOTE))
    _, messages = process.communicate()

    assert process.returncode == 3
    assert "'false' ended with exit code 1" in messages
    assert server_pids(tmp_path) == []


def test_a_preparation_that_a_signal_ended_ends_all_as_that_signal(
    each: Launch, tmp_path: Path
) -> None:
    process = each("--models", "a", "--prepare", "sh -c 'exit 130'", *python(NOTE))
    _, messages = process.communicate()

    assert process.returncode == 130
    assert "stopped by SIGINT" in messages


FOLDER = """
import sys
from evaluator.options.given import several
(one,) = several({"benchmarks": ["arc"]})
print(one.model, one.out)
sys.exit(3 if one.replay else 0)
"""


def test_models_whose_names_end_alike_get_folders_that_are_told_apart(
    each: Launch, tmp_path: Path
) -> None:
    models = [tmp_path / "a/step-500", tmp_path / "b/step-500"]
    for model in models:
        model.mkdir(parents=True)
    command = ("--", sys.executable, "-c", FOLDER)
    process = each("--models", ",".join(map(str, models)), "--if-needed", *command)
    output, messages = process.communicate()

    expected = [f"{models[0]} runs/a-step-500", f"{models[1]} runs/b-step-500"]
    assert process.returncode == 0, messages
    assert sorted(output.splitlines()) == sorted(expected * 2)  # without a server, and with one


MEET = """
import os, json, sys, time
from pathlib import Path
(endpoint,) = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
Path(f"here-{endpoint['model']}").touch()
print("message of", endpoint["model"], file=sys.stderr)
print("result of", endpoint["model"])
while len(list(Path().glob("here-*"))) < 2:
    time.sleep(0.02)
if os.environ.get("STAY"):
    Path(f"met-{endpoint['model']}").touch()
    time.sleep(60)
"""


def test_two_gpus_serve_two_models_side_by_side(each: Launch, tmp_path: Path) -> None:
    process = each("--models", "a,b", "--gpus", "0,1", *python(MEET))  # they wait for each other
    output, messages = process.communicate(timeout=60)

    assert process.returncode == 0
    assert sorted(output.splitlines()) == ["result of a", "result of b"]
    assert "message of" not in messages
    logs = [path.read_text() for path in (tmp_path / "runs" / "logs").glob("?-messages-*.log")]
    assert sorted(log for log in logs if "message of" in log) == sorted(logs)
    assert len(logs) == 2
    assert living(server_pids(tmp_path)) == []


@pytest.mark.parametrize(
    ("number", "group", "code"),
    [(signal.SIGINT, True, 130), (signal.SIGTERM, False, 143), (signal.SIGKILL, False, -9)],
)
def test_however_it_ends_nothing_is_left(
    each: Launch, tmp_path: Path, number: signal.Signals, group: bool, code: int
) -> None:
    process = each("--models", "a,b,c", "--gpus", "0,1", *python(MEET), STAY="1")
    wait_until(lambda: len(list(tmp_path.glob("met-*"))) == 2)
    (os.killpg if group else os.kill)(process.pid, number)

    assert process.wait() == code
    wait_until(lambda: not living(server_pids(tmp_path)))
    assert len(server_pids(tmp_path)) == 4  # c was not begun


def test_a_mistake_of_ones_own_is_one_clear_line(each: Launch, tmp_path: Path) -> None:
    process = each("--models", "a", "--", "no-such-program")
    _, messages = process.communicate()

    assert process.returncode == 2
    assert len(messages.strip().splitlines()) == 1
