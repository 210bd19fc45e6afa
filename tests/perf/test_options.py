"""What `evaluator perf` is asked: options read, and refused in one line."""

from math import inf, nan
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.perf.option_values import TokenRange
from evaluator.perf.options import SweepOptions, options
from evaluator.perf.sweep import arms, fresh_folder, unused


def made(**given: Any) -> SweepOptions:
    return options({"out": Path("out"), **given})


def test_numbers_and_spans_are_read() -> None:
    read = made(concurrency="1, 8,8", slo="ttft:300,e2el:2000", prompt_tokens="64-256")

    assert read.concurrency == [1, 8]
    assert read.slo == {"ttft": 0.3, "latency": 2.0}
    assert read.prompt_tokens == TokenRange(64, 256)
    assert made(rate="2,inf").rate == [2.0, float("inf")]
    assert [load.label for load in made().loads] == ["1 at once", "8 at once", "32 at once"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rate": "0"}, "--rate: at 0 a second nothing is sent"),
        ({"rate": "-2"}, "--rate: at -2 a second nothing is sent"),
        ({"rate": "nan"}, "--rate: at nan a second"),
        ({"rate": "1e308"}, "--rate: 1e308 a second is more than can be sent"),
        (
            {"seconds": 1e20, "rate": "2"},
            "--seconds 1e.20: give a number above 0 and of at most 86400",
        ),
        ({"rate": "fast"}, "--rate: 'fast' is not a number"),
        ({"concurrency": "8,0"}, "--concurrency: '0' is not a number of requests"),
        ({"concurrency": "-1"}, "--concurrency: '-1' is not"),
        ({"requests": 0}, "--requests 0: give a whole number of 1 or more"),
        ({"seconds": -1.0}, "--seconds -1.0: give a number above 0"),
        ({"seconds": inf, "rate": "2"}, "--seconds inf: give a finite number"),
        ({"timeout": inf}, "--timeout inf: give a finite number above 0"),
        ({"timeout": nan}, "--timeout nan: give a finite number above 0"),
        ({"repeats": 0}, "--repeats"),
        ({"burstiness": 0.0, "rate": "1"}, "--burstiness 0.0: give a number above 0"),
        ({"prompt_tokens": "0"}, "--prompt-tokens: '0' is not 1 token or more"),
        ({"prompt_tokens": "9-3"}, "the lower number first"),
        ({"output_tokens": "many"}, "--output-tokens: 'many' is not a number of tokens"),
        ({"slo": "ttft"}, "--slo: 'ttft' is not NAME:MILLISECONDS"),
        ({"slo": "tfft:3"}, "with a name of ttft, tpot, latency"),
        ({"slo": "ttft:0"}, "--slo: 'ttft:0'"),
        ({"slo": "ttft:inf"}, "--slo: 'ttft:inf'"),
        ({"slo": "ttft:nan"}, "--slo: 'ttft:nan'"),
        ({"rate": "1", "concurrency": "1"}, "a load is one or the other"),
        ({"requests": 1, "seconds": 1.0}, "--requests or --seconds"),
        ({"rate": "inf", "seconds": 1.0}, "--rate inf"),
        ({"burstiness": 2.0}, "--burstiness shapes the gaps of --rate"),
        ({"find_knee": True}, "--find-knee needs an --slo"),
        ({"benchmark": "gsm8k", "workload": Path("x")}, "prompts come from one of"),
        ({"base_url": ["host:1"]}, "--base-url: 'host:1' is not a URL"),
        ({"param": ["temperature"]}, "--param 'temperature' is not KEY=VALUE"),
        (
            {"param": ["model=other"]},
            "--param model: the name that is asked for is that of --model",
        ),
        ({"with_accuracy": "gsm8k", "seconds": 3.0}, "--with-accuracy"),
        ({"colour": "red"}, "there is no option 'colour'"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_option(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        made(**given)

    assert "\n" not in str(raised.value)


def test_several_endpoints_are_arms_of_a_comparison() -> None:
    found, repeats = arms(made(model="m", base_url=["http://a/v1", "http://b/v1"]))

    assert [(name, arm.base_url) for name, arm in found] == [
        ("A", "http://a/v1"),
        ("B", "http://b/v1"),
    ]
    assert repeats == [1, 2, 3]


def entry(name: str, turn: int) -> dict[str, Any]:
    known = {"role": "model", "model": "demo", "base_url": "http://a/v1"}
    return {**known, "name": name, "flags": ["--x"], "round": turn}


def test_a_server_of_launch_turns_says_which_arm_and_repeat_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "endpoints.json"
    file.write_bytes(orjson.dumps({"endpoints": [entry("eager", 2)]}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(file))
    ((name, arm),), repeats = arms(made())

    assert (name, arm.model, arm.flags) == ("eager", "demo", ("--x",))
    assert repeats == [2]
    with pytest.raises(UsageError, match="--out is missing"):
        fresh_folder()


def test_two_runs_of_one_second_have_a_folder_each(tmp_path: Path) -> None:
    first = tmp_path / "perf-1"
    assert unused(first) == first
    for name in ("perf-1", "perf-1-2"):
        (tmp_path / name).mkdir()
    assert unused(first) == tmp_path / "perf-1-3"


def test_without_an_endpoint_it_says_how_to_give_one() -> None:
    with pytest.raises(UsageError, match="no endpoint: give --base-url"):
        arms(made(model="m"))
