"""What `evaluator perf` is asked: options read, refused in one line, and turned into prompts."""

from collections.abc import Sequence
from itertools import islice
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from evaluator.data import BUILTIN
from evaluator.errors import EvaluatorError, UsageError
from evaluator.perf import notes
from evaluator.perf.accuracy import questions
from evaluator.perf.load import Trip
from evaluator.perf.options import Options, Span, options
from evaluator.perf.sweep import arms, fresh_folder
from evaluator.perf.words import FEWEST, HEADING, WORDS, Vocabulary, vocabulary
from evaluator.perf.workload import from_file, synthetic
from evaluator.types import Response
from tests.stub.tokens import count_tokens

VOCABULARY = Vocabulary(WORDS, 1)


def made(**given: Any) -> Options:
    return options({"out": Path("out"), **given})


def test_numbers_and_spans_are_read() -> None:
    read = made(concurrency="1, 8,8", slo="ttft:300,e2el:2000", prompt_tokens="64-256")

    assert read.concurrency == [1, 8]
    assert read.slo == {"ttft": 0.3, "latency": 2.0}
    assert read.prompt_tokens == Span(64, 256)
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

    assert [(arm.name, arm.base_url) for arm in found] == [
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
    (arm,), repeats = arms(made())

    assert (arm.name, arm.model, arm.flags) == ("eager", "demo", ("--x",))
    assert repeats == [2]
    with pytest.raises(UsageError, match="--out is missing"):
        fresh_folder()


def test_without_an_endpoint_it_says_how_to_give_one() -> None:
    with pytest.raises(UsageError, match="no endpoint: give --base-url"):
        arms(made(model="m"))


def test_synthetic_prompts_have_their_length_and_share_nothing() -> None:
    workload = synthetic(made(prompt_tokens="40-60", output_tokens="5"), VOCABULARY)
    drawn = [body for _, body in islice(workload.draw("8 at once/1"), 200)]
    texts = [body["messages"][0]["content"] for body in drawn]

    lengths = list(map(count_tokens, texts))
    assert (min(lengths), max(lengths)) == (40, 60)
    assert len({" ".join(text.split()[:8]) for text in texts}) == 200
    assert all(body["max_tokens"] == 5 and body["ignore_eos"] for body in drawn)


def test_prompts_follow_from_the_seed_and_the_part_alone() -> None:
    workload = synthetic(made(), VOCABULARY)

    def first(part: str, seed: int = 0) -> Any:
        return next(synthetic(made(seed=seed), VOCABULARY).draw(part))

    assert first("1/1") == next(workload.draw("1/1"))
    assert first("1/1") != first("1/2") != first("1/1", seed=1)


def test_a_prompt_shorter_than_the_template_is_refused() -> None:
    with pytest.raises(UsageError, match="the chat template alone takes 31; give at least 32"):
        synthetic(made(prompt_tokens="16"), Vocabulary(WORDS, 31))


@pytest.mark.anyio
async def test_only_words_of_one_token_are_kept() -> None:
    async def count(text: str) -> int:
        """A tokenizer of 30 tokens of template that cuts words with an e in two."""
        words = text.removeprefix(HEADING).split()
        return 30 + sum(2 if "e" in word else 1 for word in words)

    found = await vocabulary(count)

    assert found.overhead == 30
    assert list(found.words) == [word for word in WORDS if "e" not in word]
    assert await count(found.prompt(100, Random(0))) == 100


@pytest.mark.anyio
async def test_a_server_that_does_not_count_leaves_one_token_a_word_to_hope_for() -> None:
    async def none(text: str) -> None:
        return None

    async def letters(text: str) -> int:
        return len(text)

    assert not (await vocabulary(none)).counted
    with pytest.raises(UsageError, match=f"only 0 of {len(WORDS)}") as raised:
        await vocabulary(letters)
    assert FEWEST > 0
    assert "--workload FILE" in str(raised.value)


CONVERSATION = {
    "conversations": [
        {"from": "system", "value": "Be brief."},
        {"from": "human", "value": "One?"},
        {"from": "gpt", "value": "1"},
        {"from": "human", "value": "Two?"},
    ]
}


@pytest.mark.parametrize("name", ["w.jsonl", "w.json"])
def test_a_file_of_prompts_messages_or_conversations(name: str, tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Zwei?"}]
    rows = [CONVERSATION, {"prompt": "Drei?", "output_tokens": 7}, {"messages": messages}]
    listed = orjson.dumps(rows)
    lines = b"\n".join(map(orjson.dumps, rows))
    (tmp_path / name).write_bytes(listed if name.endswith(".json") else lines)
    read = [body for _, body in from_file(made(), tmp_path / name).rows]

    assert [body["messages"] for body in read] == [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One?"}],
        [{"role": "user", "content": "Drei?"}],
        messages,
    ]
    assert [body["max_tokens"] for body in read] == [128, 7, 128]
    assert not any("ignore_eos" in body for body in read)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"text": "x"}', "w.jsonl:1: no prompt, messages or conversations"),
        ('{"conversations": [{"from": "gpt", "value": "x"}]}', "no prompt"),
        ('{"conversations": [{"from": ["human"], "value": "x"}]}', "w.jsonl:1: no prompt"),
        ('{"conversations": []}', "w.jsonl:1: no prompt"),
        ("{", "w.jsonl:1: not valid JSON"),
        ("", "no prompts in"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text(content)

    with pytest.raises(EvaluatorError, match=words):
        from_file(made(), tmp_path / "w.jsonl")


MODEL_FIRST = {"conversations": [{"from": "gpt", "value": "Hello."}]}
EMPTY: Any = {"conversations": []}


def test_conversations_of_a_list_that_ask_nothing_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_bytes(orjson.dumps([MODEL_FIRST, CONVERSATION, EMPTY]))
    found = from_file(made(), tmp_path / "w.json")

    assert [body["messages"][-1]["content"] for _, body in found.rows] == ["One?"]
    assert (found.about["rows"], found.about["left_out"]) == (1, 2)
    said = notes.workload({**found.about, "seed": 0, "fingerprint": "f"})
    assert "1 prompts of w.json (2 conversations without a question left out)" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([MODEL_FIRST, EMPTY], "no prompts in .*: 2 conversations do not begin with a question"),
        ([CONVERSATION, {"text": "x"}], "w.json entry 2: no prompt, messages or conversations"),
        ([], "no prompts in .*w.json'$"),
    ],
)
def test_a_list_that_cannot_be_used_is_named(rows: list[Any], words: str, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_bytes(orjson.dumps(rows))

    with pytest.raises(EvaluatorError, match=words):
        from_file(made(), tmp_path / "w.json")


@pytest.mark.anyio
async def test_the_timed_replies_are_scored_by_the_benchmark_itself() -> None:
    asked = questions(made(data_dir=BUILTIN, with_accuracy="gsm8k", requests=2), "gsm8k")
    first, second = asked.samples.values()
    trips = [answer(first.id, first.target), answer(second.id, "no number")]
    failed = Trip("x", 0.0, 0.0, 1.0, error="status 500")

    score = await asked.score([*trips, failed])

    assert (score["value"], score["samples"]) == (0.5, 2)


@pytest.mark.parametrize("name", ["mtbench", "alignbench"])
def test_a_judged_benchmark_gives_its_first_requests_but_no_score(name: str) -> None:
    given = made(data_dir=BUILTIN, benchmark=name, requests=2)
    bodies = [body for _, body in questions(given, name).workload(given).rows]

    assert [body["messages"][-1]["role"] for body in bodies] == ["user", "user"]
    with pytest.raises(UsageError, match=f"--with-accuracy: {name} asks model, judge"):
        questions(made(data_dir=BUILTIN, with_accuracy=name), name)


def answer(sample_id: str, said: str) -> Trip:
    return Trip(sample_id, 0.0, 0.0, 1.0, Response("k", f"The answer is {said}"))


def test_a_benchmarks_prompts_come_with_its_own_sampling() -> None:
    given = made(data_dir=BUILTIN, with_accuracy="gsm8k", requests=3, output_tokens="64")
    workload = questions(given, "gsm8k").workload(given)

    bodies: Sequence[Any] = [body for _, body in workload.draw("any")]
    assert [number for number, _ in workload.draw("a")] == [n for n, _ in workload.draw("b")]
    assert len(bodies) == 3
    assert all(body["temperature"] == 0 and body["max_tokens"] == 64 for body in bodies)
