"""What `launch` says, in the language of its reader: on the screen alone, never in files."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from evaluator.locale import catalogue as whole_catalogue
from launch.cli import VERBS
from launch.locale import N_, Phrase, catalogue, joined, language, recalled, said, speak
from launch.server.diagnosis import likely_cause
from launch.server.placement import Placement
from tests.launch.launching import ROOT, Launch, python
from tests.launch.test_eval import QUIET, STUB_VLLM, stub_vllm

__all__ = ["stub_vllm"]  # a fixture
CHINESE = {"LC_ALL": "zh_CN.UTF-8"}
CPU = Placement()
OPTION_NAMES = re.compile(r"^  (--[a-z0-9-]+)", re.MULTILINE)
OUT_OF_MEMORY = "显存或内存不足；请释放一些（用 nvidia-smi 看是谁占用），或指定更多 GPU"


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("launch.locale._screen", catalogue("zh"))
    yield


def test_the_catalogue_is_read_as_the_evaluator_reads_it() -> None:
    assert catalogue("zh") == whole_catalogue("zh").entries
    assert catalogue("en") == {}


@pytest.mark.parametrize(
    ("words", "environment", "found"),
    [
        ((), {}, "en"),
        ((), {"LANG": "zh_CN.UTF-8"}, "zh"),
        ((), {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ((), {"LANG": "de_DE.UTF-8"}, "en"),
        (("eval", "--args=--lang zh --progress none"), {}, "zh"),
        (("eval", "--args", "--lang zh"), {}, "zh"),
        (("with", "--model", "m", "--", "evaluator", "run", "arc", "--lang=zh"), {}, "zh"),
        (("eval", "--args=--lang en"), {"LANG": "zh_CN.UTF-8"}, "en"),
        (("with", "--", "evaluator", "list", "--language", "zh"), {}, "en"),
    ],
)
def test_the_language_of_command_comes_first_and_then_the_environment(
    words: tuple[str, ...], environment: dict[str, str], found: str
) -> None:
    assert language(words, environment) == found


def test_a_text_is_plain_english_until_it_is_said(in_chinese: None) -> None:
    text = N_("{name} loads on {placement}; its log: {log}", name="a", placement=str(CPU), log="l")

    assert text == "a loads on the CPU; its log: l"
    assert said(text) == "a 正在 CPU 上加载；日志：l"
    assert said(joined("; ", [N_("as asked"), "as asked"])) == "按指定; as asked"


def test_a_cause_in_a_file_is_said_in_chinese(in_chinese: None) -> None:
    cause = likely_cause("RuntimeError: CUDA out of memory.")
    told = f"the server did not start, it ended with exit code 1: {cause}; log runs/a.log"

    expected = f"服务器没有启动，它以退出码 1 结束：{OUT_OF_MEMORY}；日志 runs/a.log"
    assert said(recalled(told)) == expected
    late = recalled(
        "the judge 'a b' did not start: it was not ready after 1800 s (--startup-timeout)"
    )
    assert (
        said(recalled(late))
        == "评审模型 'a b' 的服务器没有启动：1800 秒内没有就绪（--startup-timeout）"
    )
    for other in ("Segmentation fault", "1,200 requests sent"):
        assert recalled(other) == other


def test_an_evaluation_is_told_in_chinese_from_start_to_end(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    words = ("eval", "--models=one two", "--benchmarks=arc", "--limit=3", f"--args={QUIET}")
    process = launch(*words, **CHINESE)
    shown, messages = process.communicate(timeout=120)

    assert process.returncode == 0, messages
    for line in (
        r"one，在 CPU 上$",
        r"正在获取 one（如果本地还没有） \.\.\.",
        r"vLLM 在 CPU 上启动；日志：runs/logs/one-",
        r"正在 CPU 上用 vLLM 启动 one \.\.\.",
        r"秒后就绪：one，地址 http://127\.0\.0\.1:\d+/v1",
        r"服务器已停止，没有留下任何进程",
        r"one  已完成$",
        r"two  已完成$",
    ):
        assert re.search(line, messages, re.MULTILINE), messages
    assert "得分" in shown
    assert not re.search(r"the CPU|its log|ready in|is left|done", messages)


@pytest.mark.skipif(not (ROOT / ".venv/.ready").exists(), reason="make would install first")
def test_make_eval_is_told_in_chinese(stub_vllm: Path, tmp_path: Path) -> None:
    """LANG on its command line, as the documentation has it."""
    here = str(tmp_path / "starts")  # make runs in the checkout, which is to stay clean
    stub_vllm.write_text(STUB_VLLM.replace('"starts"', repr(here)), encoding="utf-8")
    words = [
        "eval",
        "MODEL=one",
        "BENCHMARKS=arc",
        "LIMIT=2",
        f"OUT={tmp_path / 'run'}",
        f"ARGS={QUIET}",
    ]
    words += [f"VLLM_PYTHON={stub_vllm}", "LANG=zh_CN.UTF-8", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("LC_")}
        | {"EVALUATOR_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "秒后就绪：one" in done.stderr
    assert "服务器已停止，没有留下任何进程" in done.stderr
    assert "得分" in done.stdout


@pytest.mark.parametrize("verb", ["", *(each.name for each in VERBS)])
def test_help_is_in_chinese_and_fits(launch: Launch, verb: str) -> None:
    """Also where standard error is a file, as help is no message."""
    shown, _ = launch(*verb.split(), "--lang", "zh", "--help", COLUMNS="80").communicate(timeout=60)
    english, _ = launch(*verb.split(), "--help", COLUMNS="80").communicate(timeout=60)
    words = set(re.findall(r"[a-z]+", shown))

    assert shown.startswith(f"用法：{' '.join(['python -m launch', *verb.split()])} ")
    assert not words & {"the", "of", "and", "to", "is", "usage", "options", "show", "default"}
    assert OPTION_NAMES.findall(shown) == OPTION_NAMES.findall(english)
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert english.startswith("usage: ")


def test_help_in_a_file_is_in_chinese_too(launch: Launch, tmp_path: Path) -> None:
    with (tmp_path / "errors").open("w") as errors:
        words = [sys.executable, "-m", "launch", "--help"]
        done = subprocess.run(
            words, cwd=ROOT, env=os.environ | CHINESE, stdout=subprocess.PIPE, stderr=errors
        )

    assert "启动和停止模型服务器" in done.stdout.decode()


@pytest.mark.parametrize("words", ["eval --lang zh", "--lang zh eval"])
def test_the_language_of_an_evaluation_is_that_of_its_reports_too(
    launch: Launch, words: str
) -> None:
    at = ("--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--benchmarks", "arc")
    data = ("--data", "builtin", "--limit", "2", "--dry-run")
    shown, messages = launch(*words.split(), *at, *data).communicate(timeout=60)

    assert "向 'm' 发送 2 个请求" in shown, messages


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ("eval --model ./nowhere", {}, "launch：'./nowhere' 处没有模型目录；请检查路径"),
        ("eval --gpus 9", {}, "launch：--gpus 9：没有 GPU 9；可用的有 4 个，编号 0 到 3"),
        ("eval --fast", {}, "launch：没有选项 --fast；见 python -m launch --help"),
        ("eval --lang fr", {}, "launch：选项 --lang：'fr' 不是语言；见"),
        ("eval --tp x", {}, "launch：选项 --tp：'x' 不是正整数；见"),
        ("with --model m", {}, "launch：没有要执行的 COMMAND"),
        ("with --model m -- nowhere", {}, "launch：没有程序 'nowhere'；请检查拼写和 PATH"),
        ("with --model m --vllm-python nowhere -- true", {}, "'nowhere' 不是程序"),
        (
            "with --model m --vllm-python ./fake-python -- true",
            {"FAKE_MISSING": "1"},
            "没有安装 vLLM；用 `make eval` 安装，或指定另一个 Python",
        ),
        (
            "with --model m --vllm-python ./fake-python -- true",
            {"FAKE_BUILD": "GPU"},
            "里的 vLLM 是 GPU 版，但没有指定 GPU；请指定：--gpus 0（GPUS=0）",
        ),
        (
            "with --model o/m --vllm-python ./fake-python -- true",
            {"FAKE_HUB": "RepositoryNotFoundError: 404 Client Error. Repository Not Found"},
            "正在获取 o/m（如果本地还没有）失败：站点上没有这个名字的模型",
        ),
        (
            "with --model bad --vllm-python ./fake-python -- true",
            {},
            f"launch：服务器没有启动，它以退出码 1 结束：{OUT_OF_MEMORY}；日志 ",
        ),
        ("fleet --config nowhere.toml -- true", {}, "launch：无法读取服务器组文件 'nowhere.toml'"),
        ("status", {}, "没有服务器；用 `up` 启动一个"),
        ("down", {}, "launch：down 需要 NAME 或 --all，而不是 '无'；见 status"),
    ],
)
def test_a_mistake_is_told_in_chinese(
    launch: Launch, words: str, variables: dict[str, str], expected: str
) -> None:
    process = launch(*words.split(), **CHINESE, **variables)
    shown, messages = process.communicate(timeout=60)

    assert expected in shown + messages


def test_files_are_english_and_what_they_hold_is_said_in_chinese(
    launch: Launch, tmp_path: Path
) -> None:
    """Models that run side by side have logs of their messages, which tell how far each is."""
    words = ("each", "--models", "good,bad", "--gpus", "0,1", "--vllm-python", "./fake-python")
    process = launch(*words, *python("pass"), **CHINESE)
    _, messages = process.communicate(timeout=60)
    logs = {path.name: path.read_text() for path in (tmp_path / "runs/logs").glob("*-messages-*")}

    assert process.returncode == 3
    assert (
        f"bad   没有服务器（退出码 3）：服务器没有启动，它以退出码 1 结束：{OUT_OF_MEMORY}"
        in messages
    )
    assert any("ready in" in text for text in logs.values())
    assert not any("服务器" in text for text in logs.values())


def test_no_file_is_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with (tmp_path / "log").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        speak(())

    assert said(N_("as asked")) == "as asked"
    assert isinstance(N_("as asked"), Phrase)
