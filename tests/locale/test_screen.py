"""What commands say on a screen, in the language of its reader."""

from pathlib import Path

import pytest

from evaluator.locale import Phrase, catalogue, labels, recalled
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
    ],
)
def test_an_error_is_told_in_chinese(
    cli: Cli, runs: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    done = cli(*words.split(), cwd=runs)

    assert done.returncode == 2
    assert done.stderr.startswith(expected)


def test_what_a_file_holds_in_english_is_said_in_chinese() -> None:
    text = recalled("arc test via builtin", TEMPLATES)

    assert isinstance(text, Phrase)
    assert text == "arc test via builtin"
    assert catalogue("zh").say(text) == "arc test，来自 内置样本"


def test_what_no_template_made_stays_as_it_is() -> None:
    assert recalled("of my own", TEMPLATES) == "of my own"
