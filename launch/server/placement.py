"""Which devices a server runs on: the named GPUs, or the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import UsageError
from ..gpus import named_gpus
from ..locale import N_

CPU = "CPU"


@dataclass(frozen=True, slots=True)
class Placement:
    """GPUs by their places among those that are granted, or by UUID. None means the CPU."""

    gpus: tuple[str, ...] = ()

    @property
    def on_cpu(self) -> bool:
        return not self.gpus

    def split(self, size: int) -> "list[Placement]":
        """Blocks of `size` GPUs beside each other; what is left over is in none of them."""
        if self.on_cpu:
            return [self]
        starts = range(0, len(self.gpus) - size + 1, size)
        return [Placement(self.gpus[start : start + size]) for start in starts]

    def __str__(self) -> str:
        if self.on_cpu:
            return N_("the CPU")
        names = ", ".join(self.gpus)
        return (
            N_("GPU {name}", name=names) if len(self.gpus) == 1 else N_("GPUs {names}", names=names)
        )


def parse_gpus(text: str, granted: Sequence[str] | None = None) -> Placement:
    """ "0,1", "0-1" or "all" -> two GPUs; "" -> the CPU. Raises UsageError for one not granted."""
    return Placement(named_gpus(text, granted))


def check_apart(models: Placement, judge: Placement, name: str) -> None:
    """Raises UsageError where the judge would share a GPU with the models, or is given none."""
    if judge.on_cpu and not models.on_cpu:
        problem = N_("has no GPUs")
    elif shared := set(models.gpus).intersection(judge.gpus):
        problem = N_("would share GPU {gpu} with the models", gpu=min(shared))
    else:
        return
    raise UsageError(
        N_(
            "the judge {name!r} {problem}; give it some of its own with --judge-gpus "
            "(JUDGE_GPUS=2), name one that runs already (JUDGE_ENDPOINT=URL), or let the "
            "model judge (JUDGE=self)",
            name=name,
            problem=problem,
        )
    )


@dataclass(frozen=True, slots=True)
class Want:
    """What a model wants of the GPUs: a number of them, or its part, of `least` GPUs at least."""

    model: str
    gpus: int | None = None
    least: int = 1


def shares(gpus: int, wants: Sequence[Want]) -> list[int]:
    """How many GPUs each model is served on. Raises UsageError for a want of more than there are.

    What the others leave is divided among those that want their part. Several get powers of two,
    because tensor parallelism splits a model's attention heads evenly.
    """
    for want in wants:
        if (wanted := want.gpus or want.least) > gpus:
            raise UsageError(
                N_(
                    "{model!r} is to have {wanted} {wanted:GPU|GPUs}, and {gpus} {gpus:is|are} "
                    "named; name more in --gpus (GPUS=)",
                    model=want.model,
                    wanted=wanted,
                    gpus=gpus,
                )
            )
    parts = [want for want in wants if want.gpus is None]
    left = gpus - sum(want.gpus or 0 for want in wants)
    part = _part(left if left >= len(parts) else gpus, len(parts))
    return [want.gpus or max(part, want.least) for want in wants]


def _part(gpus: int, models: int) -> int:
    if models < 2:
        return gpus
    even = max(1, gpus // models)
    return 1 << (even.bit_length() - 1)


def side_by_side(gpus: int, sizes: Sequence[int]) -> bool:
    """Whether two of the models ever run at the same time."""
    return len(sizes) > 1 and sum(sorted(sizes)[:2]) <= gpus


@dataclass(slots=True)
class FreeGpus:
    """GPUs that are taken by one model after another. The CPU is one place."""

    all: Placement
    taken: set[str] = field(default_factory=set)

    def take(self, size: int) -> Placement | None:
        """A block of neighbours, which fast links join, else any that are free; None: too few."""
        if self.all.on_cpu:
            size = 1
        names = self.all.gpus or (CPU,)
        free = tuple(name for name in names if name not in self.taken)
        blocks = (each.gpus for each in Placement(names).split(size))
        chosen = next((each for each in blocks if self.taken.isdisjoint(each)), free[:size])
        if len(chosen) < size:
            return None
        self.taken.update(chosen)
        return Placement(() if self.all.on_cpu else chosen)

    def give_back(self, placement: Placement) -> None:
        self.taken.difference_update(placement.gpus or (CPU,))
