"""Whether the samples are the expected ones, because a changed data set is another benchmark."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256

from evaluator.data.local import Builtin
from evaluator.data.rows import Source
from evaluator.data.table import table
from evaluator.types import Benchmark, Sample


@dataclass(slots=True)
class SampleDigest:
    """Counts samples and computes a digest of their ids and ground truths as they pass.

    The digest does not depend on the order of the samples.
    """

    samples: int = 0
    done: bool = False
    _sum: int = 0

    def counting(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Passes the samples on; the first complete pass counts them."""
        if self.done:
            yield from samples
            return
        self.samples = self._sum = 0
        for sample in samples:
            self.samples += 1
            content = f"{sample.id}\n{sample.target}".encode()
            self._sum += int.from_bytes(blake2b(content, digest_size=16).digest(), "big")
            yield sample
        self.done = True

    @property
    def digest(self) -> str:
        """16 hex digits."""
        return sha256(str(self._sum).encode()).hexdigest()[:16]


def deviations(benchmark: Benchmark, source: Source, found: SampleDigest) -> list[str]:
    """How the samples differ from what the table of data sets expects."""
    id, split = benchmark.data_set, benchmark.split
    split = source.replaced.get(id, split)
    if isinstance(source, Builtin) or (known := table().get(id)) is None:
        return []
    expected = {**known.rows, **known.instead, **known.samples}.get(split)
    counted = "samples" if split in known.samples else "rows"
    if expected is not None and found.samples != expected:
        return [
            f"{id} {split} has {found.samples:,} {counted} here, where {expected:,} are expected: "
            "another version of the data, whose scores are not comparable with others'"
        ]
    if (digest := known.digests.get(split)) and found.digest != digest:
        return [
            f"{id} {split} has the expected {found.samples:,} {counted}, but other ids or ground "
            f"truths (digest {found.digest}, expected {digest}): scores are "
            "not comparable with others'"
        ]
    return []
