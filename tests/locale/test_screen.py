"""What commands say on a screen, in the language of its reader."""

import inspect
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from evaluator.cli.panels import wrapped
from evaluator.client import concurrency
from evaluator.locale import Phrase, catalogue, labels, recalled
from evaluator.report.notes import CONCURRENCY, DATA, IDENTITY
from tests.conftest import Cli
from tests.written_runs import Said, write_run

TEMPLATES = labels("{data} via {origin}", "builtin")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A run and another one that forgot something."""
    write_run(tmp_path / "base", [Said(str(i)) for i in range(20)])
    write_run(tmp_path / "tuned", [Said(str(i), 0.0) for i in range(20)])
    return tmp_path


def test_a_report_is_shown_in_the_language_that_is_asked_for(cli: Cli, runs: Path) -> None:
    chinese, english = (
        cli("report", "base", "--lang", each, cwd=runs).stdout for each in ("zh", "en")
    )

    for words in ("得分", "95% 置信区间", "样本数", "未解析", "发送 20 个请求"):
        assert words in chinese
        assert words not in english
    assert "unparsed" in english
    assert "unparsed" not in chinese


def test_the_environment_chooses_the_language_too(
    cli: Cli, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    done = cli("list", "--search", "gsm8k", cwd=runs)

    assert "示例题" in done.stdout


def test_a_comparison_is_shown_in_chinese(cli: Cli, runs: Path) -> None:
    done = cli("compare", "base", "tuned", "--lang", "zh", cwd=runs)

    assert done.returncode == 0, done.stderr
    for words in ("的对比", "差值", "结论", "遗忘", "最小可检差异", "结果在 "):
        assert words in done.stdout
    assert "verdict" not in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("report nowhere", "错误：'nowhere' 里没有结果"),
        ("reprot nowhere", "错误：没有命令 'reprot'；是不是 'report'？"),
        ("report --tasks", "错误：没有选项 --tasks"),
        ("compare base nowhere", "错误：'nowhere' 里没有运行"),
        ("run arcc --model m", "错误：没有基准测试 'arcc'；是不是 'arc'？"),
        ("run arc --model m", "错误：没有接口：请给出 --base-url URL"),
        ("run --model m", "错误：请至少写出一个基准测试"),
        ("run arc --model m --limit -3", "错误：--limit '-3'：应为整数（不小于 1）"),
        (
            "run arc --model m --base-url http://127.0.0.1:9/v1 --data builtin --retries 0",
            "错误：http://127.0.0.1:9/v1 没有回应：无法连接",
        ),
        (
            "run arc --model m --base-url http://127.0.0.1:9/v1 --data-dir nowhere",
            "错误：没有数据文件夹 'nowhere'",
        ),
        ("gate base", "错误：没有任何要求"),
        ("run arc --model m --limit abc", "错误：--limit 'abc'：应为整数（不小于 1）"),
        ("run arc --model m --param temperature=9", "错误：--param temperature：应为0 到 2 的数"),
        ("run arc --model m --protocol json", "错误：--protocol json：arc 里没有工具调用"),
        ("run arc --config nowhere.toml --model m", "错误：无法读取配置 'nowhere.toml'"),
        ("perf --concurrency 1 --rate 2", "错误：--concurrency 或 --rate"),
        ("arena base", "错误：竞技场需要两次运行"),
        ("view nowhere", "错误：没有文件夹 'nowhere'"),
        ("view base --host 0.0.0.0", "错误：--host 0.0.0.0：别人也能看到结果"),
        ("plot base --kind perf --out a.svg", "错误：'base' 里没有可画的"),
        ("import inspect base", "错误：'base' 里没有 inspect"),
        ("export base --to csv", "错误：'base' 里没有报告"),
        ("schema rum", "错误：没有名为 'rum' 的 schema"),
    ],
)
def test_an_error_is_told_in_chinese(
    cli: Cli, runs: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    done = cli(*words.split(), cwd=runs)

    assert done.returncode in (2, 3)
    assert done.stderr.startswith(expected)


def test_a_gate_answers_in_chinese_and_machines_in_english(cli: Cli, runs: Path) -> None:
    files = ("--junit", "gate.xml", "--markdown", "gate.md")
    done = cli("gate", "base", "--min", "exam=0.9", "--lang", "zh", *files, cwd=runs)

    assert done.returncode == 4
    for words in ("测得", "至少", "无法判断", "exam 不低于 90.0%", "置信度 0.95"):
        assert words in done.stdout
    assert "cannot tell" not in done.stdout
    for_machines, page = ((runs / name).read_text("utf-8") for name in ("gate.xml", "gate.md"))
    assert "cannot tell" in for_machines
    assert "无法判断" not in for_machines
    assert "base：无法判断（置信度 0.95）" in page
    assert "cannot tell" not in page


def test_a_dry_run_is_told_in_chinese(cli: Cli, runs: Path) -> None:
    done = cli(
        *("run", "arc", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"),
        *("--data", "builtin", "--limit", "3", "--dry-run", "--lang", "zh"),
        cwd=runs,
    )

    assert done.stdout.startswith("向 'm' 发送 3 个请求；预演不发送任何请求")
    assert "回答至多" in done.stdout


def test_what_a_file_holds_in_english_is_said_in_chinese() -> None:
    text = recalled("arc test via builtin", TEMPLATES)

    assert isinstance(text, Phrase)
    assert text == "arc test via builtin"
    assert catalogue("zh").say(text) == "arc test，来源：内置样本"


def test_what_no_template_made_stays_as_it_is() -> None:
    assert recalled("of my own", TEMPLATES) == "of my own"


HEADINGS = ("问什么", "怎么问", "服务", "评审", "运行", "输出")


@pytest.mark.parametrize("words", ["run --help --lang zh", "run --help --lang=zh"])
def test_help_is_in_chinese_within_80_columns(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*words.split())
    lines = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert lines[0] == "用法：evaluator run [OPTIONS] BENCHMARK..."
    assert [line.split()[1] for line in lines if line.startswith("╭")] == list(HEADINGS)
    assert "模型提供服务时的名称。" in done.stdout
    assert max(map(cell_len, lines)) == 80
    assert not any(line.strip("│ ").startswith(("，", "。", "；")) for line in lines)


@pytest.mark.parametrize("words", [[], ["data"], ["compare"], ["perf"], ["arena"], ["view"]])
def test_no_help_is_left_in_english(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    done = cli(*words, "--help")

    assert done.stdout.startswith("用法：")
    for english in ("Usage", "Commands", "Show ", "Folder", " the ", "Name "):
        assert english not in done.stdout


def test_a_misspelt_option_is_told_in_the_language_that_is_asked_for(cli: Cli, runs: Path) -> None:
    done = cli("report", "base", "--lang", "zh", "--tasks", "x", cwd=runs)

    assert done.stderr.startswith("错误：没有选项 --tasks")


def test_chinese_wraps_between_its_characters_and_english_between_words() -> None:
    assert list(wrapped("存放结果的文件夹，连同其下。", 16)) == ["存放结果的文件", "夹，连同其下。"]
    assert list(wrapped("one two three", 8)) == ["one two", "three"]
    assert list(wrapped("见 http://HOST:8000/v1 的值", 8)) == ["见", "http://HOST:8000/v1", "的值"]


@pytest.mark.parametrize(
    ("text", "templates", "expected"),
    [
        (
            "some/exam test via built-in samples (not the real data set)",
            DATA,
            "some/exam test，来源：内置样本（不是真实数据集）",
        ),
        ("the limit was never reached", CONCURRENCY, "未曾达到上限"),
        ("3 weight files of 1,024 bytes", IDENTITY, "3 个权重文件共 1,024 字节"),
        ("version 0.32.0", IDENTITY, "版本 0.32.0"),
    ],
)
def test_notes_of_a_report_are_said_in_chinese(
    text: str, templates: list[str], expected: str
) -> None:
    assert catalogue("zh").say(recalled(text, templates)) == expected


def test_every_reason_of_a_concurrency_is_known_to_the_notes() -> None:
    source = inspect.getsource(concurrency)
    settled = re.findall(r'_(?:shrink|settle)\(.*, "([a-zA-Z ]+)"\)', source)

    assert len(settled) > 6
    assert {concurrency.ConcurrencyController().reason, *settled} <= set(CONCURRENCY)
