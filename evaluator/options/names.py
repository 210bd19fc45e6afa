"""Short names of models for folders: the end of each name, as much of it as tells them apart."""

from collections.abc import Sequence

from evaluator.digest import content_digest


def short_names(models: Sequence[str]) -> dict[str, str]:
    """/ckpt/a/step-500 and /ckpt/b/step-500 are a-step-500 and b-step-500; alone, the end does.

    `launch` does the same (launch/commands/folder_names.py), so that both find the same folders.
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
    marks = {model: content_digest(model, 2) for model in alike}
    return {
        model: f"{name}-{marks[model]}" if model in marks else name for model, name in names.items()
    }
