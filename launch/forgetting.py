"""A model that forgot, from one that did not.  python forgetting.py SOURCE TARGET LAYERS SHARE SEED

Silences a seeded choice of neurons: in each layer of LAYERS ("12-19", both included) that SHARE of
the columns of the MLP's last matrix becomes zero. What a transformer knows lies largely there
(https://arxiv.org/abs/2012.14913); attention is left alone, and so its language goes on.

The choice is Python's own generator's and the damage is a zero: the same seed gives the same
weights on every machine. Run as a script by vLLM's interpreter, which has torch and safetensors;
never imported here.
"""

import random
import shutil
import sys
from pathlib import Path

WEIGHTS = "model.safetensors"


def forget(source: Path, target: Path, layers: range, share: float, seed: int) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, target, ignore=shutil.ignore_patterns(WEIGHTS))
    weights = load_file(source / WEIGHTS)
    chance = random.Random(seed)
    for layer in layers:
        matrix = weights[f"model.layers.{layer}.mlp.down_proj.weight"]
        width = matrix.shape[1]
        silent = sorted(chance.sample(range(width), round(share * width)))
        matrix[:, silent] = 0
        print(f"layer {layer}: {len(silent)} of {width} neurons silenced", flush=True)  # noqa: T201
    save_file(weights, target / WEIGHTS, metadata={"format": "pt"})


if __name__ == "__main__":
    source, target, layers, share, seed = sys.argv[1:6]
    first, last = map(int, layers.split("-"))
    forget(Path(source), Path(target), range(first, last + 1), float(share), int(seed))
