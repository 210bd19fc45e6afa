"""Answers judged on the real vLLM by the model itself, at a server that runs already."""

from pathlib import Path

import pytest

from tests.vllm.judging import check_judged_run
from tests.vllm.serving import Environment, url_of


@pytest.mark.vllm
def test_every_answer_is_judged_by_the_model_itself(
    beside_demo: Environment, tmp_path: Path
) -> None:
    endpoint = f"ENDPOINT={url_of(beside_demo)}"
    check_judged_run(tmp_path / "run", "JUDGE=self", endpoint, servers=0)
