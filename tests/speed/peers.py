"""The same questions through other evaluators, where their commands are on the PATH.

They are given the same rows as files, since each has a hub of its own to get them from.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from .processes import Failed, Server, run

TASK = Path(__file__).with_name("inspect_gsm8k.py")
KEY = {"OPENAI_API_KEY": "none", "STUB_API_KEY": "none"}  # each wants one, and the stub none


@dataclass(frozen=True, slots=True)
class Job:
    """What a peer is to do, in a folder of its own."""

    base_url: str
    rows: Path
    folder: Path
    slots: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A command, and its arguments for a job."""

    command: str
    title: str
    arguments: Callable[[Job], Sequence[str]]


def measure(
    peer: Peer, server: Server, data: Path, folder: Path, questions: int, slots: int
) -> float:
    """Seconds from start to exit.  Raises Failed where it is not installed or does not ask all."""
    program = shutil.which(peer.command)
    if not program:
        raise Failed(f"{peer.command} is not installed")
    folder.mkdir()
    job = Job(server.base_url, data / "openai/gsm8k/main/test.jsonl", folder, slots)
    before = server.counters()["count"]
    ended = run([program, *peer.arguments(job)], env={**KEY, **offline()}, cwd=folder)
    asked = server.counters()["count"] - before
    if ended.code or asked < questions:
        raise Failed(f"{peer.command} failed after {asked} requests: {ended.last_line[:100]}")
    return ended.seconds


def offline() -> Mapping[str, str]:
    """All data is here: waiting for a hub would not be fair."""
    return {"HF_HUB_OFFLINE": "1", "HF_HOME": os.environ.get("HF_HOME", "hub")}


def lm_eval(job: Job) -> Sequence[str]:
    """Its own gsm8k_cot_zeroshot, but for where the rows come from.  JSON is YAML as well."""
    task = {
        "task": "gsm8k_cot_zeroshot_local",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(job.rows)}},
        "output_type": "generate_until",
        "test_split": "test",
        "doc_to_text": "Q: {{question}}\nA: Let's think step by step.",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["Q:"], "do_sample": False},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean"}],
    }
    (job.folder / "gsm8k.yaml").write_bytes(orjson.dumps(task))
    model = f"model=stub,base_url={job.base_url}/chat/completions,num_concurrent={job.slots}"
    return [
        "--model=local-chat-completions",
        f"--model_args={model},max_retries=3,tokenized_requests=False",
        "--tasks=gsm8k_cot_zeroshot_local",
        f"--include_path={job.folder}",
        "--apply_chat_template",
        "--log_samples",
        "--output_path=out",
    ]


def inspect(job: Job) -> Sequence[str]:
    """Through its openai-api provider."""
    return [
        "eval",
        f"{TASK}@gsm8k",
        f"-Tpath={job.rows}",
        "--model=openai-api/stub/stub",
        f"--model-base-url={job.base_url}",
        f"--max-connections={job.slots}",
        f"--max-samples={job.slots}",
        "--display=plain",
        "--log-dir=logs",
    ]


def evalscope(job: Job) -> Sequence[str]:
    """Its own gsm8k, without worked examples."""
    # It takes a folder for a repository of the hub, whose README says which file is what.
    files = "configs:\n- config_name: main\n  data_files:\n  - split: test\n    path: test.jsonl"
    (job.folder / "README.md").write_text(f"---\n{files}\n---\n", encoding="utf-8")
    (job.folder / "test.jsonl").symlink_to(job.rows)
    rows = {"gsm8k": {"local_path": str(job.folder), "few_shot_num": 0}}
    return [
        "eval",
        "--model=stub",
        f"--api-url={job.base_url}",
        "--api-key=none",
        "--eval-type=openai_api",
        "--datasets=gsm8k",
        f"--dataset-args={orjson.dumps(rows).decode()}",
        f"--eval-batch-size={job.slots}",
        '--generation-config={"temperature": 0, "max_tokens": 1024}',
        "--work-dir=out",
    ]


PEERS = (
    Peer("lm_eval", "lm-evaluation-harness", lm_eval),
    Peer("inspect", "inspect-ai", inspect),
    Peer("evalscope", "evalscope", evalscope),
)
