"""Makes a forgetful copy of a model by ablating MLP neurons.

    python neuron_ablation.py SOURCE TARGET LAYERS SHARE SEED

In each layer of LAYERS ("12-19", both included) a SHARE of the columns of the MLP's last matrix is
set to zero. Transformers store much of their knowledge there (https://arxiv.org/abs/2012.14913).
Attention is not changed, so the model still writes fluent text.

Python's own random generator chooses the neurons: the same seed gives the same weights everywhere.
A script for vLLM's Python, which has torch and safetensors. `launch` never imports it.
"""

import random
import shutil
import sys
from pathlib import Path

WEIGHTS = "model.safetensors"


def ablate(source: Path, target: Path, layers: range, share: float, seed: int) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, target, ignore=shutil.ignore_patterns(WEIGHTS))
    weights = load_file(source / WEIGHTS)
    generator = random.Random(seed)
    for layer in layers:
        matrix = weights[f"model.layers.{layer}.mlp.down_proj.weight"]
        width = matrix.shape[1]
        silent = sorted(generator.sample(range(width), round(share * width)))
        matrix[:, silent] = 0
        print(f"layer {layer}: {len(silent)} of {width} neurons silenced", flush=True)  # noqa: T201
    save_file(weights, target / WEIGHTS, metadata={"format": "pt"})


if __name__ == "__main__":
    source, target, layers, share, seed = sys.argv[1:6]
    first, last = map(int, layers.split("-"))
    ablate(Path(source), Path(target), range(first, last + 1), float(share), int(seed))
