"""Names of models for their folders: what `{model}` in the --out of COMMAND stands for."""

from collections.abc import Sequence
from hashlib import blake2b


def short_names(models: Sequence[str]) -> dict[str, str]:
    """The end of each name, as much of it as tells them apart: a-step-500 of /ckpt/a/step-500.

    `evaluator run --models` uses the same names, so that both find the same folders.
    """
    parts = {model: [part for part in model.split("/") if part] or [model] for model in models}
    depth = dict.fromkeys(models, 1)
    while True:
        names = {model: "-".join(parts[model][-depth[model] :]) for model in models}
        every = list(names.values())
        alike = [model for model in names if every.count(names[model]) > 1]
        longer = [model for model in alike if depth[model] < len(parts[model])]
        if not longer:
            break
        for model in longer:
            depth[model] += 1
    marks = {model: blake2b(model.encode(), digest_size=2).hexdigest() for model in alike}
    return {
        model: f"{name}-{marks[model]}" if model in marks else name for model, name in names.items()
    }
