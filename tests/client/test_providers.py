"""Known differences of providers: met from the start under their names, else learnt once."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.client.dialects import RULES, fitted
from evaluator.client.pool import Pool
from evaluator.client.transport import transport
from evaluator.types import Request
from tests.providers import ANTHROPIC, AZURE, DASHSCOPE, GLM, LLAMA_CPP, OPENAI, Provider, serving
from tests.providers.server import KEY
from tests.stub import StubServer

ROOT = Path(__file__).parents[2]
GREEDY = {"temperature": 0.0, "max_tokens": 64}
SCHEMA = {"type": "object", "properties": {"rating": {"type": "integer"}}}
NEUTRAL = {"top_p": 1.0, "top_k": -1}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@asynccontextmanager
async def pool(provider: Provider, model: str) -> AsyncIterator[Pool]:
    made = Pool(model, [transport(provider.base_url, "auto", KEY, 5.0, False)], retries=1)
    yield made
    await made.close()


def request(number: int, model: str, **more: Any) -> Request:
    body = {"model": model, "messages": [{"role": "user", "content": f"{number}?"}], **GREEDY}
    return Request("b", str(number), "model", {**body, **more})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("provider", "model", "sent", "refusals"),
    [
        pytest.param(GLM, "glm-4", {"do_sample": False, "max_tokens": 64}, 0, id="GLM"),
        pytest.param(OPENAI, "o3-mini", {"max_completion_tokens": 64}, 0, id="OpenAI o-series"),
        pytest.param(OPENAI, "gpt-5.1", {"max_completion_tokens": 64}, 0, id="OpenAI gpt-5"),
        pytest.param(AZURE, "ours", {"max_completion_tokens": 64}, 2, id="Azure, learnt"),
        pytest.param(DASHSCOPE, "qwen3-8b", {**GREEDY, "enable_thinking": False}, 1, id="Qwen3"),
    ],
)
async def test_what_is_asked_is_what_the_provider_takes(
    clean: pytest.MonkeyPatch,
    provider: Provider,
    model: str,
    sent: dict[str, Any],
    refusals: int,
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(provider, model) as asked:
            replies = [await asked.send(request(number, model)) for number in range(3)]

    fields = [
        {k: v for k, v in body.items() if k not in ("model", "messages")} for body in served.asked
    ]
    assert fields == [sent] * 3
    assert served.refusals == refusals  # learnt once
    assert [reply.key for reply in replies] == [request(n, model).key for n in range(3)]


@pytest.mark.anyio
async def test_anthropic_is_given_one_of_temperature_and_top_p(clean: pytest.MonkeyPatch) -> None:
    with serving(ANTHROPIC) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(ANTHROPIC, "claude") as asked:
            await asked.send(request(1, "claude", top_p=0.9))

    assert served.refusals == 0
    assert "top_p" not in served.asked[0]
    assert served.asked[0]["temperature"] == 0.0


@pytest.mark.anyio
async def test_a_field_named_in_a_server_error_is_left_out_from_then_on(
    clean: pytest.MonkeyPatch,
) -> None:
    with serving(LLAMA_CPP) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(LLAMA_CPP, "m") as asked:
            for number in range(3):
                one = request(number, "m")
                await asked.send(Request("b", one.sample_id, "model", one.body, optional=NEUTRAL))
            refused = asked.endpoints[0].refused
            faults = dict(asked.faults)

    assert served.refusals == 1
    assert list(refused) == ["top_k"]
    assert all("top_p" in body and "top_k" not in body for body in served.asked)
    assert faults == {}  # no retries


@pytest.mark.anyio
async def test_a_schema_becomes_any_object_where_schemas_are_not_known(
    clean: pytest.MonkeyPatch,
) -> None:
    with serving(LLAMA_CPP) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(LLAMA_CPP, "m") as asked:
            for number in range(2):
                one = request(number, "m")
                await asked.send(Request("b", one.sample_id, "judge", one.body, schema=SCHEMA))

    assert served.refusals == 1
    assert [body["response_format"] for body in served.asked] == [{"type": "json_object"}] * 2


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (0.0, {"do_sample": False}),
        (0.7, {"temperature": 0.7}),
        (1.0, {"temperature": 0.99}),
        (1.5, {"temperature": 0.99}),
    ],
)
def test_temperatures_of_glm(temperature: float, expected: dict[str, Any]) -> None:
    assert fitted({"temperature": temperature}, [RULES[0]]) == expected


def test_the_articles_recipe_runs_whole_with_glm_4_as_judge(
    stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["base", "tuned"]
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    words = ["run", "--config", str(ROOT / "recipes/article.toml"), "--models", "base,tuned"]
    words += ["--base-url", stub.base_url, "--data", "builtin", "--limit", "2"]
    words += ["--judge-base-url", GLM.base_url, "--out", "runs/{model}", "--progress", "none"]
    with serving(GLM) as glm:
        glm.reply = verdict
        done = subprocess.run(
            [sys.executable, "-m", "evaluator", *words],
            cwd=tmp_path,
            env=environment | {"HTTP_PROXY": glm.proxy, "ZHIPUAI_API_KEY": KEY},
            capture_output=True,
            text=True,
            timeout=120,
        )

    assert done.returncode == 0, done.stderr
    written = (tmp_path / "runs/base/report.json").read_bytes()
    report = orjson.loads(written)
    judged = report["benchmarks"]["alignbench"]
    assert (judged["scored"], judged["judge_unparsed"], judged["errors"]) == (2, 0, 0)
    assert (glm.refusals, len(glm.asked)) == (0, 6)  # two of them before the two runs
    assert {body["do_sample"] for body in glm.asked} == {False}
    assert report["serving"]["adapted"][GLM.base_url]["temperature"].startswith("0 is asked for")
    assert KEY.encode() not in written


def verdict(body: dict[str, Any]) -> str:
    """An 8 for each dimension that the judge is asked to rate."""
    prompt = str(body["messages"][0]["content"])
    names = re.findall(r"^\d+\. (\w+)[:：]", prompt, re.MULTILINE)
    return str(dict.fromkeys((*names, "综合得分"), 8))
