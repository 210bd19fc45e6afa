"""SGLang: python -m sglang.launch_server."""

from collections.abc import Mapping

from ...locale import N_
from ..command_line import Plan, flag_words, python_environment, tensor_parallel
from .engine import ServerEngine

CAUSES = (
    (
        r"Not enough memory\. Please try to increase --mem-fraction-static",
        N_(
            "the KV cache does not fit beside the weights; add -- --mem-fraction-static 0.9 --, or "
            "name more GPUs"
        ),
    ),
    (
        r"out of memory|OutOfMemoryError",
        N_("out of memory; add -- --mem-fraction-static 0.7 --, or name more GPUs"),
    ),
)


def command_line(plan: Plan) -> list[str]:
    flags: dict[str, str | None] = {
        "--served-model-name": plan.name,
        "--host": plan.host,
        "--port": str(plan.port),
        "--sampling-defaults": "openai",  # only a request's own sampling counts
    }
    if plan.max_model_len is not None:
        flags["--context-length"] = str(plan.max_model_len)
    if plan.chat_template is not None:
        flags["--chat-template"] = str(plan.chat_template)
    if plan.enforce_eager:
        flags["--disable-cuda-graph"] = None
    if plan.placement.on_cpu:
        flags["--device"] = "cpu"
    else:
        flags["--tensor-parallel-size"] = str(tensor_parallel(plan))
    start = [str(plan.python), "-m", "sglang.launch_server", "--model-path", plan.source.model]
    return [*start, *flag_words(flags, plan.extra), *plan.extra]


def environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    ours = {"SGLANG_USE_MODELSCOPE": "true"} if plan.source.from_modelscope else {}
    return {**python_environment(plan, inherited), **ours}


SGLANG = ServerEngine("SGLang", command_line, environment, module="sglang", causes=CAUSES)
