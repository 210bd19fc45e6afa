"""Reads a server's log: its newest message, its last lines, and the likely cause of a failure."""

import re
import signal
from pathlib import Path

TAIL_LINES = 15
TAIL_BYTES = 64 * 1024

# The first pattern that the end of the log matches wins, so the most certain come first. They quote
# messages of vLLM and of the hubs, in any letter case.
CAUSES = (
    (r"address already in use", "the port is in use; choose another with --port, or none"),
    (r"no space left on device", "the disk is full; free some space, or move the cache (HF_HOME)"),
    (
        r"CUDA out of memory|OutOfMemoryError|Free memory on device|Cannot allocate memory|"
        r"is less than requested memory for kv",
        "out of memory; free some, name more GPUs, or set VLLM_CPU_KVCACHE_SPACE=1 on the CPU",
    ),
    (
        r"larger than the available KV cache|No available memory for the cache blocks",
        "the KV cache cannot hold the context; add -- --max-model-len 8192 --, or memory",
    ),
    (
        r"User-specified max_model_len \(\d+\) is greater",
        "--max-model-len is more than the model can do; give a smaller one",
    ),
    (
        r"are not supported for now|not supported in-tree|does not recognize this architecture",
        "this vLLM does not know the model's architecture; a newer one may",
    ),
    (
        r"chat template path doesn't exist|valid chat template|provide a chat template",
        "no chat template; give one: -- --chat-template FILE --",
    ),
    (r"No package metadata was found", "vLLM's Python environment is incomplete; install it anew"),
    (r"No module named '?modelscope", "the model lies on ModelScope; pip install modelscope"),
    (r"No module named '?vllm", "vLLM is not installed there; name its Python with --vllm-python"),
    (r"unrecognized arguments|invalid choice", "vLLM does not know one of the flags it was given"),
    (r"No CUDA GPUs are available|invalid device ordinal", "no such GPU; see nvidia-smi -L"),
    (
        r"gated repo|access to model .* is restricted|(401|403) client error",
        "the hub refuses the model: accept its licence there and set HF_TOKEN",
    ),
    (
        r"not a valid model identifier|repository ?not ?found|404 client error",
        "the hub has no such model; check its id, or give a directory",
    ),
    (
        r"offline mode|LocalEntryNotFound|couldn't connect to|MaxRetryError|ConnectError|"
        r"name resolution|network is unreachable",
        "the hub cannot be reached; get the model by other means and give its directory",
    ),
)

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# "(EngineCore pid=12) INFO 11-22 18:02:03 [core.py:11] " stands before vLLM's messages
PREFIX = re.compile(r"^(\(\w+ pid=\d+\) )?([A-Z]+ [\d-]+ [\d:.]+ \[[^\]]*\] )?")


def likely_cause(log: str, exit_code: int | None = None) -> str | None:
    """The cause with its remedy; None where no known message is in the log."""
    for pattern, cause in CAUSES:
        if re.search(pattern, log, re.IGNORECASE):
            return cause
    if exit_code == -signal.SIGKILL:
        return "killed by another process: most often by the kernel, which ran out of memory"
    return None


def log_text(log: Path) -> str:
    """The end of the log (64 KiB), without colours; empty while there is no file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def last_lines(log: str, count: int = TAIL_LINES) -> str:
    return "\n".join([line for line in log.splitlines() if line.strip()][-count:])


def latest_message(log: str) -> str:
    """The newest line with a word in it, without vLLM's prefix of process, time and file."""
    for line in reversed(log.splitlines()):
        message = PREFIX.sub("", line).strip()
        if re.search(r"[A-Za-z]{3}", message):
            return message
    return ""
