"""A model's download: what is fetched, from a hub over real HTTP, and what is told if it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.server.chat_template import lacks_chat_template
from launch.server.download import SCRIPT, download_command
from launch.server.hub_snapshot import wanted
from launch.server.presets import ModelSource
from tests.hub.server import Hub, Repository
from tests.launch.launching import Launch, python

FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "README.md": b"# m",
    "model-00001-of-00002.safetensors": b"x" * 1000,
    "model-00002-of-00002.safetensors": b"y" * 1000,
    "consolidated.safetensors": b"z" * 2000,
    "pytorch_model.bin": b"b" * 2000,
    "original/consolidated.00.pth": b"o" * 2000,
}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (list(FILES), [*sorted(FILES)[3:5], "config.json", "tokenizer.json"]),
        (["consolidated.safetensors", "params.json"], ["consolidated.safetensors", "params.json"]),
        (["pytorch_model.bin", "vocab.txt"], ["pytorch_model.bin", "vocab.txt"]),
    ],
)
def test_one_format_of_the_weights_is_wanted(names: list[str], expected: list[str]) -> None:
    assert sorted(wanted(names)) == sorted(expected)


@pytest.mark.parametrize(
    ("source", "extra", "variables", "end"),
    [
        (ModelSource("x/m"), (), {}, ["huggingface", "x/m"]),
        (ModelSource("x/m", from_modelscope=True), (), {}, ["modelscope", "x/m"]),
        (ModelSource("x/m"), ("--revision", "v2"), {}, ["huggingface", "x/m", "v2"]),
        (ModelSource("x/m"), (), {"HF_HUB_OFFLINE": "0"}, ["huggingface", "x/m"]),
        (ModelSource("x/m"), (), {"HF_HUB_OFFLINE": "1"}, ["huggingface", "x/m"]),  # its cache
        (ModelSource("x/m", from_modelscope=True), (), {"HF_HUB_OFFLINE": "1"}, None),
        (ModelSource("x/m"), ("--load-format", "dummy"), {}, None),
        (ModelSource("x/m"), ("--download-dir=/d",), {}, None),
        (ModelSource("/"), (), {}, None),
    ],
)
def test_what_fetches_a_model(
    source: ModelSource, extra: tuple[str, ...], variables: dict[str, str], end: list[str] | None
) -> None:
    command = download_command(source, Path("py"), extra, variables)

    assert command == (["py", str(SCRIPT), *end] if end else [])


def fetched(hub: str, home: Path, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "huggingface", "x/m"],
        env={**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(home), "HF_TOKEN": "", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def in_cache(home: Path) -> set[str]:
    return {path.name for path in home.glob("hub/models--x--m/snapshots/*/*")}


def test_a_model_is_fetched_once_and_then_needs_no_hub(tmp_path: Path) -> None:
    with Hub({"x/m": Repository({"main": FILES})}) as hub:
        code, said = fetched(hub.url, tmp_path)
        asked = len(hub.requests)
        assert fetched(hub.url, tmp_path) == (0, said)
        again = hub.requests[asked:]

    assert (code, said.startswith(f"all is in {tmp_path}")) == (0, True)
    assert in_cache(tmp_path) == {*sorted(FILES)[3:5], "config.json", "tokenizer.json"}
    assert not [request for request in again if request.startswith("GET") and "resolve" in request]
    assert fetched("http://127.0.0.1:9", tmp_path)[0] == 0  # what is here is enough
    assert fetched(hub.url, tmp_path, HF_HUB_OFFLINE="1") == (0, said)


@pytest.mark.parametrize(
    ("repositories", "told"),
    [
        ({}, "RepositoryNotFoundError"),
        ({"x/m": Repository({"main": FILES}, gated=403)}, "GatedRepoError"),
    ],
)
def test_what_the_hub_refuses_is_told_before_vllm_starts(
    tmp_path: Path, repositories: dict[str, Repository], told: str
) -> None:
    with Hub(repositories) as hub:
        code, said = fetched(hub.url, tmp_path)

    assert (code, told in said) == (1, True), said


def test_a_hub_that_does_not_answer_is_left_to_vllm(tmp_path: Path) -> None:
    code, said = fetched("http://127.0.0.1:9", tmp_path)

    assert code == 0
    assert "Connect" in said


def test_a_model_that_does_not_fit_on_the_disk_is_not_begun(tmp_path: Path) -> None:
    code = f"""
import shutil, sys, collections
usage = collections.namedtuple("usage", "total used free")
shutil.disk_usage = lambda path: usage(10**12, 10**12, 10**8)
sys.path.insert(0, {str(SCRIPT.parent)!r})
import hub_snapshot
sys.exit(hub_snapshot.main("huggingface", "x/m"))
"""
    with Hub({"x/m": Repository({"main": FILES})}) as hub:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert done.returncode == 1
    assert "has 0.1 GB free; free some, or move the cache (HF_HOME)" in done.stdout
    assert in_cache(tmp_path) == set()


def test_the_download_comes_first_and_has_no_time_limit(launch: Launch, tmp_path: Path) -> None:
    words = ("with", "--model", "x/m", "--vllm-python", "./fake-python")
    process = launch(*words, "--", "--revision", "v2", *python(""))
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert (tmp_path / "fetched").read_text() == "huggingface x/m v2\n"


@pytest.mark.parametrize(
    ("files", "extra", "lacks"),
    [
        ({"tokenizer_config.json": "{}"}, (), True),
        ({"tokenizer_config.json": '{"chat_template": "{{ x }}"}'}, (), False),
        ({"tokenizer_config.json": "{}", "chat_template.jinja": "{{ x }}"}, (), False),
        ({"tokenizer_config.json": "{}"}, ("--chat-template", "t"), False),
        ({"tokenizer_config.json": "{}"}, ("--trust-request-chat-template",), False),
        ({"tokenizer_config.json": "no JSON"}, (), False),
        ({"tekken.json": "{}"}, (), False),
    ],
)
def test_a_base_model_has_no_chat_template(
    tmp_path: Path, files: dict[str, str], extra: tuple[str, ...], lacks: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    assert lacks_chat_template(tmp_path, extra) == lacks


def test_a_lack_of_a_chat_template_is_told_before_the_server_starts(
    launch: Launch, tmp_path: Path
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/tokenizer_config.json").write_text("{}")
    words = ("with", "--model", "./base", "--vllm-python", "./fake-python")
    process = launch(*words, *python(""))
    _, messages = process.communicate(timeout=60)

    told, started = messages.index("--api completions"), messages.index("vLLM starts on")
    assert process.returncode == 0
    assert told < started
    assert "CHAT_TEMPLATE=FILE" in messages


def test_a_refused_download_starts_no_server(launch: Launch, tmp_path: Path) -> None:
    words = ("with", "--model", "x/m", "--vllm-python", "./fake-python")
    process = launch(*words, *python(""), FAKE_HUB="GatedRepoError: Cannot access gated repo")
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "fetching x/m" in messages and "HF_TOKEN" in messages
    assert not (tmp_path / "timeline").exists()
