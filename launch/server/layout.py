"""How a model's GPUs are used: replicas, each a server of its own, of some tensor parallelism.

Throughput first: what fits on one card is served once per card, because tensor parallelism pays for
each token with messages between the cards.
"""

from dataclasses import dataclass

from ..errors import UsageError
from ..locale import N_, joined
from .command_line import SHORT, flag_value, parallel, stages

# The share of a card that weights may take. Of the rest, vLLM leaves a tenth of the card free;
# activations and CUDA graphs need some GB; KV cache takes what remains, and decides how many
# requests are served at once.
WEIGHTS_SHARE = 0.65
# With these the user lays out a server over several machines, whose GPUs are not ours to count.
ELSEWHERE = ("--data-parallel-size-local", "--nnodes", "--distributed-executor-backend")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for; None leaves it to the model's size. `flags` are vLLM's own."""

    tp: int | None = None
    replicas: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def is_elsewhere_too(self) -> bool:
        return any(flag_value(self.flags, name) is not None for name in ELSEWHERE)

    @property
    def per_replica(self) -> int | None:
        """The GPUs that each replica was asked to have; None where that is left to us."""
        tp = self.tp or (parallel(self.flags, "-tp") if self.has_tp_flag else None)
        return None if tp is None or self.is_elsewhere_too else tp * stages(self.flags)

    @property
    def has_tp_flag(self) -> bool:
        return flag_value(self.flags, SHORT["-tp"]) is not None


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a model's weights, and of the memory of each card; None where not known."""

    weights: int | None = None
    memory: int | None = None

    def __str__(self) -> str:
        if self.weights is None:
            return N_("the size of its weights is not known")
        if self.memory is None:
            return N_("the memory of the cards is not known")
        # Files are counted in 10^9 bytes, cards are sold by 2^30
        return N_(
            "{weights:.1f} GB of weights on cards of {memory:.0f} GB",
            weights=self.weights / 1e9,
            memory=self.memory / 2**30,
        )


@dataclass(frozen=True, slots=True)
class GpuLayout:
    """`gpus` of one replica are its tensor parallelism times the user's data or pipeline sizes."""

    replicas: int
    tensor_parallel: int
    gpus: int
    why: str = ""

    def __str__(self) -> str:
        many = N_("{n} replicas", n=self.replicas) if self.replicas > 1 else N_("1 replica")
        more = N_(" on {n} GPUs each", n=self.gpus) if self.gpus != self.tensor_parallel else ""
        return N_(
            "{replicas} of tensor parallel {tp}{more}: {why}",
            replicas=many,
            tp=self.tensor_parallel,
            more=more,
            why=self.why,
        )


def smallest_fit(size: Size, most: int) -> int | None:
    """The smallest power of two of cards, `most` at most, that holds the weights with room left."""
    if size.weights is None or size.memory is None:
        return None
    powers = (1 << i for i in range(most.bit_length()))
    room = size.memory * WEIGHTS_SHARE
    return next((tp for tp in powers if size.weights <= tp * room), None)


def lay_out(gpus: int, wish: Wish, size: Size) -> GpuLayout:
    """The replicas on `gpus` GPUs. Raises UsageError where they are too few for what is wished."""
    if wish.is_elsewhere_too:
        return GpuLayout(1, parallel(wish.flags, "-tp"), gpus, N_("the vLLM flags lay it out"))
    tp, why = _tensor_parallel(gpus, wish, size)
    each = tp * stages(wish.flags)
    replicas = wish.replicas or max(1, gpus // each)
    if replicas * each > gpus:
        raise UsageError(
            N_(
                "{replicas} x {each} GPUs are needed, and {gpus} can be had; name more in "
                "--gpus (GPUS=), or give a smaller --tp (TP=) or --replicas (REPLICAS=)",
                replicas=replicas,
                each=each,
                gpus=gpus,
            )
        )
    if idle := gpus - replicas * each:
        spare = N_("{idle} of the {gpus} GPUs {idle:stays|stay} idle", idle=idle, gpus=gpus)
        why = joined("; ", [why, spare])
    return GpuLayout(replicas, tp, each, why)


def _tensor_parallel(gpus: int, wish: Wish, size: Size) -> tuple[int, str]:
    """The tensor parallelism of each replica, and why."""
    if wish.has_tp_flag and wish.tp:
        raise UsageError(
            N_(
                "--tp {tp} and a {short} among the vLLM flags: give one of them",
                tp=wish.tp,
                short=SHORT["-tp"],
            )
        )
    if wish.has_tp_flag or wish.tp:
        return wish.tp or parallel(wish.flags, "-tp"), N_("as asked")
    most = max(1, gpus // stages(wish.flags))
    if wish.replicas:
        return max(1, most // wish.replicas), N_("as asked")
    in_stages = size.weights and size.weights // parallel(wish.flags, "-pp")
    if fit := smallest_fit(Size(in_stages, size.memory), most):
        return fit, str(size)
    if size.weights is None or size.memory is None:
        return most, N_("{size}; --tp (TP=) chooses", size=str(size))
    return most, N_("{size}, which leave little room for the KV cache", size=str(size))
