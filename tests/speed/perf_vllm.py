"""`evaluator perf` beside vLLM's own benchmark, on the real server, alternating.

    python -m launch with --model demo -- python -m tests.speed.perf_vllm .venv-vllm/bin/python

Each run sends fresh prompts of 100 words and asks for 32 tokens, 8 at once; the table gives each
figure by both, as the mean over the rounds, and their ratio.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

import orjson
from rich.console import Console
from rich.table import Table

from evaluator.perf.load.synthetic_prompts import WORDS

from .processes import Failed, run

WITHIN = 0.05
FIGURES = {  # ours, and vLLM's name for it
    "request throughput": ("requests_per_s", "request_throughput", 1.0),
    "output tokens/s": ("output_tokens_per_s", "output_throughput", 1.0),
    "median TTFT, ms": ("ttft", "median_ttft_ms", 1000.0),
    "median TPOT, ms": ("tpot", "median_tpot_ms", 1000.0),
}
BENCH = (
    "import argparse\n"
    "from vllm.benchmarks.serve import add_cli_args, main\n"
    "parser = argparse.ArgumentParser()\n"
    "add_cli_args(parser)\n"
    "main(parser.parse_args())\n"
)


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.speed.perf_vllm", description=__doc__)
    parser.add_argument("python", help="the Python that has vLLM")
    parser.add_argument("--rounds", type=int, default=4, help="in the order ours, vLLM, vLLM, ours")
    parser.add_argument("--requests", type=int, default=48)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--output-tokens", type=int, default=32)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    return parser.parse_args()


def prompts(path: Path, options: Namespace) -> Path:
    """A file that both read; no two have a prompt in common."""
    random = Random(os.urandom(8))
    asked = [" ".join(random.choices(WORDS, k=100)) for _ in range(options.requests)]
    answer = {"from": "gpt", "value": " ".join(WORDS)}
    rows = [{"conversations": [{"from": "human", "value": text}, answer]} for text in asked]
    path.write_bytes(orjson.dumps(rows))
    return path


def ours(options: Namespace, endpoint: Mapping[str, str], file: Path) -> dict[str, float]:
    """One run of `evaluator perf`."""
    out = file.with_suffix("")
    command = [sys.executable, "-m", "evaluator", "perf", "--workload", str(file), "--ignore-eos"]
    command += ["--output-tokens", str(options.output_tokens)]
    command += ["--model", endpoint["model"], "--base-url", endpoint["base_url"]]
    command += ["--concurrency", str(options.concurrency), "--requests", str(options.requests)]
    command += ["--repeats", "1", "--warmup", "0", "--out", str(out), "--progress", "none"]
    if (ended := run(command)).code:
        raise Failed(f"evaluator perf ended with {ended.code}: {ended.last_line}")
    (point,) = orjson.loads((out / "perf.json").read_bytes())["points"]
    values = {name: point[mine] for name, (mine, _, _) in FIGURES.items()}
    return {name: v["p50"] if isinstance(v, dict) else v for name, v in values.items()}


def theirs(options: Namespace, endpoint: Mapping[str, str], file: Path) -> dict[str, float]:
    """One run of vLLM's benchmark on the same kind of prompts."""
    with urlopen(endpoint["base_url"] + "/models", timeout=10) as answer:
        tokenizer = orjson.loads(answer.read())["data"][0]["root"]
    words = {
        "backend": "openai-chat",
        "endpoint": "/v1/chat/completions",
        "base-url": endpoint["base_url"].removesuffix("/v1"),
        "model": endpoint["model"],
        "tokenizer": tokenizer,
        "dataset-name": "sharegpt",
        "dataset-path": file,
        "sharegpt-output-len": options.output_tokens,
        "num-prompts": options.requests,
        "max-concurrency": options.concurrency,
        "temperature": 0,
        "ready-check-timeout-sec": 0,
        "result-dir": file.parent,
        "result-filename": f"{file.stem}-result.json",
    }
    command = [options.python, "-c", BENCH, *(f"--{key}={value}" for key, value in words.items())]
    command += ["--ignore-eos", "--save-result", "--disable-tqdm"]
    if (ended := run(command, env={"HF_HUB_OFFLINE": "1"})).code:
        raise Failed(f"vLLM's benchmark ended with {ended.code}: {ended.last_line}")
    result = orjson.loads((file.parent / f"{file.stem}-result.json").read_bytes())
    return {name: result[their] / scale for name, (_, their, scale) in FIGURES.items()}


def alternating(
    options: Namespace, endpoint: Mapping[str, str]
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Figures of each round, ours and vLLM's, the two in the order ours, vLLM, vLLM, ours."""
    mine: list[dict[str, float]] = []
    vllms: list[dict[str, float]] = []
    with TemporaryDirectory(prefix="speed-") as folder:
        for turn in range(options.rounds):
            pair = [("ours", ours, mine), ("vllm", theirs, vllms)]
            for name, measure, found in pair if turn % 2 == 0 else pair[::-1]:
                file = prompts(Path(folder) / f"{turn}-{name}.json", options)
                found.append(measure(options, endpoint, file))
    return mine, vllms


def rows(mine: list[dict[str, float]], vllms: list[dict[str, float]]) -> Iterator[dict[str, Any]]:
    """A row a figure: the means over the rounds, and their ratio."""
    for name, (_, _, scale) in FIGURES.items():
        ours_, theirs_ = (
            scale * sum(each[name] for each in side) / len(side) for side in (mine, vllms)
        )
        by_round = [a[name] / b[name] for a, b in zip(mine, vllms, strict=True)]
        ratio = ours_ / theirs_
        within = abs(ratio - 1) <= WITHIN
        yield {
            "figure": name,
            "ours": ours_,
            "vllm": theirs_,
            "ratio": ratio,
            "by_round": by_round,
            "within": within,
        }


def show(found: list[dict[str, Any]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("figure", "evaluator perf", "vLLM's bench", "ratio", "within 5 %", "by round"):
        table.add_column(title, justify="left" if title == "figure" else "right")
    for row in found:
        by_round = ", ".join(f"{ratio:.3f}" for ratio in row["by_round"])
        cells = (f"{row['ours']:.4g}", f"{row['vllm']:.4g}", f"{row['ratio']:.3f}")
        table.add_row(row["figure"], *cells, "yes" if row["within"] else "no", by_round)
    Console(width=120).print(table)


def main() -> int:
    options = arguments()
    listing = orjson.loads(Path(os.environ["EVALUATOR_ENDPOINTS"]).read_bytes())
    (endpoint,) = listing["endpoints"]
    found = list(rows(*alternating(options, endpoint)))
    show(found)
    if options.json:
        options.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return int(not all(row["within"] for row in found))


if __name__ == "__main__":
    sys.exit(main())
