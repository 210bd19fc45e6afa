"""Known differences of providers: met from the start under their names, else learnt once."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.client.dialects import RULES, fitted
from evaluator.client.pool import Pool
from evaluator.client.transport import transport
from evaluator.errors import RequestError, Transient, Unauthorized
from evaluator.types import Request
from tests.providers import (
    ANTHROPIC,
    AZURE,
    DASHSCOPE,
    DEEPSEEK,
    GLM,
    GPT_4,
    LLAMA_CPP,
    OPENAI,
    Provider,
    serving,
)
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


WAYS = [("wire", False), ("wire", True), ("sdk", False), ("sdk", True)]
Way = tuple[str, bool]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}{'-stream' * way[1]}")
def way(request: Any) -> Way:
    """A transport's name, and whether it streams."""
    chosen: Way = request.param
    return chosen


@asynccontextmanager
async def pool(
    provider: Provider, model: str, way: Way = ("auto", False), key: str = KEY
) -> AsyncIterator[Pool]:
    name, stream = way
    made = transport(provider.base_url, name, key, 5.0, stream)  # type: ignore[arg-type]
    asked = Pool(model, [made], retries=1)
    yield asked
    await asked.close()


def request(number: int, model: str, **more: Any) -> Request:
    body = {"model": model, "messages": [{"role": "user", "content": f"{number}?"}], **GREEDY}
    return Request("b", str(number), "model", {**body, **more})


def fields(body: dict[str, Any]) -> dict[str, Any]:
    """What a request names beside the question and how it is streamed."""
    usual = ("model", "messages", "stream", "stream_options")
    return {key: value for key, value in body.items() if key not in usual}


