"""How large a model's weights are."""

from pathlib import Path

from .hub_snapshot import weights


def weight_bytes(model: Path) -> int | None:
    """Bytes of the weights in a folder, or of a whole model in one file; None where none are."""
    if model.is_file():
        return model.stat().st_size
    names = weights(path.name for path in model.iterdir()) if model.is_dir() else []
    return sum((model / name).stat().st_size for name in names) or None
