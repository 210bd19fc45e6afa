"""Small LoRA adapters as PEFT writes them, with random weights, made without torch or PEFT."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

# SmolLM2-135M, the demo model: layers, width, and the outputs of the two projections
LAYERS, WIDTH = 30, 576
OUTPUTS = {"q_proj": 576, "v_proj": 192}
STRENGTH = 0.05  # of the weights: enough to change replies visibly


def adapter(folder: Path, seed: int = 0, weights: bool = False, **config: Any) -> Path:
    """The folder of an adapter to the demo model. Without `weights` its file of them is empty."""
    folder.mkdir(parents=True)
    fields = {
        "peft_type": "LORA",
        "r": 8,
        "lora_alpha": 16,
        "target_modules": [*OUTPUTS],
        "base_model_name_or_path": "demo",
        "modules_to_save": None,
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(fields))
    data = safetensors(random_weights(seed, 8)) if weights else b""
    (folder / "adapter_model.safetensors").write_bytes(data)
    return folder


def random_weights(seed: int, rank: int) -> dict[str, np.ndarray[Any, Any]]:
    random = np.random.default_rng(seed)
    made = {}
    for layer in range(LAYERS):
        for name, outputs in OUTPUTS.items():
            at = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            for part, shape in (("lora_A", (rank, WIDTH)), ("lora_B", (outputs, rank))):
                values = random.normal(0.0, STRENGTH, shape)
                made[f"{at}.{part}.weight"] = values.astype(np.float32)
    return made


def safetensors(tensors: dict[str, np.ndarray[Any, Any]]) -> bytes:
    """The format: the header's length, the header as JSON, and the numbers."""
    header, offset = {}, 0
    for name, values in tensors.items():
        ends = [offset, offset + values.nbytes]
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": ends}
        offset += values.nbytes
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(map(np.ndarray.tobytes, tensors.values()))
