"""What `each` says before it begins, and at its end."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..locale import N_, joined, recalled
from ..server.adapters import read_model
from ..server.placement import Placement, side_by_side
from ..server.presets import find_preset, hub_source
from .parallel import ModelResult

MEANINGS = {
    0: N_("done"),
    1: N_("done, with errors"),
    2: N_("a mistake"),
    3: N_("no server"),
    130: N_("interrupted"),
}


def plan_lines(
    models: Mapping[str, int],
    gpus: Placement,
    environment: Mapping[str, str],
    presets: Path | None = None,
) -> list[str]:
    """What would be served, from which hub, and on how many of the GPUs."""
    together = side_by_side(len(gpus.gpus) or 1, list(models.values()))
    how = N_("to serve, one after another on {gpus}:")
    if together:
        how = N_("to serve, side by side on {gpus}:")
    lines: list[str] = [N_(how, gpus=str(gpus))]
    for word, size in models.items():
        model = read_model(word)
        note = find_preset(model.base, presets).note
        part = N_(", {n} GPUs", n=size) if size > 1 else N_(", 1 GPU")
        origin = _origin(model.base, environment, presets)
        lines.append(joined("", [origin, part]) if len(gpus.gpus) > size else origin)
        lines += [f"    {note}"] if note else []
        lines += [f"    + {each.name}  {each.place}" for each in model.adapters]
    return lines


def judge_lines(
    name: str, placement: Placement, environment: Mapping[str, str], presets: Path | None = None
) -> list[str]:
    """Which judge all of them would share."""
    base = read_model(name).base
    return [
        N_("beside them, on {placement}, the judge:", placement=str(placement)),
        _origin(base, environment, presets),
    ]


def summary(models: Sequence[str], results: Mapping[str, ModelResult]) -> list[str]:
    """One line per model, where there are several."""
    titles = {model: read_model(model).title for model in models}
    width = max(map(len, titles.values()))
    return [
        joined("", [f"{title:<{width}}  ", _meaning(results.get(model))])
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
        return N_("not begun")
    known = MEANINGS.get(result.code, N_("failed"))
    if result.code:
        known = N_("{known} (exit code {code})", known=known, code=result.code)
    return N_("{known}: {why}", known=known, why=recalled(result.why)) if result.why else known
