"""Texts in the language of their reader."""

import string
from importlib import import_module
from pathlib import Path

import pytest

from evaluator.cli import COMMANDS, module_of
from evaluator.cli.command import OPTIONS
from evaluator.locale import FORMS, N_, Catalogue, Phrase, catalogue, joined, labels, language
from evaluator.options.declared import PANELS, Option, options_of
from evaluator.pages.render import page_in
from evaluator.pages.run_page import run_page
from evaluator.report.build import build
from evaluator.results.run import read_run
from tests.locale.marked import marked
from tests.written_runs import Said, write_run

ENTRIES = catalogue("zh").entries


def fields(template: str) -> set[tuple[str, str]]:
    """Those of a text; the words for one and for many are of English alone."""
    found = string.Formatter().parse(FORMS.sub("", template))
    return {(name, form or "") for _, name, form, _ in found if name is not None}


def test_every_marked_text_has_an_entry_and_no_entry_is_left_over() -> None:
    assert marked().keys() == ENTRIES.keys()


@pytest.mark.parametrize("text", ENTRIES)
def test_an_entry_has_the_fields_of_its_text(text: str) -> None:
    assert ENTRIES[text]
    assert fields(ENTRIES[text]) == fields(text)


def test_a_text_is_plain_english_until_it_is_said() -> None:
    text = N_("{n:,} {n:request|requests} sent", n=1200)
    assert text == "1,200 requests sent"
    assert catalogue("zh").say(text) == "发送 1,200 个请求"
    assert catalogue("en").say(text) == text


@pytest.mark.parametrize(
    ("n", "english", "chinese"),
    [
        (0, "0 of 0 battles: 0 ties", "0/0 场：0"),
        (1, "1 of 1 battle: 1 tie", "1/1 场：1"),
        (21, "21 of 21 battles: 21 ties", "21/21 场：21"),
        ("1", "1 of 1 battle: 1 tie", "1/1 场：1"),
    ],
)
def test_a_number_has_its_form_of_each_word_that_goes_with_it(
    n: int | str, english: str, chinese: str
) -> None:
    template = "{n} of {n} {n:battle|battles}: {ties} {ties:tie|ties}"
    text = N_(template, n=n, ties=n)
    assert text == english
    assert Catalogue("zh", {template: "{n}/{n} 场：{ties}"}).say(text) == chinese


def test_what_is_no_label_is_never_translated() -> None:
    assert "score" in ENTRIES
    assert catalogue("zh").say("score") == "score"
    assert catalogue("zh").say(N_("score")) == "得分"


def test_texts_within_texts_are_said_too() -> None:
    inner = joined(" · ", [N_("ended"), "a model named score", *labels("none", "")])
    said = catalogue("zh").within({"in": [N_("{name}: {line}", name="{b}", line=inner), 3]})
    assert said == {"in": ["{b}：已结束 · a model named score · 无 · ", 3]}
    assert isinstance(inner, Phrase)


@pytest.mark.parametrize(
    ("wanted", "variables", "found"),
    [
        (None, {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("zh", {}, "zh"),
    ],
)
def test_the_option_comes_first_and_then_the_environment(
    monkeypatch: pytest.MonkeyPatch, wanted: None, variables: dict[str, str], found: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert language(wanted) == found


def test_a_page_in_chinese_keeps_names_and_replies(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "score", [Said("1"), Said("2", 0.0)])
    text = run_page(build(folder), read_run(folder), fill=page_in("zh"))

    assert '<html lang="zh">' in text
    for said in ("<h2>得分</h2>", "95% 置信区间", "测量方法", "发送 2 个请求", "每秒回答数"):
        assert said in text
    assert "<h1>score</h1>" in text  # the model's name


def test_the_help_of_every_option_is_marked() -> None:
    for name in COMMANDS:
        import_module(module_of(name))
    texts = {
        text for models in OPTIONS.values() for each in options_of(*models) for text in told(each)
    }

    assert {*map(str, COMMANDS.values()), *map(str, PANELS)} <= ENTRIES.keys()
    assert {text for text in texts if " " in text} <= ENTRIES.keys()


def told(option: Option) -> list[str]:
    return [str(option.help.text), str(option.help.default)]
