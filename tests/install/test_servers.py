"""The environments of the servers that only tests start."""

import sys
from pathlib import Path

import pytest

from tests.install.conftest import Clone
from tests.install.indexes import Index, wheel

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(sys.platform == "win32", reason="make installs nothing there"),
]


@pytest.mark.parametrize(
    ("folder", "package", "version"),
    [
        (".venv-litellm", "litellm", "1.108.0"),
        (".venv-llama-cpp", "llama-cpp-python", "0.3.36"),
    ],
)
def test_a_server_is_installed_once_from_its_own_list(
    clone: Clone, pypi: Index, tmp_path: Path, folder: str, package: str, version: str
) -> None:
    wheel(tmp_path / "pypi", package, version)
    code, said = clone.make(f"{folder}/.ready", INSTALLER="uv")

    assert code == 0, said
    assert f"into {folder} with uv" in said
    assert list((clone.folder / folder).glob(f"lib/*/site-packages/{package.replace('-', '_')}.py"))
    assert clone.make(f"{folder}/.ready", INSTALLER="uv") == (0, "")
