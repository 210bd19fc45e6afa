"""The packages of the wheel. pyproject.toml holds everything else.

A checkout has evaluator/, launch/, prompts/ and recipes/ side by side. Only `evaluator` is
installed, because other packages are called `launch` too. launch/install is left out: it makes the
environments of a checkout.
"""

from setuptools import find_packages, setup

LAUNCH = find_packages(include=["launch*"], exclude=["launch.install*"])

setup(
    packages=[
        *find_packages(include=["evaluator*"]),
        *(f"evaluator.{name}" for name in LAUNCH),
        "evaluator.prompt_templates",
        "evaluator.recipe_files",
    ]
)
