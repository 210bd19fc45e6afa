"""All three modes and both APIs on the real vLLM server."""

import sys
from collections import defaultdict
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.vllm.serving import run, served

FLAGS = (  # the last pretends a generation_config.json that bans the words of the prompt
    "--trust-request-chat-template",
    "--override-generation-config",
    '{"repetition_penalty": 100.0}',
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs that tests/vllm/modes.py makes with one server."""
    folder = tmp_path_factory.mktemp("modes")
    with served("demo", folder / "log", *FLAGS) as beside:
        done = run(sys.executable, "-m", "tests.vllm.modes", folder, beside=beside)
    assert done.returncode == 0, done.stderr
    return folder


def rows(folder: Path) -> Any:
    return orjson.loads((folder / "report.json").read_bytes())["benchmarks"]


def lines(path: Path) -> list[Any]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.vllm
@pytest.mark.parametrize("mode", ["logprobs", "likelihood"])
def test_every_multiple_choice_benchmark_is_measured_by_likelihood(folder: Path, mode: str) -> None:
    measured = rows(folder / mode)

    assert len(measured) == 5
    for row in measured.values():
        assert row["scored"] == row["samples"] == row["planned"]
        assert 0 < row["dimensions"]["target_probability"]["value"] < 1
        assert ("acc_norm" in row["dimensions"]) == (mode == "likelihood")


@pytest.mark.vllm
def test_the_continuations_tokens_are_those_that_the_tokenizer_counts(folder: Path) -> None:
    kept: dict[str, list[int]] = defaultdict(list)
    for record in lines(folder / "likelihood/responses.jsonl"):
        kept[record["benchmark"]].append(len(record["token_logprobs"]))
        assert all(logprob <= 0 for _, logprob in record["token_logprobs"])
    counted = orjson.loads((folder / "found.json").read_bytes())["tokens"]

    assert {name: sorted(each) for name, each in kept.items()} == {
        name: sorted(chain(*each)) for name, each in counted.items()
    }
    assert max(kept["arc"]) > 2


@pytest.mark.vllm
def test_the_labels_hold_all_of_the_first_tokens_probability(folder: Path) -> None:
    for record in lines(folder / "logprobs/responses.jsonl"):
        (tops,) = record["top_logprobs"]
        possible = {token.strip() for token, logprob in tops.items() if logprob > -9000}

        assert possible <= {"A", "B", "C", "D", ""}  # the server was held to them
        assert record["output_tokens"] == 1
    assert orjson.loads((folder / "logprobs/run.json").read_bytes())["refused"] == {}


@pytest.mark.vllm
def test_a_base_model_is_asked_by_text(folder: Path) -> None:
    measured = rows(folder / "base") | rows(folder / "base_logprobs")

    assert {row["errors"] for row in measured.values()} == {0}
    assert {row["api"] for row in measured.values()} == {"completions"}


@pytest.mark.vllm
def test_a_chat_template_goes_along_with_the_request(folder: Path) -> None:
    tokens = {
        name: sum(r["prompt_tokens"] for r in lines(folder / name / "responses.jsonl"))
        for name in ("turns", "template")
    }

    assert tokens["template"] != tokens["turns"] > 0
    assert all(row["errors"] == 0 for row in rows(folder / "template").values())


@pytest.mark.vllm
def test_the_servers_own_sampling_does_not_count(folder: Path) -> None:
    prompt, servers_own = orjson.loads((folder / "found.json").read_bytes())["servers_own"]
    recorded = lines(folder / "base/responses.jsonl")
    (ours,) = [r["text"] for r in recorded if (r["benchmark"], r["sample_id"]) == ("gsm8k", "0")]

    def repeated(reply: str) -> int:
        return len(set(reply.split()) & set(prompt.split()))

    assert 2 * repeated(servers_own) < repeated(ours)
