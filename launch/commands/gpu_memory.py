"""GPUs whose server has ended, until the driver has taken its memory back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..locale import N_
from ..progress import Progress
from ..server.placement import FreeGpus, Placement

SLACK = 2**30  # bytes that a card may hold more than before, as for a screen
PATIENCE = 30.0  # seconds; a driver takes a few at most
LOOK_EVERY = 0.5  # seconds between looks

UsedMemory = Callable[[Sequence[str]], Mapping[str, int]]  # bytes, by the names of the GPUs


@dataclass(frozen=True, slots=True)
class Cooling:
    """GPUs that a server left, at a time of the monotonic clock."""

    placement: Placement
    left_at: float


@dataclass(slots=True)
class GpuMemory:
    """What the GPUs held before a server ran on them. They are free once they hold no more."""

    free: FreeGpus
    used: UsedMemory
    before: dict[str, int] = field(default_factory=dict)
    cooling: list[Cooling] = field(default_factory=list)
    looked_at: float = 0.0

    def take(self, size: int) -> Placement | None:
        """As FreeGpus does. What they hold by then is somebody else's."""
        placement = self.free.take(size)
        if placement:
            self.before |= self.used(placement.gpus)
        return placement

    def leave(self, placement: Placement) -> None:
        """Its server has ended."""
        if placement.on_cpu:
            self.free.give_back(placement)
        else:
            self.cooling.append(Cooling(placement, time.monotonic()))

    def look(self, progress: Progress) -> None:
        """Give back the GPUs whose memory is as it was before. Call it all the while."""
        now = time.monotonic()
        if not self.cooling or now < self.looked_at + LOOK_EVERY:
            return
        self.looked_at = now
        for each in list(self.cooling):
            held = self._held(each.placement)
            if held and now < each.left_at + PATIENCE:
                continue
            if held:
                text = ", ".join(f"{size / 2**30:.1f} GiB on GPU {gpu}" for gpu, size in held)
                progress.say(
                    N_("memory was not given back: {text} (nvidia-smi shows by whom)", text=text)
                )
            self.cooling.remove(each)
            self.free.give_back(each.placement)

    def _held(self, placement: Placement) -> list[tuple[str, int]]:
        """What the GPUs hold more than before, in bytes."""
        now = self.used(placement.gpus)
        more = [(gpu, size - self.before.get(gpu, 0)) for gpu, size in now.items()]
        return [(gpu, size) for gpu, size in more if size > SLACK]