NEW = {"max_completion_tokens": 64}
FULL = {"top_p": 0.9, "presence_penalty": 0.5, "logprobs": True, "stop": ["a", "b"]}
FIVE = ["1st", "2nd", "3rd", "4th", "5th"]
LONG = {"max_tokens": 100_000}
TAKEN = [
    pytest.param(GLM, "glm-4", {}, {"do_sample": False, "max_tokens": 64}, (0, 0), id="GLM"),
    pytest.param(
        GLM,
        "glm-4",
        {"temperature": 1.0, "top_p": 1.0, "stop": ["a", "b"]},
        {"temperature": 0.99, "top_p": 0.99, "max_tokens": 64, "stop": ["a"]},
        (0, 0),
        id="GLM, at the limits",
    ),
    pytest.param(OPENAI, "o3-mini", {}, NEW, (0, 0), id="OpenAI o-series"),
    pytest.param(OPENAI, "gpt-5.1", FULL, NEW, (0, 0), id="OpenAI gpt-5"),
    pytest.param(OPENAI, "mine", FULL, NEW, (6, 6), id="OpenAI, a name of one's own"),
    pytest.param(
        GPT_4,
        "gpt-4o",
        {**LONG, "stop": FIVE},
        {"temperature": 0.0, "max_tokens": 16_384, "stop": FIVE[:4]},
        (1, 1),
        id="OpenAI gpt-4",
    ),
    pytest.param(AZURE, "ours", {}, NEW, (2, 2), id="Azure, learnt"),
    pytest.param(
        DASHSCOPE,
        "qwen3-8b",
        LONG,
        {"temperature": 0.0, "max_tokens": 8_192},
        (2, 1),
        id="Qwen3 on DashScope",
    ),
    pytest.param(
        DEEPSEEK,
        "deepseek-reasoner",
        {**LONG, "logprobs": True, "top_logprobs": 5},
        {"temperature": 0.0, "max_tokens": 65_536},
        (2, 2),
        id="DeepSeek",
    ),
    pytest.param(
        ANTHROPIC,
        "claude",
        {**LONG, "top_p": 0.9},
        {"temperature": 0.0, "max_tokens": 8_192},
        (1, 1),
        id="Anthropic",
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("provider", "model", "asked", "sent", "refusals"), TAKEN)
async def test_what_is_asked_is_what_the_provider_takes(
    clean: pytest.MonkeyPatch,
    way: Way,
    provider: Provider,
    model: str,
    asked: dict[str, Any],
    sent: dict[str, Any],
    refusals: tuple[int, int],
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(provider, model, way) as by:
            replies = [await by.send(request(number, model, **asked)) for number in range(3)]

    if provider is DASHSCOPE and not way[1]:
        sent = {**sent, "enable_thinking": False}
    assert list(map(fields, served.asked)) == [sent] * 3
    assert served.refusals == refusals[way[1]]  # learnt once
    assert [reply.key for reply in replies] == [request(n, model, **asked).key for n in range(3)]
    assert {(reply.text, reply.output_tokens, reply.attempts) for reply in replies} == {
        ("Answer: B", 3, 1)
    }
    thought = provider.message.get("reasoning_content", "")
    assert {reply.reasoning for reply in replies} == {thought}


@pytest.mark.anyio
@pytest.mark.parametrize("provider", [GLM, OPENAI, AZURE, DASHSCOPE, DEEPSEEK, ANTHROPIC])
async def test_a_wrong_key_is_told_in_the_providers_words(
    clean: pytest.MonkeyPatch, way: Way, provider: Provider
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(provider, "m", way, key="sk-wrong") as by:
            with pytest.raises(Unauthorized, match=provider.unauthorized["error"]["message"]):
                await by.send(request(1, "m"))

    assert served.asked == []


def failing(status: int, message: str, headers: dict[str, str] | None = None, **error: Any) -> Any:
    return status, headers or {}, {"error": {"message": message, **error}}


SOON = {"Retry-After": "0"}
PASSING = [
    pytest.param(GLM, failing(429, "您当前使用该API的并发数过高", SOON, code="1302"), id="GLM"),
    pytest.param(OPENAI, failing(429, "Rate limit reached", SOON, type="tokens"), id="OpenAI"),
    pytest.param(AZURE, failing(429, "exceeded token rate limit", SOON, code="429"), id="Azure"),
    pytest.param(
        DASHSCOPE,
        failing(429, "Allocated quota exceeded", SOON, code="insufficient_quota"),
        id="DashScope",
    ),
    pytest.param(DEEPSEEK, failing(503, "Service is too busy", SOON), id="DeepSeek"),
    pytest.param(
        ANTHROPIC, failing(529, "Overloaded", SOON, type="overloaded_error"), id="Anthropic"
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("provider", "failure"), PASSING)
async def test_what_passes_is_asked_again(
    clean: pytest.MonkeyPatch, way: Way, provider: Provider, failure: Any
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        served.failures = [failure]
        async with pool(provider, "m", way) as by:
            reply = await by.send(request(1, "m"))

    assert (reply.text, reply.attempts) == ("Answer: B", 2)


LASTING = [
    pytest.param(GLM, failing(429, "您的账户已欠费，请充值后重试", code="1113"), id="GLM"),
    pytest.param(
        OPENAI, failing(429, "You exceeded your quota", code="insufficient_quota"), id="OpenAI"
    ),
    pytest.param(DASHSCOPE, failing(400, "Access denied", code="Arrearage"), id="DashScope"),
    pytest.param(DEEPSEEK, failing(402, "Insufficient Balance"), id="DeepSeek"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("provider", "failure"), LASTING)
async def test_an_empty_account_is_not_waited_for(
    clean: pytest.MonkeyPatch, way: Way, provider: Provider, failure: Any
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        served.failures = [failure]
        async with pool(provider, "m", way) as by:
            with pytest.raises(RequestError, match=failure[2]["error"]["message"]) as raised:
                await by.send(request(1, "m"))

    assert not isinstance(raised.value, Transient)
    assert served.asked == []


@pytest.mark.anyio
async def test_what_azure_filters_was_never_measured(clean: pytest.MonkeyPatch, way: Way) -> None:
    with serving(AZURE) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(AZURE, "ours", way) as by:
            asked = request(1, "ours", messages=[{"role": "user", "content": "forbidden"}])
            with pytest.raises(RequestError, match=r"^filtered by the provider: The response was"):
                await by.send(asked)


@pytest.mark.anyio
async def test_a_model_that_only_streams_says_what_to_add(
    clean: pytest.MonkeyPatch, way: Way
) -> None:
    with serving(DASHSCOPE) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(DASHSCOPE, "qwq-plus", way) as by:
            if way[1]:
                assert (await by.send(request(1, "qwq-plus"))).text == "Answer: B"
                return
            with pytest.raises(RequestError, match=r"only support stream mode.*; add --stream"):
                await by.send(request(1, "qwq-plus"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("provider", "model"), [(GLM, "glm-4"), (OPENAI, "gpt-5"), (GPT_4, "gpt-4o")]
)
async def test_a_stop_that_is_not_taken_ends_the_reply_all_the_same(
    clean: pytest.MonkeyPatch, way: Way, provider: Provider, model: str
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        served.reply = lambda body: "Answer: B\nNext: C\nEnd"
        async with pool(provider, model, way) as by:
            stop = ["1st", "2nd", "3rd", "4th", "\nEnd", "\nNext"]
            reply = await by.send(request(1, model, stop=stop))
            whole = await by.send(request(2, model, stop="1st"))

    assert (reply.text, whole.text) == ("Answer: B", "Answer: B\nNext: C\nEnd")
    assert "stop" in by.endpoints[0].adapted


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["temperature", "top_p"])
async def test_anthropic_keeps_the_only_one_of_two(clean: pytest.MonkeyPatch, name: str) -> None:
    with serving(ANTHROPIC) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(ANTHROPIC, "claude") as by:
            body = {"model": "claude", "messages": [{"role": "user", "content": "?"}], name: 0.9}
            await by.send(Request("b", "1", "model", body))
        adapted = by.endpoints[0].adapted

    assert fields(served.asked[0]) == {name: 0.9}
    assert adapted == {}  # and nothing is said of what was not changed


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("provider", "question", "taken"),
    [
        (GLM, "Rate it.", {"type": "json_object"}),
        (DEEPSEEK, "Rate it, as JSON.", {"type": "json_object"}),
        (DEEPSEEK, "Rate it.", None),
    ],
)
async def test_a_judge_is_held_to_the_form_that_the_provider_knows(
    clean: pytest.MonkeyPatch, way: Way, provider: Provider, question: str, taken: Any
) -> None:
    with serving(provider) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(provider, "j", way) as by:
            for number in range(2):
                body = {"model": "j", "messages": [{"role": "user", "content": question}]}
                await by.send(Request("b", str(number), "judge", body, schema=SCHEMA))

    assert [body.get("response_format") for body in served.asked] == [taken] * 2


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
async def test_requests_that_are_refused_together_without_a_reason_are_all_asked_again(
    clean: pytest.MonkeyPatch,
) -> None:
    together = threading.Barrier(4)

    def refuses(body: Mapping[str, Any]) -> Any:
        if "top_k" not in body:
            return None
        together.wait(timeout=10)
        return 422, {"error": {"message": "Error code: 422\n\nNo fallback."}}  # as litellm says

    with serving(gateway := Provider("http://gateway.invalid/v1", refuses)) as served:
        clean.setenv("HTTP_PROXY", served.proxy)
        async with pool(gateway, "m") as asked:
            four = [replace(request(n, "m"), optional=NEUTRAL) for n in range(4)]
            replies = await asyncio.gather(*map(asked.send, four))
            told = asked.endpoints[0].refused

    assert served.refusals == 4
    assert told == dict.fromkeys(NEUTRAL, "status 422: Error code: 422 No fallback.")
    assert {reply.text for reply in replies} == {"Answer: B"}


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
    assert fitted({"temperature": temperature}, [RULES[0]])[0] == expected


@pytest.mark.parametrize(
    "more", [(), ("--transport", "wire", "--stream")], ids=["as it is", "wire, streamed"]
)
def test_the_articles_recipe_runs_whole_with_glm_4_as_judge(
    more: tuple[str, ...], stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["base", "tuned"]
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    words = ["run", "--config", str(ROOT / "recipes/article.toml"), "--models", "base,tuned"]
    words += ["--base-url", stub.base_url, "--data", "builtin", "--limit", "2"]
    words += ["--judge-base-url", GLM.base_url, "--out", "runs/{model}", "--progress", "none"]
    with serving(GLM) as glm:
        glm.reply = verdict
        done = subprocess.run(
            [sys.executable, "-m", "evaluator", *words, *more],
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
