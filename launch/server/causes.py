"""Known failures of vLLM at its start: the words by which each is known, and what to do.

The first pattern that matches wins, so what says more stands first. The patterns quote messages of
vLLM, PyTorch, NCCL and the hubs, in any letter case.
"""

CAUSES = (
    # the machine
    (
        r"address already in use",
        "the port is in use; choose another with --port, or none",
    ),
    (
        r"no space left on device: '/dev/shm|extend /dev/shm|shared memory (segment|object)|"
        r"</?torch_\d+.*no space left|insufficient shared memory",
        "shared memory (/dev/shm) is full; in a container: docker run --ipc=host or --shm-size=8g",
    ),
    (
        r"no space left on device",
        "the disk is full; free some space, or move the cache (HF_HOME)",
    ),
    (
        r"disk quota exceeded",
        "your disk quota is used up; free some space, or move the cache (HF_HOME)",
    ),
    (
        r"VLLM_PORT '.*' appears to be a URI",
        "Kubernetes sets VLLM_PORT for a service called vllm; unset it, or rename the service",
    ),
    # memory
    (
        r"Free memory on device .* is less than desired",
        "another process has taken the GPU's memory (see nvidia-smi); name another GPU, or add "
        "-- --gpu-memory-utilization 0.5 --",
    ),
    (
        r"Available memory on node .* is less than|can(no|')t allocate memory",
        "the machine's memory is used up; free some, or on the CPU set VLLM_CPU_KVCACHE_SPACE=1",
    ),
    (
        r"larger than the available KV cache|No available memory for the cache blocks|"
        r"tokens that can be stored in KV cache",
        "the KV cache cannot hold the context; add -- --max-model-len 8192 --, or name more GPUs",
    ),
    (
        r"CUDA out of memory|CUDA error: out of memory|OutOfMemoryError|"
        r"CUBLAS_STATUS_ALLOC_FAILED",
        "out of memory; free some (nvidia-smi shows who has it), or name more GPUs",
    ),
    # cards, drivers, compilers
    (
        r"NVIDIA driver on your system is too old|driver version is insufficient|"
        r"libcudart\.so[.\d]*: cannot open|unsupported display driver",
        "this vLLM needs a newer NVIDIA driver, or its own CUDA libraries; update it, or name an "
        "older vLLM (--vllm-python)",
    ),
    (
        r"no kernel image is available|not compatible with the current PyTorch",
        "this vLLM was not built for this card; name another one (--vllm-python)",
    ),
    (
        r"Bfloat16 is only supported on GPUs",
        "this card has no bfloat16; add -- --dtype half --",
    ),
    (
        r"quantization method .* is not supported for the current GPU",
        "this card is too old for the model's quantization; take other weights, or another card",
    ),
    (
        r"is not supported for quantization method",
        "this quantization needs another dtype; add -- --dtype half --, or the one it names",
    ),
    (
        r"No CUDA GPUs are available|invalid device ordinal|Found no NVIDIA driver|"
        r"libcuda\.so[.\d]*: cannot open",
        "no such GPU; see nvidia-smi -L",
    ),
    (
        r"Failed to infer device type|CUDA unknown error",
        "vLLM sees no GPU, or was built for other devices; see nvidia-smi, or name another vLLM "
        "(--vllm-python)",
    ),
    (
        r"system not yet initialized",
        "the cards' NVLink is not up; start the service nvidia-fabricmanager",
    ),
    (
        r"busy or unavailable",
        "another process holds the GPU (nvidia-smi shows it); name another one",
    ),
    (
        r"uncorrectable (NVLink|ECC)|GPU has fallen off the bus",
        "the card is faulty; name another GPU, and have this one looked at",
    ),
    (
        r"NCCL error|DistBackendError|nccl\w*Error",
        "the GPUs cannot reach each other (NCCL); NCCL_DEBUG=INFO shows why; or name one GPU",
    ),
    (
        r"Could not find nvcc|CUDA_HOME (environment variable )?is not set|find CUDA_HOME|bin/nvcc",
        "vLLM compiles kernels and finds no nvcc; install the CUDA toolkit, or set "
        "VLLM_USE_FLASHINFER_SAMPLER=0",
    ),
    (
        r"Failed to find C compiler|No working C\+\+ compiler|Python\.h: No such file",
        "vLLM compiles kernels and finds no compiler; install gcc and Python's headers "
        "(python3-dev), or add -- --enforce-eager --",
    ),
    # the environment of vLLM
    (
        r"undefined symbol|No package metadata was found",
        "vLLM's Python environment is incomplete or mixed; install it anew",
    ),
    (
        r"No module named '?vllm'?(?![.\w])",
        "vLLM is not installed there; name its Python with --vllm-python",
    ),
    (
        r"No module named '?modelscope|install modelscope",
        "the model lies on ModelScope; pip install modelscope where vLLM is installed",
    ),
    (
        r"No module named|Please install \w+[>=\d.]* via",
        "vLLM lacks a package that this model needs; install the one that is named",
    ),
    (
        r"\.so[.\d]*: cannot open shared object",
        "a system library is missing; install the one that is named",
    ),
    # flags
    (
        r"unrecognized arguments|invalid choice|expected (one|at least one) argument",
        "vLLM does not know one of the flags it was given, or its value",
    ),
    (
        r"requires --tool-call-parser",
        "tools need a parser; add -- --tool-call-parser hermes --, or the model's own",
    ),
    (
        r"attention heads .* must be divisible by tensor parallel",
        "the model cannot be split over so many GPUs; name 1, 2, 4 or 8, a divisor of its heads",
    ),
    (
        r"World size .* is larger than the number of available|"
        r"number of required GPUs exceeds the total number",
        "fewer GPUs are here than the flags ask for; name as many with --gpus",
    ),
    (
        r"User-specified max_model_len .* is greater than",
        "--max-model-len is more than the model can do; give a smaller one",
    ),
    (
        r"is greater than max_lora_rank",
        "the adapter's rank is higher; add -- --max-lora-rank with that rank --",
    ),
    (
        r"chat template .*(failed to be opened|doesn't exist)|provide a chat template|"
        r"chat template path doesn't exist",
        "no such chat template; give a file: -- --chat-template FILE --",
    ),
    # what the model's folder holds
    (
        r"contains custom code|(pass|set|setting|use).{0,20}trust[_-]remote[_-]code",
        "the model brings its own code; if you trust it, add -- --trust-remote-code --",
    ),
    (
        r"are not supported for now|not supported in-tree|does not recognize this architecture",
        "this vLLM does not know the model's architecture; a newer one may",
    ),
    (
        r"header ?too ?large|invalid ?header|MetadataIncompleteBuffer|incomplete metadata|"
        r"file not fully covered",
        "a file of weights is truncated, or is Git LFS's pointer; fetch it again (git lfs pull)",
    ),
    (
        r"Cannot find any model weights",
        "the folder holds no weights (*.safetensors); check it, or fetch the model again",
    ),
    (
        r"Can't load tokenizer|Couldn't instantiate the backend tokenizer",
        "the folder holds no tokenizer; copy the model's, or add -- --tokenizer FOLDER --",
    ),
    # hubs
    (
        r"gated repo|access to model .* is restricted",
        "the hub guards this model: accept its licence there and set HF_TOKEN",
    ),
    (
        r"Invalid credentials|invalid user token",
        "the hub refuses the token; renew HF_TOKEN, or unset it for a public model",
    ),
    (
        r"not a valid model identifier|repository ?not ?found|request model: .* does not exist|"
        r"404 client error|Repo id must",
        "the hub has no model of this id, or it is private; check the id, set HF_TOKEN, or give a "
        "directory",
    ),
    (
        r"429 client error|too many requests",
        "the hub limits your requests; wait, or set HF_TOKEN",
    ),
    (
        r"OfflineModeIsEnabled|outgoing traffic has been disabled",
        "HF_HUB_OFFLINE forbids the download; unset it, or give the model's directory",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the hub's certificate is not trusted here; set SSL_CERT_FILE to your proxy's authority",
    ),
    (
        r"LocalEntryNotFound|couldn't connect to|MaxRetryError|Max retries exceeded|ConnectError|"
        r"ConnectionError|ConnectTimeout|name resolution|network is unreachable",
        "the hub cannot be reached; get the model by other means and give its directory",
    ),
    (
        r"does not appear to have a file named config\.json|Unrecognized model in|"
        r"Invalid repository ID or local directory|no config file found",
        "there is no config.json: the id is wrong, or the folder is no whole model (an adapter "
        "needs its base: BASE+lora:FOLDER)",
    ),
    (
        r"Permission ?denied|PermissionError",
        "a file may not be read or written here; change its rights, or move the cache (HF_HOME)",
    ),
)
