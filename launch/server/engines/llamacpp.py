"""llama.cpp with a .gguf file: its own `llama-server`, or python -m llama_cpp.server."""

from ...locale import N_
from ..command_line import Plan, device_environment, flag_words
from .engine import ServerEngine

PROGRAM = "llama-server"
CAUSES = (
    (
        r"unknown model architecture",
        N_("this llama.cpp does not know the model's architecture; a newer one may"),
    ),
    (
        r"couldn'?t bind|bind to (address|server socket)",
        N_("the port is in use; choose another with --port, or none"),
    ),
    (
        r"failed to allocate|cudaMalloc failed|ErrorOutOfDeviceMemory|out of memory",
        N_(
            "out of memory; give a smaller context (max_model_len), other quantized weights, or "
            "more GPUs"
        ),
    ),
    (
        r"invalid magic|failed to open GGUF|gguf_init_from_file|tensor .* is not within the file",
        N_("the file is no whole .gguf; fetch it again"),
    ),
    (
        r"error: invalid argument|unrecognized arguments",
        N_("llama.cpp does not know one of the flags"),
    ),
)


def command_line(plan: Plan) -> list[str]:
    if plan.python.name.startswith(PROGRAM):
        start, flags = [str(plan.python)], _server_flags(plan)
    else:
        start, flags = [str(plan.python), "-m", "llama_cpp.server"], _python_flags(plan)
    own = ["--model", plan.source.model, *flag_words(flags, plan.extra)]
    return [*start, *own, *plan.extra]


def _server_flags(plan: Plan) -> dict[str, str | None]:
    flags: dict[str, str | None] = {
        "--alias": plan.name,
        "--host": plan.host,
        "--port": str(plan.port),
        "--n-gpu-layers": "0" if plan.placement.on_cpu else "all",
        "--ctx-size": str(plan.max_model_len or 0),  # 0: the model's own
        # only a request's own sampling counts; these values switch the server's defaults off
        "--temp": "1.0",
        "--top-k": "0",
        "--top-p": "1.0",
        "--min-p": "0.0",
    }
    if plan.chat_template is not None:
        flags["--chat-template-file"] = str(plan.chat_template)
    return flags


def _python_flags(plan: Plan) -> dict[str, str | None]:
    """Its names have underscores. It takes no template and no sampling."""
    return {
        "--model_alias": plan.name,
        "--host": plan.host,
        "--port": str(plan.port),
        "--n_gpu_layers": "0" if plan.placement.on_cpu else "-1",
        "--n_ctx": str(plan.max_model_len or 0),
    }


LLAMACPP = ServerEngine(
    "llama.cpp",
    command_line,
    device_environment,
    module="llama_cpp",
    fetches=False,
    causes=CAUSES,
)
