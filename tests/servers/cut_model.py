"""Makes a copy of a model that keeps its first layers only: quick on a CPU, and of no other use.

    python cut_model.py SOURCE TARGET LAYERS

Tokenizer and chat template are the model's own. A script for vLLM's Python, which has torch and
safetensors.
"""

import json
import re
import shutil
import sys
from pathlib import Path

WEIGHTS, CONFIG = "model.safetensors", "config.json"
LAYER = re.compile(r"model\.layers\.(\d+)\.")


def cut(source: Path, target: Path, layers: int) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, target, ignore=shutil.ignore_patterns(WEIGHTS, CONFIG))
    config = json.loads((source / CONFIG).read_bytes())
    config |= {"num_hidden_layers": layers, "dtype": "float32"}
    (target / CONFIG).write_text(json.dumps(config))
    kept = {
        name: weight.float()  # most CPUs are slower with half the precision
        for name, weight in load_file(source / WEIGHTS).items()
        if (found := LAYER.match(name)) is None or int(found[1]) < layers
    }
    save_file(kept, target / WEIGHTS, metadata={"format": "pt"})


if __name__ == "__main__":
    cut(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
