"""What `make eval` and `make perf` come to: tables from options to command lines."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from launch.errors import UsageError
from launch.evaluation.evaluate import EvaluationPlan, evaluation_plan
from launch.evaluation.throughput import throughput_plan
from launch.options import EvalOptions, PerfOptions, TurnsOptions, WithOptions

RECIPE = "recipes/article.toml"
ARTICLE = "llama3-8b-instruct llama3-chinese-sft llama3-chinese-agent openbuddy-llama3-8b"
ARC = {"benchmarks": "arc", "out": ""}  # one benchmark, and no folder
DEMO_LOAD = "--concurrency 1,8 --prompt-tokens 128 --output-tokens 32"
DEMO_LIMIT = "--judge-param max_tokens=256"
ALIGNBENCH_LIMIT = """--dataset-args '{"alignbench": {"param": {"max_tokens": 256}}}'"""


def plan(environment: dict[str, str] | None = None, **given: Any) -> EvaluationPlan:
    return evaluation_plan(EvalOptions(**given), environment or {})


def words(command: tuple[str, ...]) -> str:
    """As a person types it: the program without its folder."""
    return shlex.join(Path(word).name if word.endswith("/evaluator") else word for word in command)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "arc ceval gsm8k --out 'runs/{model}' --data builtin --limit 20"),
        ({"model": "m"}, "arc ceval gsm8k --out 'runs/{model}'"),
        ({**ARC, "models": "demo demo-forgetful"}, "arc --data builtin --limit 20"),
        ({**ARC, "models": "demo+lora:x/a"}, "arc --data builtin --limit 20"),
        ({"models": "demo,other", "benchmarks": "arc,bbh", "out": ""}, "arc bbh"),
        ({"model": "m", "benchmarks": "arc", "limit": "5", "out": "o"}, "arc --out o --limit 5"),
        ({**ARC, "limit": ""}, "arc --data builtin"),
        ({**ARC, "data": "hub"}, "arc --data hub --limit 20"),
        ({**ARC, "data_dir": "d"}, "arc --data-dir d --limit 20"),
        ({**ARC, "data": "hub", "data_dir": "d"}, "arc --data hub --limit 20"),
        ({"model": "m", "config": RECIPE}, f"--config {RECIPE}"),
        ({**ARC, "model": "m", "config": RECIPE}, f"arc --config {RECIPE}"),
        ({**ARC, "model": "m", "args": "--param 'a=b c'"}, "arc --param 'a=b c'"),
    ],
)
def test_what_the_evaluator_is_asked(given: dict[str, Any], expected: str) -> None:
    assert words(plan(**given).each_words) == f"evaluator run {expected}"


@pytest.mark.parametrize(
    ("variable", "given", "expected"),
    [
        ("mirror", None, "--data-dir mirror"),
        ("mirror", "", "--data builtin"),
        ("mirror", "other", "--data-dir other"),
        ("", None, "--data builtin"),
    ],
)
def test_the_mirror_of_the_environment_counts_unless_another_is_given(
    variable: str, given: str | None, expected: str
) -> None:
    made = plan({"EVALUATOR_DATA_DIR": variable}, benchmarks="arc", out="", data_dir=given)

    assert words(made.each_words) == f"evaluator run arc {expected} --limit 20"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"benchmarks": "arc"}, ""),
        ({"benchmarks": "mtbench"}, f"--judge-model self {DEMO_LIMIT}"),
        ({"benchmarks": "arc alignbench"}, f"--judge-model self {DEMO_LIMIT} {ALIGNBENCH_LIMIT}"),
        ({"benchmarks": "alignbench", "judge": ""}, ALIGNBENCH_LIMIT),
        ({"benchmarks": "arc", "model": "m"}, ""),
        ({"benchmarks": "alignbench", "model": "m", "judge": "self"}, "--judge-model self"),
        ({"config": RECIPE, "models": "demo"}, f"--judge-model self {DEMO_LIMIT}"),
        ({"model": "m", "judge": "org/j+lora:x/tuned"}, "--judge-model tuned"),
        (
            {"model": "m", "judge": "j", "judge_server_args": "--served-model-name k"},
            "--judge-model k",
        ),
        ({"config": RECIPE, "models": "demo", "judge": ""}, ""),
        (
            {"model": "m", "judge": "j", "judge_endpoint": "http://j http://k"},
            "--judge-model j --judge-base-url http://j --judge-base-url http://k",
        ),
    ],
)
def test_the_judge(given: dict[str, Any], expected: str) -> None:
    command = words(plan(**{"out": "", "limit": "", "data": "hub", **given}).each_words)

    assert command.partition("--data hub")[2].strip() == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"judge": "j"}, ""),
        ({"server_args": "--max-num-seqs 8"}, "--max-num-seqs 8 --"),
        ({"chat_template": "t"}, "--trust-request-chat-template --"),
        (
            {"chat_template": "t", "server_args": "--x", "judge": "j"},
            "--trust-request-chat-template --x --",
        ),
    ],
)
def test_what_stands_in_front_of_the_evaluator(given: dict[str, Any], expected: str) -> None:
    before, run, _ = words(plan(model="m", **given).each_words).partition("evaluator run")

    assert (before.strip(), run) == (expected, "evaluator run")


@pytest.mark.parametrize(
    ("given", "judge"),
    [
        ({"judge": "j", "judge_gpus": "2,3"}, ("j", "2,3")),
        ({"judge": "j", "judge_endpoint": "http://j"}, ("", "")),
        ({"judge": "self"}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_the_judge_to_serve(given: dict[str, Any], judge: tuple[str, str]) -> None:
    made = plan(models="a b", **given).each

    assert made
    assert (made.judge, made.judge_gpus) == judge


def test_servers_are_started_with_the_users_options() -> None:
    made = plan(models="a b", gpus="0,1", install="installer", startup_timeout=9.0, dry_run=True)

    assert made.each
    assert (made.each.models, made.each.recipe, made.each.gpus) == ("a,b", None, "0,1")
    assert (made.each.prepare, made.each.startup_timeout) == ("installer gpu", 9.0)
    own = plan(gpus="0", install="installer", vllm_python=Path("conda/bin/python"))
    assert own.each
    assert own.each.prepare == ""  # the user's vLLM is used as it is
    assert (made.each.if_needed, made.each.dry_run) == (True, True)


@pytest.mark.parametrize(
    ("given", "models", "recipe"),
    [
        ({"config": RECIPE}, "", Path(RECIPE)),
        ({"config": RECIPE, "models": "a b"}, "a,b", None),
        ({"config": RECIPE, "model": "a"}, "a", None),
        ({"model": "a", "models": "b"}, "b", None),
        ({}, "demo", None),
    ],
)
def test_the_models_are_those_given_else_the_recipes(
    given: dict[str, Any], models: str, recipe: Path | None
) -> None:
    made = plan(**given).each

    assert made
    assert (made.models, made.recipe) == (models, recipe)


def test_a_chat_template_travels_with_the_requests() -> None:
    made = plan(model="m", chat_template="t", endpoint="http://a", **ARC)

    assert words(made.last).startswith("evaluator run arc --chat-template t")


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ({"model": "a"}, None),
        ({"models": "a b"}, "--models 'a b' --replay --progress none"),
        ({"config": RECIPE}, "--replay --progress none"),
        ({"model": "a", "dry_run": True}, "--models a --dry-run"),
        ({"config": RECIPE, "dry_run": True}, f"--models '{ARTICLE}' --dry-run"),
        ({"models": "a a+lora:x/b"}, None),  # one server, beside which they are compared
        ({"models": "a+lora:x/b", "dry_run": True}, "--models 'a b' --dry-run"),
        (
            {"models": "c a+lora:x/b a a+lora:y/b"},
            "--models 'c a x-b y-b' --replay --progress none",
        ),
    ],
)
def test_several_models_end_in_a_comparison(given: dict[str, Any], end: str | None) -> None:
    last = plan(**given).last

    assert words(last).endswith(end) if end else last == ()


def test_nothing_is_served_where_servers_run_already() -> None:
    made = plan(model="m", endpoint="http://a http://b", benchmarks="arc", out="", dry_run=True)

    assert made.each is None
    assert words(made.last) == (
        "evaluator run arc --models m --base-url http://a --base-url http://b --dry-run"
    )


def test_the_name_of_a_judge_that_runs_already_is_no_path_of_this_machine() -> None:
    given = {"model": "m", "judge": "/gone/j", "judge_endpoint": "http://j"}

    assert "--judge-model /gone/j" in words(plan(endpoint="http://m", **given).last)


def test_replicas_are_asked_for_models_and_judge(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("")
    given = {
        "tp": 1,
        "replicas": 4,
        "judge_tp": 2,
        "judge_server_args": "--x",
        "presets": tmp_path / "p",
    }
    made = plan(model="m", judge="j", judge_gpus="4,5", gpus="0-3", **given).each
    perf = throughput_plan(PerfOptions(model="m", gpus="0-3", tp=2, replicas=2), "now").server

    assert made
    assert {name: getattr(made, name) for name in given} == given
    assert isinstance(perf, WithOptions)
    assert (perf.tp, perf.replicas) == (2, 2)


@pytest.mark.parametrize("given", [{"tp": 1}, {"replicas": 2}, {"presets": Path("p")}])
def test_an_option_of_servers_that_are_not_launched_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="would change nothing: the servers that --endpoint"):
        plan(endpoint="http://a", **given)
    with pytest.raises(UsageError, match="would change nothing"):
        throughput_plan(PerfOptions(endpoint="http://a", **given), "now")
    if "presets" not in given:
        with pytest.raises(UsageError, match="has flags of its own"):
            throughput_plan(PerfOptions(configs="c.toml", **given), "now")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, f"--model demo --out runs/perf-demo-now {DEMO_LOAD}"),
        ({"model": "org/m"}, "--model org/m --out runs/perf-m-now"),
        ({"model": "org/m+lora:x/sft"}, "--model sft --out runs/perf-sft-now"),
        ({"args": "--lang zh", "out": "o"}, f"--model demo --out o --lang zh {DEMO_LOAD}"),
        (
            {"args": "--rate=2 --param max_tokens=4", "out": "o"},
            "--model demo --out o --rate=2 --param max_tokens=4 --prompt-tokens 128",
        ),
        (
            {"args": "--rate 2 --benchmark arc", "out": "o"},
            "--model demo --out o --rate 2 --benchmark arc",
        ),
        ({"model": "m", "out": "o", "configs": "c.toml"}, "--out o"),
        (
            {"model": "m", "out": "o", "endpoint": "http://a", "endpoint2": "http://b"},
            "--model m --out o --base-url http://a --base-url http://b",
        ),
    ],
)
def test_how_speed_is_measured(given: dict[str, Any], expected: str) -> None:
    made = throughput_plan(PerfOptions(**given), "now")

    assert words(made.command) == f"evaluator perf {expected}"


def test_speed_is_measured_beside_one_server_or_several_in_turn() -> None:
    one = throughput_plan(PerfOptions(gpus="0", server_args="--x 1", install="installer"), "now")
    turns = throughput_plan(PerfOptions(model="m", configs="c.toml"), "now")
    running = throughput_plan(PerfOptions(endpoint="http://a", install="installer"), "now")

    assert (one.flags, one.prepare) == (("--x", "1"), "installer gpu")
    assert isinstance(one.server, WithOptions)
    assert (one.server.model, one.server.gpus) == ("demo", "0")
    assert isinstance(turns.server, TurnsOptions)
    assert (turns.server.model, turns.server.config) == ("m", Path("c.toml"))
    assert (running.server, running.prepare) == (None, "")


def test_several_models_in_one_folder_are_refused_before_a_server_starts() -> None:
    with pytest.raises(UsageError, match=r"several models in one folder; give runs/x/.model"):
        plan(models="demo demo-forgetful", out="runs/x/")
    assert plan(models="demo demo-forgetful", out="runs/x/{model}").each
