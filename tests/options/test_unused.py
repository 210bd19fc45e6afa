"""An option that would change nothing is never ignored in silence."""

from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import UsageError
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.given import several
from evaluator.options.values import text_or_file
from evaluator.perf.options import options
from tests.conftest import Cli
from tests.stub import StubServer

ROOT = Path(__file__).parents[2]
AT = ("--model", "stub", "--progress", "none", "--limit", "2")
RUN = ("run", "arc", *AT, "--data", "builtin")
JUDGED = ("run", "alignbench", *AT, "--data", "builtin", "--judge-model", "self")
SWITCHED = ("run", "arc", *AT, "--data", "builtin", "--mode")

TOLD: list[tuple[tuple[Any, ...], str]] = [
    ((*RUN, "--system", "nofile.txt"), "--system: there is no file 'nofile.txt'"),
    ((*RUN, "--system", "prompts/mine"), "--system: there is no file 'prompts/mine'"),
    ((*RUN, "--data-dir", "REAL"), "--data builtin and --data-dir 'REAL'"),
    ((*RUN[:-2], "--data", "hub", "--data-dir", "REAL"), "--data hub and --data-dir 'REAL'"),
    (
        (*RUN, "--dataset-args", '{"gsm8k": {"few_shot_num": 0}}'),
        "--dataset-args: gsm8k is not among the benchmarks of this run",
    ),
    ((*RUN, "--dataset-args", '{"gsm9k": {}}'), "no benchmark 'gsm9k'; did you mean 'gsm8k'?"),
    (
        (*RUN, "--dataset-args", '{"arc": {"system_prompt": "nofile.txt"}}'),
        "system_prompt: there is no file 'nofile.txt'",
    ),
    ((*RUN, "--fields", "question=q"), "--fields: no file of your own (mcq:FILE, qa:FILE)"),
    ((*RUN, "--encoding", "gbk"), "--encoding: no file of your own (mcq:FILE, qa:FILE)"),
    ((*RUN, "--encoding", "gbx"), "--encoding 'gbx' is no known encoding; give one such as gbk"),
    ((*RUN, "--fields", "question"), "--fields 'question' is not FIELD=NAME, such as"),
    ((*RUN, "--out", ""), "--out is empty"),
    ((*RUN, "--data-dir", ""), "--data-dir is empty"),
    ((*RUN, "--reuse", ""), "--reuse is empty"),
    ((*RUN, "--reuse", __file__), "no recorded replies in"),
    (("score", "gsm8k", "--responses", "r", "--out", ""), "--out is empty"),
    (("score", "gsm8k", "--responses", "r", "--fields", "id=x"), "--fields: gsm8k is no file"),
    ((*RUN, "--judge-prompt", "p.txt"), "--judge-prompt: nothing is judged in arc"),
    ((*RUN, "--judge-model", "self"), "--judge-model: nothing is judged in arc"),
    ((*RUN, "--judge-param", "max_tokens=9"), "--judge-param: nothing is judged in arc"),
    ((*RUN, "--judge-rpm", "9"), "--judge-rpm: nothing is judged in arc"),
    ((*RUN, "--judge-concurrency", "9"), "--judge-concurrency: nothing is judged"),
    ((*JUDGED, "--judge-rpm", "9"), "--judge-rpm: the model judges itself"),
    ((*JUDGED, "--judge-base-url", "http://h/v1"), "--judge-base-url: the model judges itself"),
    ((*JUDGED, "--judge-api-key-env", "K"), "--judge-api-key-env: the model judges itself"),
    ((*JUDGED, "--judge-pooled", "median"), "--judge-pooled: there is one judge"),
    ((*RUN, "--shots-as-turns"), "--shots-as-turns: no worked examples are shown"),
    ((*SWITCHED, "logprobs", "--param", "max_tokens=9"), "asks for max_tokens=1 itself"),
    ((*SWITCHED, "likelihood", "--param", "max_tokens=9"), "asks for max_tokens=0 itself"),
    ((*SWITCHED, "logprobs", "--param", "logprobs=null"), "asks for logprobs=True itself"),
    ((*SWITCHED, "likelihood", "--param", "max_tokens=null"), "asks for max_tokens=0 itself"),
    ((*SWITCHED, "likelihood", "--api", "chat"), "--api chat: --mode likelihood asks"),
    ((*SWITCHED, "likelihood", "--stream"), "--stream: --mode likelihood has echoes"),
    (
        (*RUN, "--api", "completions", "--param", "enable_thinking=false"),
        "--param enable_thinking is for the chat API",
    ),
    (
        (*RUN, "--base-url", "http://me:secret@h/v1", "--api-key-env", "K"),
        "--api-key-env: the URL holds a user and password",
    ),
    (("score", "gsm8k", "--responses", "r", "--data", "hub", "--data-dir", "D"), "--data hub and"),
    (("arena", "a", "b", "--data", "hub", "--data-dir", "D"), "--data hub and --data-dir 'D'"),
    (
        ("arena", "a", "b", "--judge-model", "m", "--judge-pooled", "median"),
        "--judge-pooled: there is one judge",
    ),
]


