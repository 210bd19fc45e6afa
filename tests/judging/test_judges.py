"""From options to judges, and to a pool each."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.judging.judges import judges, judging
from evaluator.options.given import settings
from evaluator.options.settings import Settings
from evaluator.runs.connect import pools
from evaluator.types import Benchmark

A, B = "http://a:1/v1", "http://b:2/v1"


def given(**options: Any) -> Settings:
    basics = {"benchmarks": ["x"], "model": "m", "base_url": ["http://m:1/v1"]}
    return settings({**basics, **options})


@pytest.fixture
def launched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        {"role": "model", "model": "m", "base_url": "http://m:1/v1"},
        {"role": "judge", "model": "j", "base_url": A},
        {"role": "judge", "model": "j", "base_url": B},
    ]
    (tmp_path / "endpoints.json").write_bytes(orjson.dumps({"endpoints": entries}))
    monkeypatch.setenv("EVALUATOR_ENDPOINTS", str(tmp_path / "endpoints.json"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, []),
        ({"judge_model": ["self"]}, [("judge", "m", [])]),
        ({"judge_model": ["j"], "judge_base_url": [A, B]}, [("judge", "j", [A, B])]),
        (
            {"judge_model": ["j", "k"], "judge_base_url": [A]},
            [("judge", "j", [A]), ("judge-2", "k", [A])],
        ),
        (
            {"judge_model": ["j", "self", "k"], "judge_base_url": [A, B]},
            [("judge", "j", [A]), ("judge-2", "m", []), ("judge-3", "k", [B])],
        ),
    ],
)
def test_judges_of_options(options: Any, expected: Any) -> None:
    assert [(j.role, j.model, list(j.urls)) for j in judges(given(**options))] == expected


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"judge_model": ["j"]}, "where is the judge 'j'"),
        ({"judge_base_url": [A]}, "--judge-base-url without --judge-model"),
        ({"judge_model": ["j", "k", "l"], "judge_base_url": [A, B]}, "3 judges"),
        ({"judge_base_url": ["nonsense"]}, "--judge-base-url: 'nonsense' is not a URL"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: Any, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        judges(given(**options))


def test_a_launched_judge_is_found_by_its_role(launched: None) -> None:
    (found,) = judges(given())
    (named,) = judges(given(judge_model=["j"]))

    assert found == named
    assert (found.model, list(found.urls)) == ("j", [A, B])
    with pytest.raises(UsageError, match="no server was launched for the judge 'k'"):
        judges(given(judge_model=["k"]))


def test_a_replay_needs_no_judge_to_be_there(launched: None) -> None:
    (judge,) = judges(given(judge_model=["j"], replay=True))

    assert judge.urls == ()


def test_a_benchmark_without_a_judge_is_a_mistake_and_self_judging_is_marked() -> None:
    benchmark = Benchmark("b", "B", "here", lambda rows, shots: [], None)  # type: ignore[arg-type]

    with pytest.raises(UsageError, match="b needs a judge: give --judge-model"):
        judging(given(), benchmark)
    assert judging(given(judge_model=["self"]), benchmark).by_itself
    assert judging(given(judge_model=["m"], judge_base_url=[A]), benchmark).by_itself
    assert not judging(given(judge_model=["j"], judge_base_url=[A]), benchmark).by_itself


def test_a_missing_key_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    (judge,) = judges(given(judge_model=["j"], judge_base_url=[A], judge_api_key_env=["JUDGE_KEY"]))

    with pytest.raises(UsageError, match="--judge-api-key-env: the variable 'JUDGE_KEY'"):
        _ = judge.api_key
    monkeypatch.setenv("JUDGE_KEY", "secret")
    assert judge.api_key == "secret"
    assert "secret" not in repr(judge)


@pytest.mark.anyio
async def test_a_pool_for_each_role_with_slots_of_its_own() -> None:
    options = {"judge_model": ["j", "self"], "judge_base_url": [A], "judge_concurrency": 3}
    by_role = pools(given(**options))
    only = pools(given(**options), {"model"})
    for pool in dict.fromkeys([*by_role.values(), *only.values()]):
        await pool.close()

    assert by_role.keys() == {"model", "judge", "judge-2"}
    assert by_role["judge-2"] is by_role["model"]
    assert (by_role["judge"].model, by_role["judge"].capacity) == ("j", 3)
    assert only.keys() == {"model"}
