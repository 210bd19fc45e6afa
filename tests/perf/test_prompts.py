"""Prompts: synthetic ones, those of a file, and those of a benchmark with its score."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from evaluator.data import BUILTIN
from evaluator.errors import EvaluatorError, UsageError
from evaluator.perf.load.benchmark_prompts import BenchmarkPrompts, benchmark_prompts
from evaluator.perf.load.generator import TimedRequest
from evaluator.perf.load.prompt_file import from_file
from evaluator.perf.load.synthetic_prompts import FEWEST, HEADING, WORDS, Vocabulary, vocabulary
from evaluator.perf.load.workload import synthetic
from evaluator.perf.options import SweepOptions, options
from evaluator.perf.report.method import workload as workload_line
from evaluator.types import Ask, Benchmark, Response, Sample, Score
from tests.stub.tokens import count_tokens

VOCABULARY = Vocabulary(WORDS, 1)


def made(**given: Any) -> SweepOptions:
    return options({"out": Path("out"), **given})


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
    described = found.described(made())
    assert (described.rows, described.left_out) == (1, 2)
    said = workload_line(described)
    assert "1 prompt of w.json · 2 conversations without a question left out" in said


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
    given = made(data_dir=BUILTIN, with_accuracy="gsm8k", requests=2)
    asked = benchmark_prompts(given, "gsm8k")
    first, second = asked.samples.values()
    trips = [answer(first.id, first.target), answer(second.id, "no number")]
    failed = TimedRequest("x", 0.0, 0.0, 1.0, error="status 500")

    score = await asked.score([*trips, failed])

    assert (score.value, score.samples) == (0.5, 2)


@pytest.mark.parametrize("name", ["mtbench", "alignbench"])
def test_a_judged_benchmark_gives_its_first_requests_but_no_score(name: str) -> None:
    given = made(data_dir=BUILTIN, benchmark=name, requests=2)
    bodies = [body for _, body in benchmark_prompts(given, name).workload(given).rows]

    assert [body["messages"][-1]["role"] for body in bodies] == ["user", "user"]
    with pytest.raises(UsageError, match=f"--with-accuracy: {name} asks model, judge"):
        benchmark_prompts(made(data_dir=BUILTIN, with_accuracy=name), name)


def test_of_dialogues_only_the_first_request_of_a_model_is_timed() -> None:
    given = made(data_dir=BUILTIN, benchmark="acebench", requests=100)
    groups = {each.group for each in benchmark_prompts(given, "acebench").samples.values()}
    scored = benchmark_prompts(made(data_dir=BUILTIN, with_accuracy="acebench"), "acebench")

    assert "zh agent_multi_step" in groups
    assert not {"zh agent_multi_turn", "en agent_multi_turn"} & groups
    assert not [each.group for each in scored.samples.values() if "agent" in each.group]
    with pytest.raises(UsageError, match="toolcall asks more than once a sample"):
        benchmark_prompts(made(data_dir=BUILTIN, with_accuracy="toolcall"), "toolcall")


def answer(sample_id: str, said: str) -> TimedRequest:
    return TimedRequest(sample_id, 0.0, 0.0, 1.0, Response("k", f"The answer is {said}"))


def test_a_benchmarks_prompts_come_with_its_own_sampling() -> None:
    given = made(data_dir=BUILTIN, with_accuracy="gsm8k", requests=3, output_tokens="64")
    workload = benchmark_prompts(given, "gsm8k").workload(given)

    bodies: Sequence[Any] = [body for _, body in workload.draw("any")]
    assert [number for number, _ in workload.draw("a")] == [n for n, _ in workload.draw("b")]
    assert len(bodies) == 3
    assert all(body["temperature"] == 0 and body["max_tokens"] == 64 for body in bodies)


@pytest.mark.parametrize(("param", "sent"), [([], 0.9), (["temperature=0.3"], 0.3)])
def test_a_question_is_timed_with_its_own_sampling(param: list[str], sent: float) -> None:
    async def solve(sample: Sample, ask: Ask) -> Score:
        return Score(1.0, (await ask("Why?", temperature=0.9)).text)

    benchmark = Benchmark("b", "B", "here", lambda rows, shots: (), solve, {"temperature": 0.0})
    asked = BenchmarkPrompts(benchmark, {"1": Sample("1", {})})
    ((_, body),) = asked.workload(options({"out": Path("r"), "param": param})).rows

    assert body["temperature"] == sent
