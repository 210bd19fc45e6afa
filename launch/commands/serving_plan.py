"""What `each` says before it begins, and at its end."""

from collections.abc import Mapping, Sequence

from ..server.adapters import read_model
from ..server.placement import Placement
from ..server.presets import find_preset, hub_source
from .parallel import ModelResult

MEANINGS = {0: "done", 1: "done, with errors", 2: "a mistake", 3: "no server", 130: "interrupted"}


def plan_lines(
    models: Sequence[str], placements: Sequence[Placement], environment: Mapping[str, str]
) -> list[str]:
    """What would be served, from which hub, and on which devices."""
    order = "side by side" if len(placements) > 1 else "one after another"
    lines = [f"to serve, {order} on {'; '.join(map(str, placements))}:"]
    for model in map(read_model, models):
        note = find_preset(model.base).note
        lines += [_origin(model.base, environment), *([f"    {note}"] if note else [])]
        lines += [f"    + {each.name}  {each.place}" for each in model.adapters]
    return lines


def judge_lines(name: str, placement: Placement, environment: Mapping[str, str]) -> list[str]:
    """Which judge all of them would share."""
    base = read_model(name).base
    return [f"beside them, on {placement}, the judge:", _origin(base, environment)]


def summary(models: Sequence[str], results: Mapping[str, ModelResult]) -> list[str]:
    """One line per model, where there are several."""
    titles = {model: read_model(model).title for model in models}
    width = max(map(len, titles.values()))
    return [
        f"{title:<{width}}  {_meaning(results.get(model))}"
        for model, title in titles.items()
        if len(models) > 1
    ]


def _origin(name: str, environment: Mapping[str, str]) -> str:
    source = hub_source(find_preset(name), environment)
    hub = "ModelScope" if source.from_modelscope else "Hugging Face"
    origin = f"{source.model} ({hub})" if source.model and not source.is_local else ""
    return f"  {name}  {origin}".rstrip()


def _meaning(result: ModelResult | None) -> str:
    if result is None:
        return "not begun"
    known = MEANINGS.get(result.code, "failed")
    code = f" (exit code {result.code})" if result.code else ""
    return f"{known}{code}{': ' if result.why else ''}{result.why}"
