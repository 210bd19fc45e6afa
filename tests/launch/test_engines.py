"""Engines: their command lines and environments as tables, and how one is chosen."""

import shlex
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from launch.errors import UsageError
from launch.evaluation.command_lines import engines_of, installation
from launch.evaluation.evaluate import evaluation_plan
from launch.install.pythons import parse, server_environment
from launch.options import EvalOptions
from launch.server.adapters import read_model
from launch.server.command_line import Plan
from launch.server.diagnosis import likely_cause
from launch.server.engines import ENGINES, check_servable, engine_of, environment_of, template_of
from launch.server.engines.command import check_template, command_line
from launch.server.engines.transformers import named_folder
from launch.server.health import served_models, unlisted
from launch.server.placement import parse_gpus
from launch.server.presets import ModelSource, Preset
from tests.launch.launching import Launch, living, python

LOCAL = "--host 127.0.0.1 --port 8000"
UNSAMPLED = "--temp 1.0 --top-k 0 --top-p 1.0 --min-p 0.0"


def plan(engine: str, program: str = "/venv/bin/python", gpus: str = "", **more: Any) -> Plan:
    source = ModelSource(more.pop("model", "/models/m"))
    return Plan(Path(program), source, "m", 8000, parse_gpus(gpus), engine=engine, **more)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            plan("sglang"),
            "/venv/bin/python -m sglang.launch_server --model-path /models/m "
            f"--served-model-name m {LOCAL} --sampling-defaults openai --device cpu",
        ),
        (
            plan("sglang", gpus="0-3", extra=("--dp-size", "2"), max_model_len=4096),
            "/venv/bin/python -m sglang.launch_server --model-path /models/m "
            f"--served-model-name m {LOCAL} --sampling-defaults openai --context-length 4096 "
            "--tensor-parallel-size 2 --dp-size 2",
        ),
        (
            plan("sglang", gpus="0-1", extra=("--tp-size", "1"), chat_template=Path("/t")),
            "/venv/bin/python -m sglang.launch_server --model-path /models/m "
            f"--served-model-name m {LOCAL} --sampling-defaults openai --chat-template /t "
            "--tp-size 1",
        ),
        (
            plan("llamacpp", "/opt/llama-server", model="/m.gguf"),
            f"/opt/llama-server --model /m.gguf --alias m {LOCAL} --n-gpu-layers 0 --ctx-size 0 "
            f"{UNSAMPLED}",
        ),
        (
            plan("llamacpp", "/opt/llama-server", "0", model="/m.gguf", chat_template=Path("/t")),
            f"/opt/llama-server --model /m.gguf --alias m {LOCAL} --n-gpu-layers all --ctx-size 0 "
            f"{UNSAMPLED} --chat-template-file /t",
        ),
        (
            plan("llamacpp", gpus="0", model="/m.gguf", max_model_len=4096),
            f"/venv/bin/python -m llama_cpp.server --model /m.gguf --model_alias m {LOCAL} "
            "--n_gpu_layers -1 --n_ctx 4096",
        ),
        (
            plan("transformers"),
            f"/venv/bin/python -m transformers.cli.transformers serve m {LOCAL} --device cpu",
        ),
        (
            plan("transformers", gpus="0", extra=("--continuous-batching",)),
            f"/venv/bin/python -m transformers.cli.transformers serve m {LOCAL} --device auto "
            "--continuous-batching",
        ),
    ],
)
def test_the_command_line_of_each_engine(made: Plan, expected: str) -> None:
    assert shlex.join(ENGINES[made.engine].command_line(made)) == expected


