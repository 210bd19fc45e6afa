"""Samples of a run for a person to read: which ones, and in which words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.comparison.item_changes import changed_largely
from evaluator.comparison.pairing import pair_benchmark
from evaluator.comparison.recorded import read
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.results.run import read_run
from evaluator.transcripts.read import RecordedExchange, Transcript, transcripts

UNPARSED = frozenset({"unparsed", "truncated", "judge_unparsed"})
RULE = "─" * 72
Place = tuple[str, str]  # benchmark and sample id


@dataclass(frozen=True, slots=True)
class Choice:
    """Which samples: those that fit all that is named here."""

    wrong: bool = False
    unparsed: bool = False
    forgotten: Path | None = None  # the run that did better
    ids: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()

    def takes(self, sample: Transcript, best: float) -> bool:
        """Whether a sample of a benchmark whose best value is `best` is among them."""
        return all(
            (
                not self.wrong or (sample.value is not None and sample.value < best),
                not self.unparsed or sample.status in UNPARSED,
                not self.ids or sample.id in self.ids,
                not self.benchmarks or sample.benchmark in self.benchmarks,
            )
        )


def chosen(folder: Path, choice: Choice) -> Iterator[Transcript]:
    """The samples of a run, in the order in which they ended.

    Raises UsageError where there is no such run, benchmark or file of samples.
    """
    known = read_run(folder).benchmarks
    if unknown := [name for name in choice.benchmarks if name not in known]:
        raise UsageError(
            N_(
                "{folder!r} has no benchmark {unknown!r}; it has {known}",
                folder=str(folder),
                unknown=unknown[0],
                known=", ".join(known),
            )
        )
    wanted = forgotten(choice.forgotten, folder) if choice.forgotten else None
    for sample in transcripts(folder, wanted):
        if choice.takes(sample, known[sample.benchmark].scale[1]):
            yield sample


def forgotten(base: Path, folder: Path) -> set[Place]:
    """What the base did better, by as much as a comparison shows.  Raises UsageError."""
    ours, theirs = read(base), read(folder)
    shared = [name for name in ours.outcomes if name in theirs.outcomes]
    found = [pair_benchmark(ours, theirs, name) for name in shared]
    if not found:
        raise UsageError(
            N_("{base!r} and {folder!r} share no benchmark", base=str(base), folder=str(folder))
        )
    if differing := [f"{each.name}: {what}" for each in found for what in each.mismatches]:
        raise UsageError(
            N_(
                "{base!r} is no base for {folder!r}: {differing}",
                base=str(base),
                folder=str(folder),
                differing="; ".join(differing),
            )
        )
    return {
        (benchmark.name, pair.id)
        for benchmark in found
        for pair in benchmark.pairs
        if pair.difference < 0 and changed_largely(pair, benchmark.span)
    }


def shown(sample: Transcript, whole: bool = False) -> Iterator[str]:
    """A sample in words; `whole` prompts have what many of them begin with, too."""
    yield RULE
    yield f"{sample.benchmark} {sample.id}" + (f" ({sample.group})" if sample.group else "")
    yield ""
    for number, each in enumerate(sample.exchanges):
        yield from exchange_text(each, sample.exchanges[:number], whole)
    reference = sample.target or "\n".join(sample.reference)
    if sample.options.get(reference):
        reference = f"{reference}. {sample.options[reference]}"
    yield N_("right answer: {answer}", answer=reference or N_("none given"))
    yield what_became(sample)
    if sample.error:
        yield N_("error: {error}", error=sample.error)
    yield ""


def what_became(sample: Transcript) -> str:
    """What was read in the replies, what that was worth, and how the sample ended."""
    measured = sample.value is not None
    return N_(
        "read: {read}, {worth}, {status}{note}",
        read=N_("nothing") if sample.answer is None else repr(sample.answer),
        worth=N_("worth {value:g}", value=sample.value) if measured else N_("not measured"),
        status=N_(sample.status),
        note=f" ({sample.note})" if sample.note else "",
    )


def exchange_text(
    one: RecordedExchange, before: Sequence[RecordedExchange], whole: bool
) -> Iterator[str]:
    """What was asked, as far as it was not before, and what came back."""
    yield from asked(one, before, whole)
    if one.thinking:
        yield from (N_("[{role} thinks]", role=N_(one.role)), one.thinking, "")
    if one.reply is None:
        yield from (N_("[{role} gave no reply]", role=N_(one.role)), "")
    else:
        ended = f", {one.finish_reason}" if one.finish_reason not in ("", "stop") else ""
        yield from (f"[{one.role}{ended}]", one.reply, "")


def asked(one: RecordedExchange, before: Sequence[RecordedExchange], whole: bool) -> Iterator[str]:
    """The question; nothing where the same was asked already."""
    if any(each.asked == one.asked for each in before):
        return
    if whole and isinstance(one.asked, list):
        for turn in one.asked:
            yield from (f"[{turn['role']}]", str(turn["content"]), "")
    else:
        text = one.asked if whole else one.own
        yield from (N_("[to {role}]", role=N_(one.role)), str(text), "")
