"""The program that runs an engine: the Python that has it, or llama.cpp's own server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import StartError, UsageError
from ..locale import N_
from .engines import ENGINES
from .engines.llamacpp import PROGRAM as LLAMA_SERVER
from .machine import CPU_PYTHON, GPU_PYTHON, named_program, vllm_python
from .placement import Placement

TRANSFORMERS_PYTHON = Path(".venv-transformers/bin/python")  # as `make` installs it on macOS
QUERY_TIMEOUT = 20.0  # seconds
QUESTION = "import sys; from importlib.util import find_spec; sys.exit(not find_spec(sys.argv[1]))"


def engine_program(engine: str, chosen: Path | None, placement: Placement) -> Path:
    """What runs the engine: `chosen`, else what is installed, else our own Python.

    For the engine `command` it is a Python that can make the demo models. Raises UsageError or
    StartError where it is not there, or lacks the engine.
    """
    if engine == "vllm":
        return vllm_python(chosen, placement)
    if engine == "llamacpp" and (server := _llama_server(chosen)):
        return server
    found = named_program(chosen) if chosen else _installed(engine, placement)
    python, module = found.absolute(), ENGINES[engine].module
    if module and not _has(python, module):
        title = ENGINES[engine].title
        also = (
            N_(", or {program} on the PATH", program=LLAMA_SERVER) if engine == "llamacpp" else ""
        )
        raise StartError(
            N_(
                "{python!r} has no {module}; install {title} and name its Python: "
                "--vllm-python (VLLM_PYTHON=){also}",
                python=str(python),
                module=module,
                title=title,
                also=also,
            )
        )
    return python


def _llama_server(chosen: Path | None) -> Path | None:
    """llama.cpp's own server, where it is named or on the PATH; a named Python goes before."""
    if chosen:
        return named_program(chosen) if chosen.name.startswith(LLAMA_SERVER) else None
    found = shutil.which(LLAMA_SERVER)
    return Path(found) if found else None


def _installed(engine: str, placement: Placement) -> Path:
    ours = CPU_PYTHON if placement.on_cpu else GPU_PYTHON  # vLLM needs transformers too
    places = [TRANSFORMERS_PYTHON, ours] if engine == "transformers" else [ours]
    return next((each for each in places if each.exists()), Path(sys.executable))


def _has(python: Path, module: str) -> bool:
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}  # a folder of its name here is not it
    words = [str(python), "-c", QUESTION, module]
    try:
        asked = subprocess.run(words, env=environment, capture_output=True, timeout=QUERY_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            N_(
                "{python!r} does not run ({error}); name another Python",
                python=str(python),
                error=error,
            )
        ) from error
    return asked.returncode == 0
