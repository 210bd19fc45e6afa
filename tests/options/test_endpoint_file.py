"""--endpoints FILE: several servers with roles, keys, slots and rates of their own."""

from pathlib import Path

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.options.endpoint_file import read_endpoints
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.stub import StubServer

AT = ("--model", "stub", "--progress", "plain", "--no-smoke", "--out", "r")


@pytest.fixture
def questions(tmp_path: Path) -> str:
    rows = [{"question": f"What is {n}?", "answer": "B"} for n in range(60)]
    (tmp_path / "q.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return "qa:q.jsonl"


def listed(path: Path, *tables: dict[str, object]) -> Path:
    lines = []
    for table in tables:
        lines += [
            "[[endpoint]]",
            *(f"{key} = {orjson.dumps(v).decode()}" for key, v in table.items()),
        ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_each_server_has_its_own_key_and_slots(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST_KEY", "one")
    monkeypatch.setenv("SECOND_KEY", "two")
    stub.api_key, stub.latency = "one", 0.05
    with StubServer(api_key="two", latency=0.05) as other:
        listed(
            tmp_path / "e.toml",
            {"base_url": stub.base_url, "api_key_env": "FIRST_KEY", "concurrency": 2},
            {"base_url": other.base_url, "api_key_env": "SECOND_KEY", "concurrency": 6},
        )
        done = cli("run", questions, *AT, "--endpoints", "e.toml")

        assert done.returncode == 0, done.stderr
        assert stub.count + other.count == 60
        assert (stub.peak_in_flight, other.peak_in_flight) == (2, 6)
        two = cli("run", questions, *AT[:-1], "two", "--endpoints", "e.toml", "--clients", 2)
        assert two.returncode == 0, two.stderr
        assert (stub.peak_in_flight, other.peak_in_flight) == (2, 6)


def test_a_server_has_its_own_rate(
    cli: Cli, stub: StubServer, tmp_path: Path, questions: str
) -> None:
    with StubServer() as other:
        listed(
            tmp_path / "e.toml",
            {"base_url": stub.base_url, "rpm": 120, "concurrency": 4},
            {"base_url": other.base_url},
        )
        done = cli("run", questions, *AT, "--endpoints", "e.toml")

        assert done.returncode == 0, done.stderr
        assert stub.count + other.count == 60
        assert 1 <= stub.count < other.count


def test_a_judge_is_where_the_file_says(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    with StubServer(reply="Rating: [[7]]", models=["j"]) as judge:
        listed(
            tmp_path / "e.toml",
            {"base_url": stub.base_url},
            {"base_url": judge.base_url, "role": "judge"},
        )
        words = ("mtbench", "--data", "builtin", "--limit", 2, "--judge-model", "j")
        done = cli("run", *words, *AT, "--endpoints", "e.toml")

    assert done.returncode == 0, done.stderr
    assert judge.count > 0
    assert report(tmp_path / "r")["judge"] == "j"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"give a table \[\[endpoint\]\] with a base_url for each server"),
        ("[server]\n", r"unknown: 'server'"),
        ('[[endpoint]]\nurl = "http://a/v1"', r"\[\[endpoint\]\] 1: base_url: field required"),
        (
            '[[endpoint]]\nbase_url = "http://a/v1"\n[[endpoint]]\nbase_url = "http://b/v1"\n'
            "rpn = 2",
            r"\[\[endpoint\]\] 2: unknown key 'rpn'; did you mean 'rpm'",
        ),
        ('[[endpoint]]\nbase_url = "http://a/v1"\nconcurrency = 0', "concurrency 0: .*greater"),
        ('[[endpoint]]\nbase_url = "http://a/v1"\nrole = "jury"', "role 'jury': .*'judge'"),
        ('[[endpoint]]\nbase_url = "a"', r"\[\[endpoint\]\] 1: base_url: 'a' is not a URL"),
        ('[[endpoint]]\nbase_url = "http://a/v1"\n' * 2, "2: the model's base_url stands twice"),
        ("[[endpoint]\n", "cannot read"),
    ],
)
def test_a_mistake_is_told_with_its_table_and_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "e.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=said):
        read_endpoints(tmp_path / "e.toml")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--base-url", "http://b/v1"), "--endpoints and --base-url"),
        (("--clients", "3"), "e.toml: concurrency 2 is less than one request at once"),
    ],
)
def test_what_does_not_go_with_the_file_is_refused(
    cli: Cli, tmp_path: Path, questions: str, more: tuple[str, ...], said: str
) -> None:
    listed(tmp_path / "e.toml", {"base_url": "http://127.0.0.1:9/v1", "concurrency": 2})
    done = cli("run", questions, *AT, "--endpoints", "e.toml", *more)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
