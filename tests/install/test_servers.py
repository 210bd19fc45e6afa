"""The environment of a server that only tests start."""

import sys
from pathlib import Path

import pytest

from tests.install.conftest import Clone
from tests.install.indexes import Index, wheel

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(sys.platform == "win32", reason="make installs nothing there"),
]


def test_it_is_installed_once_from_a_list_of_its_own(
    clone: Clone, pypi: Index, tmp_path: Path
) -> None:
    wheel(tmp_path / "pypi", "litellm", "1.108.0")
    code, said = clone.make(".venv-litellm/.ready", INSTALLER="uv")

    assert code == 0, said
    assert "into .venv-litellm with uv" in said
    assert list(clone.folder.glob(".venv-litellm/lib/*/site-packages/litellm.py"))
    assert clone.make(".venv-litellm/.ready", INSTALLER="uv") == (0, "")
