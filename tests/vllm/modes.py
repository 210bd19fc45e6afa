"""What tests/vllm/test_modes.py does with a real server, as a COMMAND beside it."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from evaluator.benchmarks import benchmark
from evaluator.data import Builtin, samples, select
from evaluator.engine.form import NEUTRAL
from evaluator.options.given import settings
from evaluator.runs.plan import plan
from evaluator.runs.preview import some_requests
from evaluator.tasks.question import Continuation
from evaluator.types import Asked, Response

CHOICES = ("arc", "ceval", "cmmlu", "mmlu")
LIMIT = 2
BASICS = ("--data", "builtin", "--progress", "none", "--limit", str(LIMIT), "--shots", "1")
(ENDPOINT,) = json.loads(Path(os.environ["EVALUATOR_ENDPOINTS"]).read_bytes())["endpoints"]
TEMPLATE = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant]"


def post(path: str, **body: Any) -> Any:
    data = json.dumps({"model": ENDPOINT["model"], **body}).encode()
    url = ENDPOINT["base_url"].removesuffix("/v1") + path
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(asked))


def run(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "evaluator", "run", *words, *BASICS, "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def continuations(name: str) -> list[list[Continuation]]:
    """What likelihood asks of each sample."""
    asked: list[list[Continuation]] = []

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        assert isinstance(messages, Continuation)
        asked[-1].append(messages)
        return Response("key", "", token_logprobs=[("", 0.0)])

    async def all_of_them() -> None:
        shots = 0 if name.startswith("mcq:") else 1
        for sample in select(samples(benchmark(name), Builtin(), shots), LIMIT):
            asked.append([])
            await benchmark(name).modes["likelihood"].solve(sample, ask)

    asyncio.run(all_of_them())
    return asked


def tokens_by_the_tokenizer(name: str) -> list[list[int]]:
    """How many tokens each continuation has, as lm-eval counts them."""

    def count(text: str) -> int:
        return int(post("/tokenize", prompt=text)["count"])

    return [
        [count(each.context + each.text) - count(each.context) for each in of_sample]
        for of_sample in continuations(name)
    ]


def by_the_servers_own_sampling(folder: Path) -> tuple[str, str]:
    """The first GSM8K question, and what is said to it when only the temperature is named."""
    given = {"benchmarks": ["gsm8k"], "model": ENDPOINT["model"], "data": "builtin", "limit": 1}
    given |= {"shots": 1, "api": "completions", "param": {"max_tokens": 24}, "out": folder}
    (task,) = plan(settings(given))
    (body,) = some_requests(task, ENDPOINT["model"])[0]
    bare = {key: value for key, value in body.items() if key not in NEUTRAL}
    return body["prompt"], post("/v1/completions", **bare)["choices"][0]["text"]


def main(folder: Path) -> None:
    (folder / "own.csv").write_text("question,A,B,answer\nWhich is a colour?,red,seven,A\n")
    (folder / "t.jinja").write_text(TEMPLATE)
    own = f"mcq:{folder / 'own.csv'}"
    unshown = ("--dataset-args", json.dumps({own: {"few_shot_num": 0}}))
    run(folder / "likelihood", *CHOICES, own, "--mode", "likelihood", *unshown)
    run(folder / "logprobs", *CHOICES, own, "--mode", "logprobs", *unshown)
    base = ("arc", "ceval", "gsm8k", "--api", "completions", "--param", "max_tokens=24")
    run(folder / "base", *base)
    run(folder / "base_logprobs", "arc", "--api", "completions", "--mode", "logprobs")
    brief = ("--param", "max_tokens=8", "--system", "Be brief.", "--shots-as-turns")
    run(folder / "turns", "arc", "mmlu", *brief)
    run(folder / "template", "arc", "mmlu", *brief, "--chat-template", str(folder / "t.jinja"))
    found = {
        "tokens": {name: tokens_by_the_tokenizer(name) for name in (*CHOICES, own)},
        "servers_own": by_the_servers_own_sampling(folder),
    }
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
