"""Which devices a server runs on: the named GPUs, or the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from ..gpus import named_gpus


@dataclass(frozen=True, slots=True)
class Placement:
    """GPUs by their places among those that are granted, or by UUID. None means the CPU."""

    gpus: tuple[str, ...] = ()

    @property
    def on_cpu(self) -> bool:
        return not self.gpus

    def __str__(self) -> str:
        if self.on_cpu:
            return "the CPU"
        return f"GPU {self.gpus[0]}" if len(self.gpus) == 1 else f"GPUs {', '.join(self.gpus)}"


def parse_gpus(text: str, granted: Sequence[str] | None = None) -> Placement:
    """ "0,1", "0-1" or "all" -> two GPUs; "" -> the CPU. Raises UsageError for one not granted."""
    return Placement(named_gpus(text, granted))


def check_apart(models: Placement, judge: Placement, name: str) -> None:
    """Raises UsageError where the judge would share a GPU with the models, or is given none."""
    if judge.on_cpu and not models.on_cpu:
        problem = "has no GPUs"
    elif shared := set(models.gpus).intersection(judge.gpus):
        problem = f"would share GPU {min(shared)} with the models"
    else:
        return
    raise UsageError(
        f"the judge {name!r} {problem}; give it some of its own with --judge-gpus (JUDGE_GPUS=2), "
        "name one that runs already (JUDGE_ENDPOINT=URL), or let the model judge (JUDGE=self)"
    )


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
