"""Which of our samples a recorded reply answers: the one whose question was asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evaluator.benchmarks import builtin
from evaluator.imports.recorded import OtherReply, OtherTask
from evaluator.types import Benchmark, Sample

OURS = {  # the benchmark of a task, by what the task's name begins with; longer ones first
    "mmlu_pro": "mmlu_pro",
    "ai2_arc": "arc",
    "arc": "arc",
    "ceval": "ceval",
    "cmmlu": "cmmlu",
    "mmlu": "mmlu",
    "gsm8k": "gsm8k",
    "mgsm": "mgsm",
    "cmath": "cmath",
    "math_500": "math500",
    "math500": "math500",
    "aime": "aime",
    "agieval": "agieval",
    "gaokao": "gaokao",
    "c3": "c3",
}
TAIL = 16  # characters at the end of a question by which it is looked up


def our_benchmark(task: OtherTask) -> Benchmark | None:
    """The benchmark of ours that scores the replies to a task; None where there is none.

    Likelihoods of options are no replies, and so keep the score that was recorded.
    """
    name = re.sub(r"\W+", "_", task.name.lower())
    found = next((ours for start, ours in OURS.items() if name.startswith(start)), None)
    return builtin(found) if found and task.written else None


@dataclass(slots=True)
class Matches:
    """Replies by the id of our sample, and how many replies have none."""

    by_id: dict[str, OtherReply] = field(default_factory=dict)
    unknown: int = 0


class QuestionIndex:
    """Our samples, looked up by their question."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = list(samples)
        self._by_text: dict[str, list[int]] = {}
        for i, sample in enumerate(self._samples):
            if text := plain(str(sample.fields.get("question", ""))):
                self._by_text.setdefault(text, []).append(i)
        self._by_tail: dict[str, list[str]] = {}
        for text in sorted(self._by_text, key=len, reverse=True):
            self._by_tail.setdefault(text[-TAIL:], []).append(text)
        self._lengths = sorted({len(tail) for tail in self._by_tail}, reverse=True)

    def matched(self, replies: Sequence[OtherReply]) -> Matches:
        """The replies by sample; of two to one sample the first counts."""
        found = Matches()
        for reply in replies:
            place = self._place(reply, found.by_id)
            if place is None:
                found.unknown += 1
                continue
            found.by_id[self._samples[place].id] = reply
        return found

    def _place(self, reply: OtherReply, taken: dict[str, OtherReply]) -> int | None:
        asked = plain(reply.asked)
        places = self._by_text.get(plain(reply.question)) or self._asked_in(asked)
        free = [each for each in places if self._samples[each].id not in taken]
        # Samples may share a question and differ in their options.
        return max(free, key=lambda each: self._options_in(each, asked), default=None)

    def _asked_in(self, asked: str) -> list[int]:
        """The samples whose question stands last in a prompt: worked examples stand before it."""
        for end in range(len(asked), 0, -1):
            for length in self._lengths:
                for text in self._by_tail.get(asked[max(end - length, 0) : end], ()):
                    if asked.endswith(text, 0, end):
                        return self._by_text[text]
        return []

    def _options_in(self, place: int, asked: str) -> int:
        options = self._samples[place].fields.get("options") or ()
        return sum(plain(str(option)) in asked for option in options)


def plain(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())
