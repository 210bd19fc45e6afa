"""lm-eval itself, asking the same server: its own model classes, with the stub's tokenizer."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import datasets
from lm_eval.evaluator import simple_evaluate
from lm_eval.models.openai_completions import LocalChatCompletion, LocalCompletionsAPI
from lm_eval.tasks import TaskManager

from tests.stub.tokens import Vocabulary

BEGINNING = "<s>"


class Completions(LocalCompletionsAPI):  # type: ignore[misc]
    """`local-completions`; the stub's tokens take the place of a tokenizer's."""

    def __init__(self, url: str) -> None:
        super().__init__(
            base_url=f"{url}/completions",
            model="stub",
            tokenizer_backend="none",
            tokenized_requests=False,
            num_concurrent=4,
        )
        self.tokenizer = Vocabulary()
        self.eos_string = None

    def tok_encode(self, string: str, **_: Any) -> list[int]:
        return self.tokenizer.encode(string)

    def decode_batch(self, tokens: Sequence[list[int]]) -> list[str]:
        return [self.tokenizer.decode(each) for each in tokens]

    @property
    def prefix_token_id(self) -> int:
        (only,) = self.tokenizer.encode(BEGINNING)
        return only


def with_tokens(url: str, length: int) -> Any:
    """`local-completions` as it is, with the server's own tokens and a context of that length."""
    return LocalCompletionsAPI(
        base_url=f"{url}/completions",
        model="stub",
        tokenizer_backend="remote",
        max_length=length,
        num_concurrent=4,
    )


def chat(url: str, name: str = "stub", at_once: int = 4) -> Any:
    """`local-chat-completions`."""
    return LocalChatCompletion(
        base_url=f"{url}/chat/completions",
        model=name,
        num_concurrent=at_once,
        tokenizer_backend="none",
    )


def results(
    model: Any,
    mirror: Path,
    *tasks: str,
    include: Path | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """The metrics of each task and group, by lm-eval's names for them."""

    def load(path: str, name: str | None = None, **_: Any) -> Any:
        files = (mirror / path / (name or "default")).glob("*.jsonl")
        return {each.stem: datasets.Dataset.from_list(_rows(each)) for each in files}

    chats = isinstance(model, LocalChatCompletion)
    with patch("datasets.load_dataset", load):
        found = simple_evaluate(
            model,
            tasks=list(tasks),
            task_manager=TaskManager(include_path=include and str(include)),
            limit=limit,
            bootstrap_iters=0,
            apply_chat_template=chats,
            fewshot_as_multiturn=chats,
        )
    assert found
    return {**found["results"], **found.get("groups", {})}


def theirs(found: dict[str, Any]) -> dict[str, float]:
    """The metrics of one task, as they are called in a report of ours."""
    return {
        metric.removesuffix(",none"): float(value)
        for metric, value in found.items()
        if "," in metric and "_stderr" not in metric
    }


def ours(folder: Path) -> dict[str, dict[str, float]]:
    """Every figure of each benchmark of a run of ours, by task and metric."""
    found = {}
    report = json.loads((folder / "report.json").read_text())
    for name, each in report["benchmarks"].items():
        figures = {**each["dimensions"], **each["totals"]}
        values = {metric: of["value"] for metric, of in figures.items()}
        found[name.removeprefix("lm-eval:")] = {each["metric"]: each["value"], **values}
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
