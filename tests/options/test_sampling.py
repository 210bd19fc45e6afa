"""Sampling fields: a misspelt name, a wrong type or an impossible value is never sent."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.options.given import checked, several
from evaluator.options.sampling import FIELDS, check
from evaluator.options.settings import Settings
from evaluator.perf.options import options
from tests.benchmarks.test_alignbench import agreeable
from tests.conftest import Cli
from tests.stub import StubServer

RUN = ("run", "arc", "--model", "stub", "--data", "builtin", "--progress", "none", "--limit", 2)

WRONG = [
    ("temprature=0.5", "unknown field 'temprature'; did you mean 'temperature'?"),
    ("max_token=5", "unknown field 'max_token'; did you mean 'max_tokens'?"),
    ("top-p=0.5", "did you mean 'top_p'?"),
    ("Temperature=0.5", "did you mean 'temperature'?"),
    ("frobnicate=1", "unknown field 'frobnicate'"),
    ("temperature=0,7", "temperature: must be a number from 0 to 2, got '0,7'"),
    ("temperature=hot", "temperature: must be a number from 0 to 2, got 'hot'"),
    ("temperature=true", "got True"),
    ("temperature=-0.1", "got -0.1"),
    ("temperature=2.5", "got 2.5"),
    ("temperature=NaN", "got 'NaN'"),
    ("top_p=0", "top_p: must be a number above 0 and at most 1, got 0"),
    ("top_p=1.01", "got 1.01"),
    ("top_k=0.5", "top_k: must be a whole number from -1, got 0.5"),
    ("top_k=-2", "got -2"),
    ("min_p=1.5", "min_p: must be a number from 0 to 1"),
    ("presence_penalty=3", "presence_penalty: must be a number from -2 to 2"),
    ("frequency_penalty=-2.5", "frequency_penalty"),
    ("repetition_penalty=0", "repetition_penalty: must be a number above 0"),
    ("max_tokens=0", "max_tokens: must be a whole number from 1"),
    ("max_tokens=1.5", "got 1.5"),
    ("max_tokens=1k", "got '1k'"),
    ("max_completion_tokens=-1", "max_completion_tokens"),
    ("min_tokens=-1", "min_tokens: must be a whole number from 0"),
    ("seed=1.5", "seed: must be a whole number"),
    ("seed=99999999999999999999", "seed"),
    ("stop=5", "stop: must be text or a list of texts"),
    ('stop=["a", 1]', "stop"),
    ('stop=[""]', "stop"),
    ("stop_token_ids=5", "stop_token_ids: must be a list of token ids"),
    ("stop_token_ids=[-1]", "stop_token_ids"),
    ("ignore_eos=1", "ignore_eos: must be true or false, got 1"),
    ("ignore_eos=True", "ignore_eos: must be true or false, got 'True'"),
    ("enable_thinking=no", "enable_thinking: must be true or false, got 'no'"),
    ("chat_template_kwargs=enable_thinking", "chat_template_kwargs: must be a JSON object"),
    ("reasoning_effort=hi", "reasoning_effort: must be one of none, minimal"),
    ('logit_bias={"5": 200}', "logit_bias"),
    ("bad_words=damn", "bad_words: must be a list of texts"),
    ("truncate_prompt_tokens=-5", "truncate_prompt_tokens"),
    ("response_format=json", "response_format: must be a JSON object"),
    ("tools={}", "tools: must be a list of JSON objects"),
    ("n=2", "--repeats N asks each sample N times"),
    ("n=0", "n: must be a whole number from 1"),
    ("model=other", "model: the name that is asked for is that of --model"),
    ("messages=[]", "messages: the benchmark says what is asked"),
    ("stream=true", "stream: --stream has the replies streamed"),
    ("chat_template=x", "chat_template: --chat-template FILE sends a template"),
]
RIGHT: Mapping[str, Any] = {
    "temperature": 0,
    "top_p": 1,
    "top_k": -1,
    "min_p": 0.0,
    "presence_penalty": -2,
    "frequency_penalty": 2.0,
    "repetition_penalty": 1.1,
    "seed": -5,
    "max_tokens": 1,
    "max_completion_tokens": 9000,
    "stop": "END",
    "stop_token_ids": [1, 2],
    "n": 1,
    "logit_bias": {"50256": -100},
    "ignore_eos": True,
    "min_tokens": 0,
    "skip_special_tokens": False,
    "chat_template_kwargs": {"enable_thinking": False},
    "reasoning_effort": "low",
    "response_format": {"type": "json_object"},
    "tools": [{"type": "function"}],
    "tool_choice": "auto",
    "structured_outputs": {"choice": ["A"]},
    "guided_choice": ["A", "B"],
    "truncate_prompt_tokens": -1,
    "bad_words": [],
    "allowed_token_ids": [0],
    "include_stop_str_in_output": True,
    "length_penalty": 0.5,
    "best_of": 2,
    "do_sample": False,
    "enable_thinking": False,
    "thinking": {"type": "disabled"},
}


def of_run(**given: Any) -> Settings:
    return checked({"benchmarks": ["arc"], "model": "m", "out": Path("r"), **given})


def of_one_benchmark(pairs: list[str]) -> Mapping[str, Any]:
    table = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            table[name] = orjson.loads(value)
        except orjson.JSONDecodeError:
            table[name] = value
    args = orjson.dumps({"arc": {"param": table}}).decode()
    return of_run(dataset_args=args).dataset_args["arc"].sampling


# how sampling is given -> the fields that are taken
WAYS: Mapping[str, Callable[[list[str]], Mapping[str, Any]]] = {
    "--param": lambda pairs: of_run(param=pairs).sampling,
    "--judge-param": lambda pairs: of_run(judge_param=pairs).judge.sampling,
    "--dataset-args: arc param": of_one_benchmark,
    "--param of perf": lambda pairs: options({"out": Path("r"), "param": pairs}).sampling,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("pair", "words"), WRONG, ids=[pair for pair, _ in WRONG])
def test_what_cannot_be_is_refused_in_one_line(way: str, pair: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        WAYS[way]([pair])

    said = str(raised.value)
    assert words in said
    assert said.startswith(way.removesuffix(" of perf"))
    assert "\n" not in said


@pytest.mark.parametrize("way", WAYS)
def test_what_can_be_is_taken(way: str) -> None:
    taken = WAYS[way]([f"{name}={orjson.dumps(value).decode()}" for name, value in RIGHT.items()])

    assert taken == RIGHT


def test_every_field_may_be_left_out() -> None:
    left_out = dict.fromkeys(FIELDS)

    assert of_run(param=left_out).sampling == left_out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"min_tokens": 9, "max_tokens": 5}, "min_tokens=9: more than max_tokens=5"),
        ({"temperature": 3, "topp": 1}, "unknown field 'topp'.*temperature: must be"),
    ],
)
def test_fields_are_looked_at_together(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check("--param", given, "--param-unchecked")


def test_a_beam_has_a_width() -> None:
    beam = {"n": 4, "use_beam_search": True}

    assert of_run(param=beam).sampling == beam


def test_a_recipe_is_checked_too(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'benchmarks = ["arc"]\nmodel = "m"\nbase_url = ["http://h/v1"]\n[param]\ntop_p = 2\n'
    )

    with pytest.raises(UsageError, match=r"--param top_p: must be .*, got 2"):
        several({}, recipe)


def test_what_is_not_known_is_sent_when_told_to(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    words = (*RUN, "--base-url", stub.base_url, "--param-unchecked", "typical_p=0.9")
    done = cli(*words, "--param-unchecked", "top_p=0", "--param", "top_k=null")

    assert done.returncode == 0, done.stderr
    body = stub.requests[0].body
    assert (body["typical_p"], body["top_p"]) == (0.9, 0)
    assert "top_k" not in body
    assert cli(*words, "--param-unchecked", "stream=true").returncode == 2


def test_nothing_is_sent_where_a_field_is_misspelt(cli: Cli, stub: StubServer) -> None:
    done = cli(*RUN, "--base-url", stub.base_url, "--param", "temprature=0.5")

    assert done.returncode == 2
    assert "did you mean 'temperature'? --param-unchecked sends any field" in done.stderr
    assert stub.count == 0


def test_a_judge_is_sent_what_is_not_known_too(cli: Cli, stub: StubServer) -> None:
    stub.reply = agreeable
    words = ("run", "alignbench", *RUN[2:], "--base-url", stub.base_url, "--judge-model", "self")
    done = cli(*words, "--judge-param-unchecked", "typical_p=0.9", "--judge-param", "top_p=0.5")

    assert done.returncode == 0, done.stderr
    asked = ["参考答案" in received.body["messages"][0]["content"] for received in stub.requests]
    sent = [(r.body.get("typical_p"), r.body["top_p"]) for r in stub.requests]
    assert {pair for pair, judged in zip(sent, asked, strict=True) if judged} == {(0.9, 0.5)}
    assert {pair for pair, judged in zip(sent, asked, strict=True) if not judged} == {(None, 1.0)}
