"""What `each` says before it begins, and at its end."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..server.adapters import read_model
from ..server.placement import Placement, side_by_side
from ..server.presets import find_preset, hub_source
from .parallel import ModelResult

MEANINGS = {0: "done", 1: "done, with errors", 2: "a mistake", 3: "no server", 130: "interrupted"}


def plan_lines(
    models: Mapping[str, int],
    gpus: Placement,
    environment: Mapping[str, str],
    presets: Path | None = None,
) -> list[str]:
    """What would be served, from which hub, and on how many of the GPUs."""
    together = side_by_side(len(gpus.gpus) or 1, list(models.values()))
    lines = [f"to serve, {'side by side' if together else 'one after another'} on {gpus}:"]
    for word, size in models.items():
        model = read_model(word)
        note = find_preset(model.base, presets).note
        part = f", {size} GPU{'s' if size > 1 else ''}" if len(gpus.gpus) > size else ""
        lines.append(_origin(model.base, environment, presets) + part)
        lines += [f"    {note}"] if note else []
        lines += [f"    + {each.name}  {each.place}" for each in model.adapters]
    return lines


def judge_lines(
    name: str, placement: Placement, environment: Mapping[str, str], presets: Path | None = None
) -> list[str]:
    """Which judge all of them would share."""
    base = read_model(name).base
    return [f"beside them, on {placement}, the judge:", _origin(base, environment, presets)]


def summary(models: Sequence[str], results: Mapping[str, ModelResult]) -> list[str]:
    """One line per model, where there are several."""
    titles = {model: read_model(model).title for model in models}
    width = max(map(len, titles.values()))
    return [
        f"{title:<{width}}  {_meaning(results.get(model))}"
        for model, title in titles.items()
        if len(models) > 1
    ]


def _origin(name: str, environment: Mapping[str, str], presets: Path | None) -> str:
    source = hub_source(find_preset(name, presets), environment)
    hub = "ModelScope" if source.from_modelscope else "Hugging Face"
    origin = f"{source.model} ({hub})" if source.model and not source.is_local else ""
    return f"  {name}  {origin}".rstrip()


def _meaning(result: ModelResult | None) -> str:
    if result is None:
        return "not begun"
    known = MEANINGS.get(result.code, "failed")
    code = f" (exit code {result.code})" if result.code else ""
    return f"{known}{code}{': ' if result.why else ''}{result.why}"
