"""Reads a server's log: its newest message, its error, and the likely cause of a failure."""

import re
import signal
from pathlib import Path

from ..locale import N_
from .causes import CAUSES, Causes
from .vllm_causes import VLLM_CAUSES

TAIL_LINES = 15
TAIL_BYTES = 256 * 1024

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# "(EngineCore pid=12) ERROR 11-22 18:02:03 [core.py:11] " stands before vLLM's messages
PREFIX = re.compile(
    r"^(?:\([\w-]+(?: \w+=\d+)*\) ?)*(?:(?P<level>[A-Z]+) [\d-]+ [\d:.,]+ (?:\[[^\]]*\]|\S+\])\s?)?"
    r"(?:\[rank\d+\]:\s?)?"
)
HARMLESS = ("DEBUG", "INFO", "WARNING")  # a log has warnings about what then goes well
FRAME = re.compile(r"\s{4}|\s*File \"")  # of a traceback: code is not what was said
VALUE_ERROR = re.compile(r"^\s*(Value error, .*?)(?: \[type=value_error.*)?$")
ERROR = re.compile(r"^(?:[\w.]+\.)?\w*(?:Error|Exception|IsEnabled)(?:: |$).*")


def likely_cause(
    log: str, exit_code: int | None = None, own: Causes = VLLM_CAUSES, engine: str = "vLLM"
) -> str | None:
    """The cause with its remedy; None where no known message is in the log.

    `own` are those that the engine does not share with others.
    """
    said = "\n".join(line for line in _messages(log) if not FRAME.match(line))
    for pattern, cause in (*own, *CAUSES):
        if re.search(pattern, said, re.IGNORECASE):
            return N_(cause, engine=engine)
    if exit_code == -signal.SIGKILL:
        return N_("killed by another process: most often by the kernel, which ran out of memory")
    return None


def error_line(log: str) -> str:
    """The line that says most about a failure; empty where there is none.

    It is the last `Value error, ...`, else the first error that does not point at another one.
    """
    lines = _messages(log)
    if values := [match[1] for line in lines if (match := VALUE_ERROR.match(line))]:
        return values[-1]
    errors = [line for line in lines if ERROR.match(line) and "root cause" not in line.lower()]
    return errors[0] if errors else ""


def _messages(log: str) -> list[str]:
    """What went wrong, line by line: without prefixes, and without what is harmless."""
    matches = [(line, PREFIX.match(line)) for line in log.splitlines()]
    return [
        line[match.end() :]
        for line, match in matches
        if match and match["level"] not in HARMLESS and line[match.end() :].strip()
    ]


def log_text(log: Path) -> str:
    """The end of the log (256 KiB), without colours; empty while there is no file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    text = COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text)


def last_lines(log: str, count: int = TAIL_LINES) -> str:
    return "\n".join([line for line in log.splitlines() if line.strip()][-count:])


def latest_message(log: str) -> str:
    """The newest line with a word in it, without vLLM's prefix of process, time and file."""
    for line in reversed(log.splitlines()):
        message = PREFIX.sub("", line).strip()
        if re.search(r"[A-Za-z]{3}", message):
            return message
    return ""
