"""The files for containers and for CI elsewhere, as far as no docker is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_pages import options_of

ROOT = Path(__file__).parents[2]
CHECK = Path(sys.executable).parent / "check-jsonschema"  # by the extra `dev`


@pytest.mark.parametrize(
    ("file", "schema"),
    [("compose.yaml", "compose-spec"), (".github/workflows/ci.yml", "github-workflows")],
)
def test_a_file_keeps_to_its_schema(file: str, schema: str) -> None:
    words = [CHECK, "--builtin-schema", f"vendor.{schema}", ROOT / file]
    done = subprocess.run(words, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_options_that_compose_gives_to_the_evaluator_exist() -> None:
    _, _, service = (ROOT / "compose.yaml").read_text(encoding="utf-8").partition("  evaluator:")

    assert set(re.findall(r"- (--[a-z-]+)=", service)) <= options_of("evaluator", "run")


def test_the_image_is_given_all_that_the_wheel_is_made_of() -> None:
    kept = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.M)

    assert {"evaluator", "launch", "prompts", "pyproject.toml", "setup.py"} <= set(kept)
    assert [name for name in kept if not (ROOT / name).exists()] == []


def test_the_image_runs_as_no_root_and_from_known_instructions() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and line[0] != "#"]
    known = {"FROM", "ARG", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}

    assert {name for name, _ in steps} <= known
    assert [words for name, words in steps if name == "USER"] == ["evaluator"]
