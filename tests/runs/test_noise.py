"""What the second asking of a run asks, from the settings of the first."""

from pathlib import Path
from typing import Any

import pytest

from evaluator.options.given import settings
from evaluator.options.settings import Settings
from evaluator.runs.noise import again


def first(**more: Any) -> Settings:
    given = {"benchmarks": ["arc", "gsm8k"], "model": "m", "base_url": ["http://h/v1"], **more}
    return settings({"noise_floor": 20, "out": Path("runs/m"), **given})


@pytest.mark.parametrize(("slots", "then"), [(64, 16), (4, 1), (3, 8), (1, 8)])
def test_another_number_is_in_flight(slots: int, then: int) -> None:
    assert again(first(), slots).concurrency == then


def test_it_is_a_run_of_its_own_that_asks_no_more_than_the_first() -> None:
    made = again(first(limit=5, precision=0.02, audit_judge=3, param={"top_p": 0.9}), 64)

    assert (made.out, made.limit, made.noise_floor) == (Path("runs/m/again"), 5, 0)
    assert (made.precision, made.audit_judge, made.param) == (None, 0, {"top_p": 0.9})


def test_limits_of_single_benchmarks_bound_it_as_well() -> None:
    made = again(first(dataset_args={"arc": {"limit": 500}, "gsm8k": {"limit": 3}}), 64)

    assert made.limit == 20
    assert {name: of.limit for name, of in made.dataset_args.items()} == {"arc": 20, "gsm8k": 3}
