"""Which devices a server runs on: the named GPUs, or the CPU."""

from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class Placement:
    """GPUs by CUDA's names (an index or a UUID). None means the CPU."""

    gpus: tuple[str, ...] = ()

    @property
    def on_cpu(self) -> bool:
        return not self.gpus

    def __str__(self) -> str:
        if self.on_cpu:
            return "the CPU"
        return f"GPU {self.gpus[0]}" if len(self.gpus) == 1 else f"GPUs {', '.join(self.gpus)}"


def parse_gpus(text: str) -> Placement:
    """ "0,1" -> two GPUs; "" -> the CPU."""
    gpus = tuple(part.strip() for part in text.split(",")) if text.strip() else ()
    for gpu in gpus:
        if not (gpu.isdecimal() or gpu.startswith(("GPU-", "MIG-"))):
            raise UsageError(f"no GPU is called {gpu!r} in --gpus {text!r}; write --gpus 0,1")
    if len(set(gpus)) < len(gpus):
        raise UsageError(f"a GPU is named twice in --gpus {text!r}; name each once")
    return Placement(gpus)


def split_gpus(gpus: Placement, models: int, per_model: int | None = None) -> list[Placement]:
    """The placements of servers that run at the same time: at least one, at most one per model.

    Without `per_model`, all GPUs are divided among the models. Several models get powers of two,
    because tensor parallelism splits a model's attention heads evenly.
    """
    count = len(gpus.gpus)
    if per_model is not None and per_model > count:
        raise UsageError(
            f"--gpus-per-model {per_model} is more than the {count} GPUs named; name more in --gpus"
        )
    if gpus.on_cpu:
        return [gpus]
    each = per_model or _share(count, models)
    starts = range(0, count - each + 1, each)
    return [Placement(gpus.gpus[start : start + each]) for start in starts][:models]


def _share(gpus: int, models: int) -> int:
    even = max(1, gpus // models)
    return even if models == 1 else 1 << (even.bit_length() - 1)