@pytest.mark.parametrize(("words", "told"), TOLD, ids=[told for _, told in TOLD])
def test_each_is_a_clear_line(
    words: tuple[str, ...], told: str, cli: Cli, stub: StubServer
) -> None:
    at = () if "--base-url" in words or words[0] != "run" else ("--base-url", stub.base_url)
    done = cli(*words, *at)

    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert stub.count == 0


PERF: list[tuple[dict[str, Any], str]] = [
    ({"data": "builtin"}, "are for --benchmark and --with-accuracy"),
    ({"data_dir": Path("D")}, "are for --benchmark and --with-accuracy"),
    ({"data": "hub", "data_dir": Path("D"), "benchmark": "arc"}, "--data hub and --data-dir 'D'"),
    ({"output_tokens": "9", "param": ["max_tokens=5"]}, "--output-tokens and --param max_tokens"),
    ({"with_accuracy": "arc", "seed": 3}, "--seed: --with-accuracy asks the same questions"),
    ({"rate": "inf", "burstiness": 2.0}, "--burstiness: --rate inf sends all at once"),
    ({"base_url": ["http://a:b@h/v1"], "api_key_env": "K"}, "--api-key-env: the URL holds"),
]


@pytest.mark.parametrize(("given", "told"), PERF, ids=[told for _, told in PERF])
def test_so_it_is_in_a_throughput_run(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        options({**given, "out": Path("r")})


@pytest.mark.parametrize(
    "text",
    [
        *("Be brief.", "/no_think", "/think", "你是一个有用的助手。", "请用中文/英文回答", ""),
        *("Answer.", "Reply with a.txt as the name", "2.5", "a\nb.txt", "x" * 5000),
    ],
)
def test_a_prompt_is_a_prompt(text: str) -> None:
    assert text_or_file(text, "--system") == text


@pytest.mark.parametrize("name", ["a.txt", "./a", "../a.md", "~/a", "/etc/a", "系统.txt", "a/b"])
def test_a_name_of_no_file_is_none(name: str) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        text_or_file(name, "--system")


def test_a_prompt_of_one_benchmark_may_be_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("Be brief.\n")
    monkeypatch.chdir(tmp_path)

    assert DatasetArgs(system_prompt="mine.txt").system_prompt == "Be brief."


def test_the_command_decides_where_the_data_comes_from(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'benchmarks = ["arc"]\nmodel = "m"\nbase_url = ["http://h/v1"]\ndata = "hub"\n'
    )
    (chosen,) = several({"data_dir": tmp_path}, recipe)

    assert (chosen.data, chosen.data_dir) == (None, tmp_path)

    recipe.write_text(recipe.read_text() + f'data_dir = "{tmp_path}"\n')
    with pytest.raises(UsageError, match="--data hub and --data-dir"):
        several({}, recipe)
    (chosen,) = several({"data": "builtin"}, recipe)
    assert chosen.data == "builtin"


def test_a_recipe_may_name_more_than_is_run(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        'judge_model = ["glm"]\njudge_base_url = ["http://h/v1"]\n[dataset_args]\n'
        "gsm8k.few_shot_num = 0\n"
    )
    words = ("--config", "r.toml", "--base-url", stub.base_url)
    done = cli(*RUN, *words)
    judged = cli(*RUN, *words, "--judge-model", "self", "--judge-param", "max_tokens=9")

    assert (done.returncode, judged.returncode) == (0, 0), judged.stderr
    assert done.stderr == ""
    told = "no effect: --judge-model, --judge-param: nothing is judged in arc"
    assert told in judged.stderr