def test_the_words_of_a_command_are_filled_in_one_by_one() -> None:
    template = "docker run --gpus '\"device={gpus}\"' -p {host}:{port}:8000 image {model} -tp {tp}"
    made = plan("command", gpus="0,1", model="/my models/m", template=template, extra=("--x",))
    words = command_line(made, {"CUDA_VISIBLE_DEVICES": "4,6"})

    assert words == [
        *("docker", "run", "--gpus", '"device=4,6"', "-p", "127.0.0.1:8000:8000", "image"),
        *("/my models/m", "-tp", "2", "--x"),
    ]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("", "is empty"),
        ("server --model {model}", r"has no \{port\}"),
        ("server {ports}", r"\{ports\} is no placeholder; there are \{model\}"),
        ("server {} {port}", r"\{\} is no placeholder"),
        ("server {port} {", "lone brace"),
        ("server '{port}", "cannot be read"),
    ],
)
def test_a_mistaken_command_is_refused(template: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_template(template)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_sees_the_gpus_it_was_given_and_none_on_the_cpu(engine: str) -> None:
    environment = ENGINES[engine].environment
    granted = {"CUDA_VISIBLE_DEVICES": "4,6", "PATH": "/bin"}

    assert environment(plan(engine, gpus="1"), granted)["CUDA_VISIBLE_DEVICES"] == "6"
    assert environment(plan(engine), granted)["CUDA_VISIBLE_DEVICES"] == ""


def test_the_users_own_modules_are_found_by_his_own_server() -> None:
    assert "PYTHONSAFEPATH" not in ENGINES["command"].environment(plan("command"), {})
    assert ENGINES["sglang"].environment(plan("sglang"), {})["PYTHONSAFEPATH"] == "1"


@pytest.mark.parametrize(
    ("preset", "chosen", "own_python", "system", "expected"),
    [
        ("", None, False, "linux", "vllm"),
        ("", None, False, "darwin", "transformers"),
        ("", None, True, "darwin", "vllm"),
        ("", "vllm", False, "darwin", "vllm"),
        ("sglang", None, False, "darwin", "sglang"),
        ("sglang", "vllm", False, "linux", "vllm"),
    ],
)
def test_which_engine_serves(
    preset: str, chosen: str | None, own_python: bool, system: str, expected: str
) -> None:
    assert engine_of(Preset("m", engine=preset), chosen, own_python, system) == expected


@pytest.mark.parametrize(
    ("gpus", "engine", "system", "environment"),
    [
        ("", "", "linux", "cpu"),
        ("0", "", "linux", "gpu"),
        ("0", "transformers", "linux", "gpu"),
        ("", "", "darwin", "transformers"),
        ("", "vllm", "darwin", "cpu"),  # and then it is told that there is no wheel
        ("0", "sglang", "linux", ""),
        ("", "command", "darwin", ""),
    ],
)
def test_which_environment_is_installed(
    gpus: str, engine: str, system: str, environment: str
) -> None:
    assert server_environment(gpus, engine, system) == environment
    served = engine_of(Preset("m"), engine or None, False, system)
    assert environment_of(served, bool(gpus), system) == environment


def test_nothing_is_checked_where_the_user_brings_the_engine(tmp_path: Path) -> None:
    assert parse(["can-serve", "--engine", "sglang"], tmp_path) is None


@pytest.mark.parametrize(
    ("models", "system", "expected"),
    [
        (["demo"], "darwin", "make-it transformers"),
        (["demo"], "linux", "make-it cpu"),
        (["mine"], "linux", ""),
        (["mine", "demo"], "linux", "make-it cpu"),
    ],
)
def test_what_make_installs_is_what_serves(
    tmp_path: Path, models: list[str], system: str, expected: str
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[mine]\nengine = "command"\nengine_command = "x {port}"\n')
    options = EvalOptions(install="make-it", presets=mine)

    assert installation(options, engines_of(options, models, system), system) == expected


def test_what_an_engine_cannot_serve_is_refused() -> None:
    with pytest.raises(UsageError, match="by vLLM alone, not by 'sglang'"):
        check_servable("sglang", read_model("m+lora:x/a"))
    with pytest.raises(UsageError, match=r"serves a file \.gguf, and 'org/m' is none"):
        check_servable("llamacpp", read_model("org/m"))
    with pytest.raises(UsageError, match="no engine is called 'vlm'; there are vllm, sglang"):
        engine_of(Preset("m"), "vlm", False, "linux")
    with pytest.raises(UsageError, match="needs the command"):
        template_of("command", Preset("m"), None)
    with pytest.raises(UsageError, match="would change nothing: 'vllm' serves"):
        template_of("vllm", Preset("m"), "x {port}")
    with pytest.raises(UsageError, match="which vLLM alone takes"):
        evaluation_plan(EvalOptions(engine="sglang", chat_template="t"), {})


@pytest.mark.parametrize(
    ("engine", "said", "cause"),
    [
        (
            "sglang",
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static. "
            "self.server_args.mem_fraction_static=0.8",
            "--mem-fraction-static 0.9",
        ),
        ("sglang", "torch.OutOfMemoryError: CUDA out of memory.", "--mem-fraction-static 0.7"),
        ("sglang", "launch_server.py: error: unrecognized arguments: --x", "SGLang does not know"),
        ("llamacpp", "error loading model: unknown model architecture: 'x'", "a newer one may"),
        ("llamacpp", "error: invalid argument: --x", "llama.cpp does not know one of the flags"),
        ("transformers", "ImportError: Missing dependencies for serving. Install", "[serving]"),
        ("transformers", "No such option: --x", "transformers serve has no such flag"),
        ("command", "ModuleNotFoundError: No module named 'x'", "your server lacks a package"),
    ],
)
def test_a_failure_is_told_in_the_words_of_its_engine(engine: str, said: str, cause: str) -> None:
    own = ENGINES[engine]
    told = likely_cause(said, 1, own.causes, own.title) or ""

    assert cause in told
    assert "vLLM" not in told


def test_a_model_is_linked_by_its_name_once(tmp_path: Path) -> None:
    model = tmp_path / "models/v1"
    model.mkdir(parents=True)
    homes = [named_folder("org/m", model, tmp_path / "served") for _ in range(2)]

    assert homes[0] == homes[1]
    assert (homes[0] / "org/m").samefile(model)


@pytest.mark.parametrize(
    ("health", "engine", "found"),
    [
        (200, "vllm", ["m"]),
        (200, "transformers", ()),
        (404, "llamacpp", ["m"]),
        (404, "transformers", None),
        (503, "llamacpp", None),  # its list is there before it can answer
    ],
)
def test_when_a_server_is_ready(health: int, engine: str, found: object) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the library's
            self.send_response(health if self.path == "/health" else 200)
            self.end_headers()
            self.wfile.write(b'{"data": [{"id": "m"}]}')

        def log_message(self, *_: object) -> None:
            """It is not of interest."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        models = served_models(f"http://127.0.0.1:{server.server_port}", engine)
        server.shutdown()

    assert models == found
    assert unlisted(["m"], ["x"], engine) == ([] if engine == "transformers" else ["m"])


STUB = f"{sys.executable} -m tests.stub --port {{port}} --model {{name}}"


def test_a_server_of_ones_own_is_served_beside_and_stopped(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    words = ("with", "--model", "./m", "--engine", "command", "--engine-command", STUB)
    show = "import os; print(open(os.environ['EVALUATOR_ENDPOINTS']).read())"
    process = launch(*words, *python(show))
    output, messages = process.communicate(timeout=60)

    assert process.returncode == 0, messages
    assert '"model": "./m"' in output
    assert "your server starts on the CPU" in messages
    assert "no process of it is left" in messages


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("no-such-server {port}", 2, "cannot run 'no-such-server'"),
        (f"{sys.executable} -c 'raise ValueError(1)' {{port}}", 3, "ValueError: 1"),
    ],
)
def test_a_server_of_ones_own_that_fails_is_explained(
    launch: Launch, command: str, code: int, message: str
) -> None:
    words = ("with", "--model", "x/m", "--engine", "command", "--engine-command", command)
    process: subprocess.Popen[str] = launch(*words, *python("print('never')"))
    output, messages = process.communicate(timeout=60)

    assert (process.returncode, output) == (code, ""), messages
    assert message in messages
    assert "Traceback" not in messages
    assert living([process.pid]) == []
