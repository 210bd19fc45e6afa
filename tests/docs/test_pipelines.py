"""The examples for GitHub Actions and GitLab are YAML of that shape, with commands that exist."""

import re
import shlex
from typing import Any

import yaml

from tests.docs.pages import page
from tests.docs.test_pages import options_of

GITHUB, GITLAB = (yaml.safe_load(block) for block in page("docs/gates.md").blocks("yaml"))


def check_commands(scripts: list[str]) -> None:
    """Every option of every command of ours is known."""
    ours = [words for each in scripts if (words := shlex.split(each))[0] == "evaluator"]
    assert {words[1] for words in ours} == {"run", "gate"}
    for words in ours:
        named = {word for word in words if re.fullmatch("--[a-z-]+", word)}
        assert named <= options_of("evaluator", words[1])


def test_the_github_workflow() -> None:
    assert GITHUB[True] == ["pull_request"]  # YAML reads `on` so
    steps: list[dict[str, Any]] = GITHUB["jobs"]["gate"]["steps"]

    assert all(bool("run" in step) != bool("uses" in step) for step in steps)
    assert all(
        re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step
    )
    check_commands([step["run"] for step in steps if "run" in step])


def test_the_gitlab_job() -> None:
    job = GITLAB["gate"]

    assert job["allow_failure"] == {"exit_codes": [4]}
    assert job["artifacts"]["reports"] == {"junit": "gate.xml"}
    check_commands(job["script"])
