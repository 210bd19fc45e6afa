"""The options of the command line: what --help tells, and what a mistake is answered with."""

import re
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from evaluator.cli import program
from evaluator.cli.reference import reference
from tests.conftest import Cli
from tests.stub import StubServer

ROOT = Path(__file__).parents[2]
COMMANDS = [
    *("run", "score", "report", "show", "arena", "compare", "perf", "check", "list"),
    *("data list", "data fetch", "data check"),
]
PANELS = ["What to ask", "How to ask", "Server", "Judge", "Run", "Output"]
AT = ("--model", "m", "--base-url", "http://h/v1")


@pytest.mark.parametrize("command", ["", "data", *COMMANDS])
def test_help_fits_80_columns_and_cuts_no_word(
    command: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*command.split(), "--help")
    page = reference()
    words = {word for line in done.stdout.splitlines() for word in line.strip("│╭╮╰╯─ ").split()}

    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    flags = {word.rstrip(",.:") for word in words if word.startswith("--") and len(word) > 2}
    assert all(f"`{flag}" in page for flag in flags - OF_ALL if not flag.startswith("--no-"))


OF_ALL = {"--help", "--version", "--install-completion", "--out", "--data-dir"}


def test_the_options_of_a_run_stand_in_panels(cli: Cli) -> None:
    shown = cli("run", "--help").stdout
    titles = re.findall(r"╭─ ([\w ]+?) ─", shown)

    assert titles == PANELS
    assert "[600]" in shown
    assert "--smoke, --no-smoke" in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("rnu", "no command 'rnu'; did you mean 'run'?"),
        ("data chekc", "unexpected 'chekc'; did you mean 'check'?"),
        ("run arc --base-ulr x", "there is no option --base-ulr; did you mean '--base-url'?"),
        ("run arc --temperature 0", "give --param temperature=0"),
        ("run arc --temperature=0.5", "give --param temperature=0.5"),
        ("run arc --max-tokens 9", "give --param max_tokens=9"),
        ("run arc --seed 1", "give --param seed=1"),
        ("run --tasks gsm8k", "give the names of benchmarks, without an option"),
        ("run arc --num_fewshot 5", "give --shots N"),
        ("perf --request-rate 4", "give --rate N"),
        ("run arc --limit", "--limit needs a value, and is followed by --model"),
        ("run arc --model m --limit", "--limit needs a value"),
        ("run arc --fresh=3", "--fresh takes no value"),
        ("run GSM8K", "no benchmark 'GSM8K'; did you mean 'gsm8k'?"),
        ("run gsm8k,acr", "no benchmark 'acr'; did you mean 'arc'?"),
        ("run arc --concurrency many", "--concurrency 'many': give a whole number of 1 or more"),
        ("run arc --progress liv", "did you mean 'live'? give auto, live, plain or none"),
        ("run arc --stream=x", "--stream takes no value"),
        ("run arc --judge-pooled most", "--judge-pooled 'most': give mean or median"),
        ('run arc --dataset-args {"arc":{"limit":0}}', "arc limit 0: give a whole number"),
        ("score", "BENCHMARK is missing"),
        ("score gsm8k arc", "unexpected 'arc'"),
        ("compare a", "OTHER is missing"),
        ("compare a b --margin 101", "--margin '101': give a number of 0 or more and of at most"),
        ("show", "RUN is missing"),
        ("arena", "RUN is missing"),
        ("report a b", "unexpected 'b'"),
        ("data fetch arc", "--data-dir is missing"),
        ("data check --from x", "--from 'x': give hub or modelscope"),
        ("perf --seconds x", "--seconds 'x': give a number above 0"),
    ],
)
def test_a_mistake_gets_one_line_and_a_hint(words: str, told: str, cli: Cli) -> None:
    given = words.split()
    done = cli(*given, *(AT if given[0] == "run" else ()))

    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "pydantic" not in done.stderr


def test_every_spelling_is_understood(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    words = ("--base_url", stub.base_url, "--data=builtin", "--progress", "none", "--limit", 9)
    done = cli("run", "--model", "x", "gsm8k,arc", *words, "--limit=1", "--model", "stub", "ceval")

    assert done.returncode == 0, done.stderr
    assert stub.count == 3  # what is given twice counts as given last
    assert (tmp_path / "runs/stub/report.json").exists()


def test_a_switch_of_a_recipe_is_turned_off(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        f'benchmarks = "arc"\nmodel = "stub"\nbase_url = "{stub.base_url}"\n'
        'data = "builtin"\nlimit = 1\nreplay = true\nprogress = "none"\n'
    )

    assert cli("run", "--config", "r.toml").returncode == 3
    assert cli("run", "--config", "r.toml", "--no-replay").returncode == 0


def test_nothing_given_shows_the_help_and_is_a_mistake(cli: Cli) -> None:
    for words in ((), ("data",)):
        done = cli(*words)
        assert done.returncode == 2
        assert "Usage: evaluator" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_the_words(shell: str) -> None:
    script = program().generate_completion(shell=shell)

    for word in ("judge-base-url", "compare", "fetch"):
        assert word in script


def test_the_reference_is_what_the_code_declares() -> None:
    page = (ROOT / "docs/options.md").read_text(encoding="utf-8")

    assert page == reference()
    assert max(map(len, page.splitlines())) <= 100


def test_help_is_quick() -> None:
    """In time of the processor, which other work on the machine changes less."""

    def seconds() -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "evaluator", "--help"], capture_output=True)
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.35
