"""`launch turns`: a command beside several configurations of a server, one after another."""

import subprocess
from pathlib import Path

import pytest

from launch.commands.interleaved import (
    ServerConfiguration,
    interleaved_order,
    read_configurations,
)
from launch.errors import UsageError
from tests.launch.launching import Launch, living, python, server_pids

TWO = """
model = "tiny"
[[server]]
name = "plain"
[[server]]
name = "eager"
flags = ["--enforce-eager"]
"""

NOTE = """
import json, os, sys
(endpoint,) = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
with open("notes", "a") as file:
    print(endpoint["name"], endpoint["round"], *endpoint["flags"], file=file)
with open("gpus", "a") as file:
    print(endpoint["gpus"], file=file)
sys.exit(int(os.environ.get("FAILS", "0")))
"""


@pytest.fixture
def turns(launch: Launch, tmp_path: Path) -> Launch:
    """`launch turns` with two configurations, on the fake vLLM."""
    (tmp_path / "perf.toml").write_text(TWO)
    fake = ("--vllm-python", str(tmp_path / "fake-python"))

    def start(*words: str, **variables: str) -> "subprocess.Popen[str]":
        return launch("turns", "--config", "perf.toml", *fake, *words, **variables)

    return start


def configuration(name: str) -> ServerConfiguration:
    return ServerConfiguration(name, "tiny", ())


@pytest.mark.parametrize(
    ("names", "rounds", "expected"),
    [
        ("AB", 1, [("A", [1]), ("B", [1])]),
        ("AB", 3, [("A", [1]), ("B", [1, 2]), ("A", [2, 3]), ("B", [3])]),
        ("A", 3, [("A", [1, 2, 3])]),
        ("ABC", 2, [("A", [1]), ("B", [1]), ("C", [1, 2]), ("B", [2]), ("A", [2])]),
    ],
)
def test_the_order_alternates(
    names: str, rounds: int, expected: list[tuple[str, list[int]]]
) -> None:
    ordered = interleaved_order(list(map(configuration, names)), rounds)

    assert [(one.name, turns) for one, turns in ordered] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no .*server.* table"),
        ("servers = []", "unknown key 'servers'; did you mean 'server'"),
        ("[[server]]\nflag = []", "unknown key 'flag'; did you mean 'flags'"),
        ("[[server]]\nflags = []", "without a name"),
        ("server = [1]", r"1 is no \[\[server\]\] table"),
        ('[[server]]\nname = "a"', "no model for 'a'"),
        ('model = "m"\n[[server]]\nname = "a"\nflags = "--x"', "are no list"),
        ('model = "m"\n[[server]]\nname = "a"\n[[server]]\nname = "a"', "'a' names two"),
        ('model = "m"\n[[server]]\nname = "a"\nflags = ["--port", "1"]', "'--port' is among"),
        ("no toml", "cannot read"),
    ],
)
def test_a_mistake_in_the_file_is_found_before_a_server_starts(
    text: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "perf.toml").write_text(text)

    with pytest.raises(UsageError, match=words):
        read_configurations(tmp_path / "perf.toml", None)


def test_the_command_learns_which_server_and_round_it_is(turns: Launch, tmp_path: Path) -> None:
    process = turns(*python(NOTE))
    _, messages = process.communicate()

    assert process.returncode == 0, messages
    assert (tmp_path / "notes").read_text().splitlines() == [
        "plain 1",
        "eager 1 --enforce-eager",
        "eager 2 --enforce-eager",
        "plain 2",
        "plain 3",
        "eager 3 --enforce-eager",
    ]
    assert len(server_pids(tmp_path)) == 4 * 2  # a server and its child at each of four starts
    assert living(server_pids(tmp_path)) == []


def test_the_command_learns_on_how_many_gpus(turns: Launch, tmp_path: Path) -> None:
    process = turns("--rounds", "1", "--gpus", "0-1", *python(NOTE))
    _, messages = process.communicate()

    assert process.returncode == 0, messages
    assert (tmp_path / "gpus").read_text().split() == ["2", "2"]


@pytest.mark.parametrize(("code", "runs"), [("1", 2), ("2", 1)])
def test_what_makes_the_next_turn_pointless_ends_them(
    turns: Launch, tmp_path: Path, code: str, runs: int
) -> None:
    process = turns("--rounds", "1", *python(NOTE), FAILS=code)
    process.communicate()

    assert process.returncode == int(code)
    assert len((tmp_path / "notes").read_text().splitlines()) == runs


def test_the_help_names_the_table_that_a_file_is_made_of(launch: Launch) -> None:
    said, _ = launch("turns", "--help").communicate()

    assert "[[server]]" in said
