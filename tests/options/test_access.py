"""Options of how an endpoint is reached: certificates and headers, for the model and the judge."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import trustme

from evaluator.errors import UsageError
from evaluator.options.access import AccessOptions, without_secrets
from evaluator.options.commands import ArenaOptions, CheckOptions
from evaluator.options.given import checked, several
from evaluator.perf.options import options
from tests.conftest import Cli
from tests.stub import StubServer

BASICS: dict[str, Any] = {"benchmarks": ["arc"], "model": "m", "out": Path("r")}
SECRET = "tok-5f0c9d1e7a"
QUICK = ("--data", "builtin", "--limit", 2, "--progress", "none")
OWN = ("--header", "X-Tenant=blue", "--header-env", "X-Token=GATEWAY_TOKEN")


@pytest.mark.parametrize(
    "given",
    [
        {"header": ["X-A=1=2", "X-B=two words"]},
        {"header": {"X-A": "1=2", "X-B": "two words"}},
        {"header": ("X-A=1=2", "X-B= two words ")},
    ],
)
def test_headers_are_words_or_a_table(given: dict[str, Any]) -> None:
    assert AccessOptions(**given).access.headers == {"X-A": "1=2", "X-B": "two words"}


def test_a_file_of_options_holds_them_as_tables(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'base_url = "http://h/v1"\n[header]\nX-Tenant = "blue"\n'
        '[judge]\nmodel = "j"\nheader = {X-Tenant = "red"}\n'
    )
    (made,) = several({"benchmarks": ["arc"], "model": "m"}, recipe)

    assert (made.header, made.judge.header) == ({"X-Tenant": "blue"}, {"X-Tenant": "red"})


def test_a_secret_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    made = checked({**BASICS, "header_env": ["X-Token=GATEWAY_TOKEN"], "header": ["X-A=1"]})
    with pytest.raises(
        UsageError, match="--header-env: the variable 'GATEWAY_TOKEN' for 'X-Token'"
    ):
        _ = made.access
    monkeypatch.setenv("GATEWAY_TOKEN", f"{SECRET}\n")

    assert made.access.headers == {"X-A": "1", "X-Token": SECRET}
    assert made.access.secrets == (SECRET,)


def test_a_header_that_is_given_twice_counts_as_given_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("B", "3")
    made = AccessOptions(header=["X-A=1", "x-a=2", "X-B=1"], header_env=["x-b=B"])

    assert made.access.headers == {"x-a": "2", "x-b": "3"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"header": [f"Authorization: Bearer {SECRET}"]}, "--header: 'Authorization': ... is not"),
        ({"header": [SECRET]}, "--header: a word is not NAME=VALUE"),
        ({"header": [f"={SECRET}"]}, "--header: a word is not NAME=VALUE"),
        ({"header": [f"X-A=a\r\nX-B: {SECRET}"]}, "--header: the value of 'X-A' is not a line"),
        ({"header": {"X-A": 5}}, "--header: the value of 'X-A' is not a line of ASCII text"),
        ({"header": {"X-A": "蓝"}}, "--header: the value of 'X-A' is not a line of ASCII text"),
        ({"header": {"X A": "b"}}, "--header: 'X A' is no header that can be given"),
        ({"header": ["Content-Length=5"]}, "--header: 'Content-Length' is no header that can"),
        ({"judge_header": [SECRET]}, "--judge-header: a word is not NAME=VALUE"),
        ({"judge_header_env": ["X-A"]}, "--judge-header-env: a word is not NAME=VALUE"),
        ({"header": 5}, "--header: give NAME=VALUE, or a table"),
        (
            {"ca_file": "none.pem"},
            "--ca-file: cannot read certificates in PEM form from 'none.pem'",
        ),
        ({"judge_ca_file": __file__}, "--judge-ca-file: cannot read certificates in PEM form"),
        ({"base_url": ["http://me:tok-5f0c9d1e7a@h:80a/v1"]}, "--base-url: 'http://h:80a/v1' is"),
        ({"base_url": ["http:///v1"]}, "--base-url: 'http:///v1' is not a URL"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked({**BASICS, **given})

    assert told in str(raised.value)
    assert SECRET not in str(raised.value)


def test_every_command_that_connects_has_them(tmp_path: Path) -> None:
    given = {"header": ["X-A=1"], "header_env": ["X-B=B"]}
    judged = {f"judge_{key}": value for key, value in given.items()}

    assert checked({**BASICS, **given, **judged}).judge.header_env == {"X-B": "B"}
    assert options({**given, "out": tmp_path}).header == {"X-A": "1"}
    assert CheckOptions(**given).header == {"X-A": "1"}
    assert ArenaOptions(runs=["a"], **judged).judge.header == {"X-A": "1"}


def test_values_stay_out_of_what_is_recorded(tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(authority)
    given = {"header": {"X-A": SECRET}, "header_env": {"X-B": "B"}, "ca_file": authority}
    recorded = checked({**BASICS, **given, "judge_header": {"X-A": SECRET}}).recorded()

    assert SECRET not in str(recorded)
    assert (recorded["header_env"], recorded["ca_file"]) == ({"X-B": "B"}, str(authority))


@pytest.mark.parametrize("transport", ["wire", "sdk"])
def test_a_run_sends_them_and_writes_no_secret(
    transport: str, cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", SECRET)
    monkeypatch.setenv("JUDGES_TOKEN", f"judges-{SECRET}")
    with StubServer(reply="Rating: [[7]]", models=["j"]) as judge:
        words = ("--model", "stub", "--base-url", stub.base_url, "--transport", transport, *OWN)
        words += ("--judge-model", "j", "--judge-base-url", judge.base_url)
        words += ("--judge-header-env", "X-Token=JUDGES_TOKEN")
        done = cli("run", "mtbench", *QUICK, *words, "--out", "r")

        assert done.returncode in (0, 1), done.stderr  # the verdicts are all the same
        for sent in (*stub.requests, *stub.probes, *stub.identified):
            assert (sent.headers["x-tenant"], sent.headers["x-token"]) == ("blue", SECRET)
        assert {sent.headers["x-token"] for sent in judge.requests} == {f"judges-{SECRET}"}
        assert not any("x-tenant" in sent.headers for sent in judge.requests)
    files = [path for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in files)
    assert SECRET not in done.stdout + done.stderr
    recorded = orjson.loads((tmp_path / "r/run.json").read_bytes())["settings"]
    assert recorded["header_env"] == {"X-Token": "GATEWAY_TOKEN"}
    assert recorded["header"] == {"X-Tenant": "..."}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--header", "X-Api-Key=a=b"], ["--header", "X-Api-Key=***"]),
        (["--judge-header=Authorization=Bearer a"], ["--judge-header=Authorization=***"]),
        (["--header", "X-Tenant=blue"], ["--header", "X-Tenant=blue"]),
        (["--base-url", "http://me:a@h/v1"], ["--base-url", "http://h/v1"]),
        (["--base-url=http://me:a@h/v1"], ["--base-url=http://h/v1"]),
        (["--param", "prompt_cache_key=a"], ["--param", "prompt_cache_key=a"]),
    ],
)
def test_a_command_is_shown_without_secrets(words: list[str], shown: list[str]) -> None:
    assert list(without_secrets(words)) == shown


def test_check_and_perf_send_them(
    cli: Cli, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", SECRET)
    at = ("--model", "stub", "--base-url", stub.base_url, *OWN)
    checking = cli("check", *at)
    load = ("--concurrency", 1, "--requests", 2, "--repeats", 1, "--output-tokens", 2)
    timing = cli("perf", *at, *load, "--out", "p")

    assert (checking.returncode, timing.returncode) == (0, 0), checking.stderr + timing.stderr
    every = (*stub.requests, *stub.probes)
    assert {sent.headers["x-token"] for sent in every} == {SECRET}
    assert SECRET.encode() not in (tmp_path / "p/perf.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--ca-file", "CA"), "--ca-file: only an https:// URL shows a certificate"),
        (
            ("--header", "Authorization=x", "--api-key-env", "K"),
            "--api-key-env: a header of your own with a key is sent instead",
        ),
    ],
)
@pytest.mark.parametrize("command", ["run arc --data builtin", "perf", "check"])
def test_what_would_change_nothing_is_a_line(
    command: str, words: tuple[str, ...], told: str, cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "CA")
    done = cli(*command.split(), "--model", "stub", "--base-url", stub.base_url, *words)

    assert done.returncode == 2, done.stderr
    assert done.stderr == f"error: {told}\n"
    assert stub.count == 0


def test_a_missing_secret_is_told_before_anything_is_asked(cli: Cli, stub: StubServer) -> None:
    words = ("--model", "stub", "--base-url", stub.base_url, "--judge-model", "j")
    words += ("--judge-base-url", stub.base_url)
    for missing in (("--judge-header-env", "X-A=NONE"), ("--judge-api-key-env", "NONE")):
        done = cli("run", "alignbench", *QUICK, *words, *missing)

        assert done.returncode == 2
        assert "the variable 'NONE'" in done.stderr
        assert len(done.stderr.splitlines()) == 1  # and no word of an open session
        assert stub.count == 0


def test_a_server_that_refuses_is_one_line(cli: Cli, stub: StubServer) -> None:
    stub.api_key = "another"
    words = ("--model", "stub", "--base-url", stub.base_url)
    for command in (("run", "arc", *QUICK), ("perf", "--requests", 2), ("check",)):
        done = cli(*command, *words)

        assert done.returncode == 3, done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
