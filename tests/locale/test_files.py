"""What a run writes for people is in their language, and what programs read is English."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator import evaluate
from evaluator.locale import N_, said, speaking
from evaluator.perf.report.render import markdown
from evaluator.results.perf import read
from tests.conftest import Cli
from tests.stub import StubServer
from tests.written_runs import Said, write_run

PERF = Path(__file__).parents[1] / "data/perf"
# What was asked and replied, and names in data sets that are words of prose.
QUOTED = re.compile(r"```text\n.*?\n```|`+ .*? `+|Challenge and Easy|/ Other", re.DOTALL)
# Words that English prose and tables cannot do without; names of people and things have none.
ENGLISH = {"and", "the", "of", "in", "on", "is", "no", "not", "with", "by", "run", "started"}
ENGLISH |= {"score", "figure", "base", "other", "truncated", "unparsed", "prompt", "reply", "read"}
ENGLISH |= {"right", "value", "macro", "battles", "rank", "seconds", "requests", "more", "columns"}


def english(text: str) -> set[str]:
    """The English words outside of what was asked and replied."""
    return set(re.findall(r"\b[a-z]+\b", QUOTED.sub("", text).lower())) & ENGLISH


@pytest.fixture
def judge(stub: StubServer) -> StubServer:
    """A server of two models, of which one is wrong, and of a judge that prefers what is first."""

    def reply(body: dict[str, Any]) -> str:
        return {"a": "Answer: B", "b": "Answer: C", "j": "[[A]]"}[body["model"]]

    stub.models, stub.reply = ["a", "b", "j"], reply
    return stub


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_run_is_in_its_language(
    cli: Cli, judge: StubServer, tmp_path: Path, language: str
) -> None:
    url, said_in = judge.base_url, ("--lang", language, "--progress", "none")
    runs = ("--models", "a,b", "--base-url", url, "--data", "builtin", "--limit", 6)
    arena = ("--judge-model", "j", "--judge-base-url", url, "--out", "arena")
    load = ("--concurrency", "1,2", "--requests", 2, "--prompt-tokens", 20, "--output-tokens", 4)
    for words in (
        ("run", "arc", "ceval", *runs),
        ("arena", "runs/a", "runs/b", *arena),
        ("perf", "--model", "a", "--base-url", url, *load, "--out", "perf"),
    ):
        done = cli(*words, *said_in)
        assert done.returncode == 0, done.stderr

    pages = {path.relative_to(tmp_path): path.read_text("utf-8") for path in tmp_path.rglob("*.md")}
    names = {path.name for path in pages}
    assert names == {"report.md", "compare.md", "scores.md", "arena.md", "perf.md"}
    for path, text in pages.items():
        chinese = re.search(r"[\u4e00-\u9fff]", QUOTED.sub("", text).replace("（", ""))
        assert bool(english(text)) == (language == "en"), path
        assert bool(chinese) == (language == "zh"), path
    for path in tmp_path.rglob("*.json"):
        keys = orjson.loads(path.read_bytes())
        assert all(key.isascii() for key in keys), path


def test_a_page_is_in_the_language_of_a_call_from_python(stub: StubServer, tmp_path: Path) -> None:
    about = {"model": "stub", "base_url": stub.base_url, "data": "builtin", "limit": 6}
    enough = {"repeats": 9}  # to look at the first replies
    evaluate("arc", out=tmp_path / "mine", lang="zh", **about, **enough)

    for name in ("report.md", "smoke.md"):
        assert not english((tmp_path / "mine" / name).read_text("utf-8"))
    assert said(N_("score")) == "score"  # the screen keeps its language


def test_an_export_to_a_page_is_in_chinese_and_other_forms_are_english(
    cli: Cli, tmp_path: Path
) -> None:
    write_run(tmp_path / "base", [Said(str(i)) for i in range(4)])
    cli("report", "base", "--lang", "zh")
    shown = {
        form: cli("export", "base", "--to", form, "--lang", "zh").stdout
        for form in ("markdown", "latex", "csv")
    }
    table = cli("table", "base", "--to", "markdown", "--lang", "zh").stdout

    assert shown["markdown"] == (tmp_path / "base/report.md").read_text("utf-8")
    assert "样本数" in shown["markdown"]
    assert "得分" in table
    assert "score" in shown["latex"]
    assert shown["csv"].isascii()
    assert shown["latex"].isascii()


@pytest.mark.parametrize("run", ["open", "scored", "searched"])
def test_throughput_that_was_written_in_english_is_told_in_chinese(run: str) -> None:
    with speaking("zh"):
        page = markdown(read(PERF / run))

    assert not english(page)
    assert english(markdown(read(PERF / run)))
