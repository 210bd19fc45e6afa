"""Known failures of servers at their start: the words by which each is known, and what to do.

The first pattern that matches wins, so what says more stands first. The patterns quote messages of
vLLM, PyTorch, NCCL and the hubs, in any letter case. `{engine}` stands for the engine's name. What
holds for one engine alone is in `vllm_causes` and in `engines`, and goes before these.
"""

from collections.abc import Sequence

from ..locale import N_

Causes = Sequence[tuple[str, str]]

CAUSES: Causes = (
    # the machine
    (
        r"address already in use",
        N_("the port is in use; choose another with --port, or none"),
    ),
    (
        r"no space left on device: '/dev/shm|extend /dev/shm|shared memory (segment|object)|"
        r"</?torch_\d+.*no space left|insufficient shared memory",
        N_(
            "shared memory (/dev/shm) is full; in a container: docker run --ipc=host or "
            "--shm-size=8g"
        ),
    ),
    (
        r"no space left on device",
        N_("the disk is full; free some space, or move the cache (HF_HOME)"),
    ),
    (
        r"disk quota exceeded",
        N_("your disk quota is used up; free some space, or move the cache (HF_HOME)"),
    ),
    (
        r"CUDA out of memory|CUDA error: out of memory|OutOfMemoryError|"
        r"CUBLAS_STATUS_ALLOC_FAILED",
        N_("out of memory; free some (nvidia-smi shows who has it), or name more GPUs"),
    ),
    # cards, drivers, compilers
    (
        r"NVIDIA driver on your system is too old|driver version is insufficient|"
        r"libcudart\.so[.\d]*: cannot open|unsupported display driver",
        N_(
            "{engine} needs a newer NVIDIA driver, or its own CUDA libraries; update it, or name "
            "an older one (--vllm-python)"
        ),
    ),
    (
        r"no kernel image is available|not compatible with the current PyTorch",
        N_("{engine} was not built for this card; name another one (--vllm-python)"),
    ),
    (
        r"quantization method .* is not supported for the current GPU",
        N_(
            "this card is too old for the model's quantization; take other weights, or another card"
        ),
    ),
    (
        r"No CUDA GPUs are available|invalid device ordinal|Found no NVIDIA driver|"
        r"libcuda\.so[.\d]*: cannot open",
        N_("no such GPU; see nvidia-smi -L"),
    ),
    (
        r"Failed to infer device type|CUDA unknown error",
        N_(
            "{engine} sees no GPU, or was built for other devices; see nvidia-smi, or name another "
            "(--vllm-python)"
        ),
    ),
    (
        r"system not yet initialized",
        N_("the cards' NVLink is not up; start the service nvidia-fabricmanager"),
    ),
    (
        r"busy or unavailable",
        N_("another process holds the GPU (nvidia-smi shows it); name another one"),
    ),
    (
        r"uncorrectable (NVLink|ECC)|GPU has fallen off the bus",
        N_("the card is faulty; name another GPU, and have this one looked at"),
    ),
    (
        r"NCCL error|DistBackendError|nccl\w*Error",
        N_("the GPUs cannot reach each other (NCCL); NCCL_DEBUG=INFO shows why; or name one GPU"),
    ),
    # the environment of vLLM
    (
        r"undefined symbol|No package metadata was found",
        N_("{engine}'s Python environment is incomplete or mixed; install it anew"),
    ),
    (
        r"No module named '?(vllm|sglang|llama_cpp|transformers)'?(?![.\w])",
        N_("{engine} is not installed there; name its Python with --vllm-python"),
    ),
    (
        r"No module named '?modelscope|install modelscope",
        N_("the model lies on ModelScope; pip install modelscope where {engine} is installed"),
    ),
    (
        r"No module named|Please install \w+[>=\d.]* via",
        N_("{engine} lacks a package that this model needs; install the one that is named"),
    ),
    (
        r"\.so[.\d]*: cannot open shared object",
        N_("a system library is missing; install the one that is named"),
    ),
    # flags
    (
        r"unrecognized arguments|invalid choice|expected (one|at least one) argument",
        N_("{engine} does not know one of the flags it was given, or its value"),
    ),
    (
        r"attention heads .* must be divisible by tensor parallel",
        N_(
            "the model cannot be split over so many GPUs; name 1, 2, 4 or 8, a divisor of its heads"
        ),
    ),
    (
        r"World size .* is larger than the number of available|"
        r"number of required GPUs exceeds the total number",
        N_("fewer GPUs are here than the flags ask for; name as many with --gpus"),
    ),
    (
        r"User-specified max_model_len .* is greater than",
        N_("--max-model-len is more than the model can do; give a smaller one"),
    ),
    # what the model's folder holds
    (
        r"contains custom code|(pass|set|setting|use).{0,20}trust[_-]remote[_-]code",
        N_("the model brings its own code; if you trust it, add -- --trust-remote-code --"),
    ),
    (
        r"are not supported for now|not supported in-tree|does not recognize this architecture",
        N_("{engine} does not know the model's architecture; a newer one may"),
    ),
    (
        r"header ?too ?large|invalid ?header|MetadataIncompleteBuffer|incomplete metadata|"
        r"file not fully covered",
        N_(
            "a file of weights is truncated, or is Git LFS's pointer; fetch it again (git lfs pull)"
        ),
    ),
    (
        r"Cannot find any model weights",
        N_("the folder holds no weights (*.safetensors); check it, or fetch the model again"),
    ),
    # hubs
    (
        r"gated repo|access to model .* is restricted",
        N_("the hub guards this model: accept its licence there and set HF_TOKEN"),
    ),
    (
        r"Invalid credentials|invalid user token",
        N_("the hub refuses the token; renew HF_TOKEN, or unset it for a public model"),
    ),
    (
        r"not a valid model identifier|repository ?not ?found|request model: .* does not exist|"
        r"404 client error|Repo id must",
        N_(
            "the hub has no model of this id, or it is private; check the id, set HF_TOKEN, or "
            "give a directory"
        ),
    ),
    (
        r"429 client error|too many requests",
        N_("the hub limits your requests; wait, or set HF_TOKEN"),
    ),
    (
        r"OfflineModeIsEnabled|outgoing traffic has been disabled",
        N_("HF_HUB_OFFLINE forbids the download; unset it, or give the model's directory"),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        N_(
            "the hub's certificate is not trusted here; set SSL_CERT_FILE to your proxy's authority"
        ),
    ),
    (
        r"LocalEntryNotFound|couldn't connect to|MaxRetryError|Max retries exceeded|ConnectError|"
        r"ConnectionError|ConnectTimeout|name resolution|network is unreachable",
        N_("the hub cannot be reached; get the model by other means and give its directory"),
    ),
    (
        r"does not appear to have a file named config\.json|Unrecognized model in|"
        r"Invalid repository ID or local directory|no config file found",
        N_(
            "there is no config.json: the id is wrong, or the folder is no whole model (an adapter "
            "needs its base: BASE+lora:FOLDER)"
        ),
    ),
    (
        r"Permission ?denied|PermissionError",
        N_(
            "a file may not be read or written here; change its rights, or move the cache (HF_HOME)"
        ),
    ),
)
