"""The real vLLM on the CPU, started with the demo model. Needs .venv-vllm."""

import json
import urllib.request

import pytest

from tests.vllm.serving import Environment, url_of


@pytest.mark.vllm
def test_the_demo_model_is_served_under_its_name(beside_demo: Environment) -> None:
    with urllib.request.urlopen(f"{url_of(beside_demo)}/models") as page:
        assert [each["id"] for each in json.load(page)["data"]] == ["demo"]
