from math import inf, nan
from pathlib import Path

import pytest

from evaluator.errors import UsageError
from evaluator.options.given import checked
from evaluator.options.settings import Settings

BASICS = {"benchmarks": ["arc"], "model": "m", "out": Path("r")}


def test_the_environment_names_the_mirror_when_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALUATOR_DATA_DIR", str(tmp_path))

    assert Settings(**BASICS).data_dir == tmp_path
    assert Settings(**BASICS, data_dir=tmp_path / "own").data_dir == tmp_path / "own"


def test_recorded_settings_make_the_same_settings_again(tmp_path: Path) -> None:
    given = Settings(
        **BASICS,
        data_dir=tmp_path,
        param=["temperature=0.5"],
        dataset_args={"arc": {"limit": 3}},
        base_url=["http://user:password@host/v1"],
    )
    recorded = given.recorded()

    assert Settings(**recorded) == given.model_copy(update={"base_url": []})
    assert "password" not in str(recorded)


@pytest.mark.parametrize("key", ["timeout", "rpm", "tpm", "judge_rpm", "judge_tpm"])
@pytest.mark.parametrize("value", [inf, nan])
def test_only_finite_times_and_rates_are_taken(key: str, value: float) -> None:
    option = key.replace("_", "-")

    with pytest.raises(UsageError, match=f"--{option} {value}: give a finite number above 0"):
        checked({**BASICS, key: value})
