"""From what was given, in a file or in Python, to the settings of a run."""

from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import UsageError
from evaluator.options.declared import options_of
from evaluator.options.given import RunCommand, checked, read_config, several
from evaluator.options.parts import JudgeConnection
from evaluator.options.results_commands import ViewOptions
from evaluator.options.settings import Settings

BASICS: dict[str, Any] = {"benchmarks": ["arc"], "model": "m", "out": Path("r")}


@pytest.mark.parametrize(
    "judge",
    [
        {"judge_model": ["j"], "judge_rpm": 9, "judge_param": ["max_tokens=5"]},
        {"judge_model": "j", "judge_rpm": "9", "judge_param": {"max_tokens": 5}},
        {"judge": {"model": "j", "rpm": 9, "param": {"max_tokens": 5}}},
        {"judge": {"model": "j", "rpm": 9}, "judge_param": {"max_tokens": 5}},
        {"judge": JudgeConnection(model="j", rpm=9), "judge_param": {"max_tokens": 5}},
    ],
)
def test_the_judge_is_said_in_several_ways(judge: dict[str, Any]) -> None:
    made = checked({**BASICS, **judge}).judge

    assert (made.model, made.rpm, made.sampling) == (["j"], 9, {"max_tokens": 5})


def test_a_table_of_a_file_is_the_judges(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text('base-url = "http://h/v1"\n[judge]\nmodel = "j"\nbase-url = "http://j/v1"\n')
    (made,) = several({"benchmarks": ["arc"], "model": "m"}, recipe)

    assert (made.judge.model, made.judge.base_url) == (["j"], ["http://j/v1"])

    recipe.write_text('[judge]\nmodle = "j"\n')
    with pytest.raises(UsageError, match="unknown key 'judge_modle'; did you mean 'judge_model'"):
        read_config(recipe)


def test_one_value_is_a_list_of_one(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'benchmarks = "arc,gsm8k"\nmodels = "a, b"\nbase_url = "http://h/v1"\nreuse = "old"\n'
    )
    first, second = several({}, recipe)

    assert (first.benchmarks, first.base_url) == (["arc", "gsm8k"], ["http://h/v1"])
    assert (first.model, second.model, first.reuse) == ("a", "b", [Path("old")])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rpm": "many"}, "--rpm 'many': give a number above 0"),
        ({"judge_concurrency": 0}, "--judge-concurrency 0: give a whole number of 1 or more, or"),
        ({"judge_base_url": "j"}, "--judge-base-url: 'j' is not a URL"),
        ({"judge_param": {"temprature": 1}}, "--judge-param: unknown field 'temprature'"),
        ({"model": ""}, "--model is empty"),
        ({"benchmarks": []}, "name at least one benchmark"),
        ({"precision": 1, "limit": 0}, "--limit 0: .*; --precision 1: give a number above 0"),
    ],
)
def test_a_wrong_value_is_said_in_our_words(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        checked({**BASICS, **given})

    assert "input" not in str(error.value).lower()


def test_every_option_is_explained() -> None:
    for option in options_of(Settings, RunCommand):
        assert option.help.text.endswith("."), option.key
        assert option.default or option.field.is_required(), option.key
        assert option.switch or option.metavar, option.key


def test_the_judges_options_are_those_of_the_model() -> None:
    keys = {option.key: option for option in options_of(Settings)}
    shared = [key for key in keys if f"judge_{key}" in keys]

    assert len(shared) == 11
    for key in set(shared) - {"model", "api_key_env"}:
        assert keys[key].help == keys[f"judge_{key}"].help
        assert keys[f"judge_{key}"].panel == "Judge"


def test_a_default_of_several_values_is_shown_as_it_would_be_given() -> None:
    shown = {option.key: option.default for option in options_of(ViewOptions)}

    assert shown["runs"] == "runs"
