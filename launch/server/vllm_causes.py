"""Known failures whose remedy is a flag or a variable of vLLM alone: see `causes`."""

from ..locale import N_
from .causes import Causes

VLLM_CAUSES: Causes = (
    (
        r"VLLM_PORT '.*' appears to be a URI",
        N_("Kubernetes sets VLLM_PORT for a service called vllm; unset it, or rename the service"),
    ),
    (
        r"Free memory on device .* is less than desired",
        N_(
            "another process has taken the GPU's memory (see nvidia-smi); name another GPU, or add "
            "-- --gpu-memory-utilization 0.5 --"
        ),
    ),
    (
        r"Available memory on node .* is less than|can(no|')t allocate memory",
        N_(
            "the machine's memory is used up; free some, or on the CPU set VLLM_CPU_KVCACHE_SPACE=1"
        ),
    ),
    (
        r"larger than the available KV cache|No available memory for the cache blocks|"
        r"tokens that can be stored in KV cache",
        N_(
            "the KV cache cannot hold the context; add -- --max-model-len 8192 --, or name "
            "more GPUs"
        ),
    ),
    (
        r"Bfloat16 is only supported on GPUs",
        N_("this card has no bfloat16; add -- --dtype half --"),
    ),
    (
        r"is not supported for quantization method",
        N_("this quantization needs another dtype; add -- --dtype half --, or the one it names"),
    ),
    (
        r"Could not find nvcc|CUDA_HOME (environment variable )?is not set|find CUDA_HOME|bin/nvcc",
        N_(
            "vLLM compiles kernels and finds no nvcc; install the CUDA toolkit, or set "
            "VLLM_USE_FLASHINFER_SAMPLER=0"
        ),
    ),
    (
        r"Failed to find C compiler|No working C\+\+ compiler|Python\.h: No such file",
        N_(
            "vLLM compiles kernels and finds no compiler; install gcc and Python's headers "
            "(python3-dev), or add -- --enforce-eager --"
        ),
    ),
    (
        r"requires --tool-call-parser",
        N_("tools need a parser; add -- --tool-call-parser hermes --, or the model's own"),
    ),
    (
        r"is greater than max_lora_rank",
        N_("the adapter's rank is higher; add -- --max-lora-rank with that rank --"),
    ),
    (
        r"chat template .*(failed to be opened|doesn't exist)|provide a chat template|"
        r"chat template path doesn't exist",
        N_("no such chat template; give a file: -- --chat-template FILE --"),
    ),
    (
        r"Can't load tokenizer|Couldn't instantiate the backend tokenizer",
        N_("the folder holds no tokenizer; copy the model's, or add -- --tokenizer FOLDER --"),
    ),
)
