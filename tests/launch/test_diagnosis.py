"""What is said of a server that did not start: 64 messages of vLLM, PyTorch, NCCL and the hubs."""

import tomllib
from pathlib import Path

import pytest

from launch.server.diagnosis import error_line, last_lines, latest_message, likely_cause

ENGINE = "(EngineCore_DP0 pid=718) ERROR 09-28 15:47:24 [core.py:718] "
WORKER = "(Worker_TP1 pid=94) ERROR 04-14 13:46:59 [multiproc_executor.py:857] "
API = "(APIServer pid=12) "
END = (
    f"{ENGINE}Traceback (most recent call last):\n"
    f'{ENGINE}  File "/venv/vllm/v1/engine/core.py", line 686, in run_engine_core\n'
    f"{ENGINE}    engine_core = EngineCoreProc(*args, **kwargs)\n"
    f"{API}RuntimeError: Engine core initialization failed. See root cause above. "
    "Failed core proc(s): {}"
)
VALIDATION = "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n"
INPUT = " [type=value_error, input_value=ArgsKwargs((), {'model': 'm'}), input_type=ArgsKwargs]"


def value_error(text: str) -> str:
    return f"{API}{VALIDATION}{API}  Value error, {text}{INPUT}"


TABLE = tomllib.loads(Path(__file__).with_name("start_up_errors.toml").read_text())["message"]
NAMED = [(each["cause"], each.get("said") or value_error(each["value_error"])) for each in TABLE]


def log(said: str) -> str:
    """As the engine or the worker logs it, with what is harmless before and a traceback after."""
    first, *rest = said.split("\n")
    prefix = "" if first.startswith((API, "vllm", "api_server", "/tmp")) else ENGINE
    lines = [prefix + first, *(line if line.startswith(API) else prefix + line for line in rest)]
    before = f"{API}INFO 09-28 15:47:01 [api_server.py:1] version 0.33.0\n{HARMLESS}\n"
    return before + "\n".join(lines) + f"\n{END}"


HARMLESS = (
    f"{API}WARNING 09-28 15:47:02 [x.py:1] OfflineModeIsEnabled: couldn't connect to the hub\n"
    f"{API}WARNING 09-28 15:47:02 [x.py:2] No module named 'vllm._version'; trust_remote_code\n"
    f"{API}INFO 09-28 15:47:02 [x.py:3] address already in use: NCCL error, CUDA out of memory"
)


@pytest.mark.parametrize(("cause", "said"), NAMED)
def test_a_known_failure_is_named(cause: str, said: str) -> None:
    assert cause in (likely_cause(log(said), 1) or "")


@pytest.mark.parametrize(("cause", "said"), NAMED)
def test_the_error_itself_is_found(cause: str, said: str) -> None:
    told = said.removeprefix(f"{API}{VALIDATION}{API}  ").partition(INPUT)[0].split("\n")[0]
    is_error = (
        told.startswith("Value error") or "Error:" in told.split(" ")[0] or "Enabled:" in told
    )

    assert error_line(log(said)) == (told if is_error else "")


def test_the_table_has_the_messages_that_users_meet() -> None:
    assert len(NAMED) == 64
    assert len({said for _, said in NAMED}) == 64


@pytest.mark.parametrize(
    "said",
    [
        "Segmentation fault",
        "AssertionError: n_physical_experts=256 must be divisible by ep_size=3.",
        "EngineDeadError: see above\nDumping input data with config: trust_remote_code=False",
        "KeyError: 'layers.0.mlp.gate_up_proj.weight'",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ],
)
def test_an_unknown_failure_is_shown_and_not_guessed_at(said: str) -> None:
    assert likely_cause(log(said), 1) is None
    assert error_line(log(said)) == (said.split("\n")[0] if "Error" in said else "")
    assert "memory" in (likely_cause("", -9) or "")


def test_an_error_that_points_at_another_is_not_shown() -> None:
    assert error_line(END) == ""
    assert (
        error_line(f"{WORKER}ValueError: first\n{END}\n{API}OSError: second") == "ValueError: first"
    )
    assert error_line(f"[rank0]: RuntimeError: ranks too\n{END}") == "RuntimeError: ranks too"
    on_cpu = "(VllmWorker-0 pid=58) ERROR 11-30 00:49:17 [multiproc_executor.py:953] "
    assert error_line(f"{on_cpu}ValueError: a worker too\n{END}") == "ValueError: a worker too"


def test_the_last_validation_error_says_most() -> None:
    text = "\n".join((value_error("one"), value_error("two"), "OSError: three"))

    assert error_line(text) == "Value error, two"


def test_code_in_a_traceback_is_not_what_was_said() -> None:
    frame = f'{ENGINE}  File "x.py", line 1\n{ENGINE}    raise OSError("No space left on device")'

    assert likely_cause(frame, 1) is None


def test_the_newest_message_has_words_and_no_prefix() -> None:
    text = "(EngineCore pid=7) INFO 11-22 18:29:55 [core.py:133] Loading weights\n  ▀▀  ▀▀▀\n\n"

    assert latest_message(text) == "Loading weights"
    assert latest_message("") == ""


def test_the_tail_leaves_empty_lines_out() -> None:
    assert last_lines("a\n\nb\n \nc\n", 2) == "b\nc"
