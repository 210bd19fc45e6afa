"""A server reads the tool calls of its model: by the model's name, a preset or an option."""

from dataclasses import replace
from pathlib import Path

import pytest

from launch.planning import with_preset
from launch.server.command_line import Plan, command_line
from launch.server.placement import Placement
from launch.server.presets import ModelSource, find_preset
from launch.server.tool_parsers import PARSERS, tool_parser

NAMES = {
    "Qwen/Qwen2.5-7B-Instruct": "hermes",
    "Qwen/Qwen3-8B": "hermes",
    "Qwen/Qwen3-Coder-30B-A3B-Instruct": "qwen3_coder",
    "meta-llama/Llama-3.1-8B-Instruct": "llama3_json",
    "meta-llama/Meta-Llama-3-8B-Instruct": "",
    "mistralai/Mistral-7B-Instruct-v0.3": "mistral",
    "deepseek-ai/DeepSeek-V3.1": "deepseek_v31",
    "deepseek-ai/DeepSeek-V3-0324": "deepseek_v3",
    "/models/glm-4.6": "glm45",
    "/models/Qwen3_8B/": "hermes",
    "openai/gpt-oss-20b": "openai",
    "some/base-model": "",
}
PLAN = Plan(Path("python"), ModelSource("org/model"), "model", 8000, Placement(()))


@pytest.mark.parametrize("model", NAMES)
def test_a_models_name_tells_its_parser(model: str) -> None:
    assert tool_parser(model) == NAMES[model]


def words(plan: Plan, model: str = "org/model") -> str:
    return " ".join(command_line(with_preset(plan, find_preset(model))))


def test_the_flags_are_those_of_the_parser_that_was_named_else_the_presets() -> None:
    assert "tool" not in words(PLAN)
    assert "--enable-auto-tool-choice --tool-call-parser hermes" in words(PLAN, "demo")
    assert "--tool-call-parser xlam" in words(replace(PLAN, tool_parser="xlam"), "demo")
    assert "--enable-auto-tool-choice" not in words(replace(PLAN, tool_parser="none"), "demo")
    own = replace(PLAN, extra=("--tool-call-parser", "mistral"))
    assert words(own, "demo").count("--tool-call-parser") == 1


def test_every_parser_is_named_once_at_most_for_a_pattern() -> None:
    assert len({pattern for pattern, _ in PARSERS}) == len(PARSERS)
