"""Recipes by name: what they ask for, and that a run of each works as it is."""

from pathlib import Path

import pytest

from evaluator.benchmarks import benchmark, builtin
from evaluator.data import Builtin, samples
from evaluator.options.given import read_config, unserved
from evaluator.options.recipes import about, config_file, recipes
from tests.conftest import Cli
from tests.stub import StubServer

OWN = ("chinese", "forgetting")  # whose benchmarks all have built-in rows
BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--no-smoke")


def test_the_recipes_are_shown_with_what_they_are_for(cli: Cli) -> None:
    shown = " ".join(cli("list").stdout.split())

    assert {"article", "chinese", "forgetting", "open-llm"} == set(recipes())
    for name, file in recipes().items():
        assert f"--config {name}" in shown
        assert about(file)


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_is_settings_for_benchmarks_and_groups_that_there_are(name: str) -> None:
    settings = unserved({}, Path(name))

    assert settings.benchmarks
    for each, args in settings.dataset_args.items():
        assert each in settings.benchmarks
        if found := builtin(each):
            groups = {sample.group for sample in samples(found, Builtin(), 0)}
            assert not args.subset_list or groups & set(args.subset_list)


@pytest.mark.parametrize("name", OWN)
def test_a_recipe_runs_by_its_name(cli: Cli, stub: StubServer, tmp_path: Path, name: str) -> None:
    judge = ("--judge-model", "self") if name == "chinese" else ()
    words = ("run", "--config", name, "--limit", 1, *judge, *BASICS, "--max-errors", 0.99)
    done = cli(*words, "--base-url", stub.base_url)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / f"runs/{name}/stub/report.json").is_file()
    assert all(each in done.stdout for each in read_config(Path(name))["benchmarks"])


def test_the_leaderboards_recipe_has_its_worked_examples() -> None:
    settings = unserved({}, Path("open-llm"))

    assert [benchmark(each).shots for each in settings.benchmarks] == [0, 3, 4, 0, 0, 5]


def test_a_name_that_is_no_recipe_and_no_file_is_answered_with_what_there_is(cli: Cli) -> None:
    near, far = (cli("run", "--config", name) for name in ("chinse", "zzz.toml"))

    assert near.returncode == far.returncode == 2
    assert "no such file, and no recipe; did you mean 'chinese'?" in near.stderr
    assert "there are article, chinese, forgetting, open-llm" in far.stderr


def test_a_file_goes_before_a_recipe_of_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chinese").write_text('benchmarks = ["arc"]\n')

    assert read_config(Path("chinese")) == {"benchmarks": ["arc"]}
    assert config_file(Path("forgetting")) == recipes()["forgetting"]
