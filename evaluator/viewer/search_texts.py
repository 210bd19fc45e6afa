"""The texts of many samples, made to be searched: one block of bytes, at the speed of memory."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

END = b"\0"  # between two texts: nothing that is searched for holds it


@dataclass(slots=True)
class SearchTexts:
    """Texts in lower case, counted from 0 in the order in which they came."""

    _block: bytearray = field(default_factory=bytearray)
    _starts: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, text: str) -> None:
        """Takes the next text."""
        self._starts.append(len(self._block))
        self._block += lowered(text) + END

    def find(self, words: str) -> Iterator[int]:
        """The numbers of the texts that hold the words, in upper or lower case."""
        wanted, starts = lowered(words), [*self._starts, len(self._block)]
        at = self._block.find(wanted)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            if number == len(self._starts):  # nothing was wanted: found behind the last text
                return
            yield number
            at = self._block.find(wanted, starts[number + 1])


def lowered(text: str) -> bytes:
    """A text as it is searched; half of a pair of surrogates is no reason to fail."""
    return text.lower().encode(errors="surrogatepass")
