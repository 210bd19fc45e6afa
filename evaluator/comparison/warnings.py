"""What to know before believing a comparison: what was not paired, and what findings do not say."""

from collections.abc import Iterator

from evaluator.comparison.tables import FINDINGS, signed
from evaluator.locale import N_, joined, labels, recalled
from evaluator.results.comparison import ModelComparison

FEW = 30  # pairs: a finding of fewer tells that something changed, and hardly how much
NOT_READ = {"unparsed", "truncated"}  # ends of samples whose reply held no answer
NOT_PAIRED = labels(  # as `pairing` writes them
    "only in the base",
    "only in the other",
    "no sample measured in both",
    "another target",
    "error",
    "judge_unparsed",
)
MISMATCHES = labels(
    "other prompts in {count} of {n} {n:sample|samples}",
    "other right answers in {count} {count:sample|samples}",
    "{what}: {base} in the base, and {other} here",
    "nothing more",
)


def warnings(model: ModelComparison) -> Iterator[str]:
    """What was not paired, and what makes the pairs doubtful."""
    for benchmark, reason in model.unpaired.items():
        why = recalled(reason, NOT_PAIRED)
        yield N_("{benchmark}: not compared: {reason}", benchmark=benchmark, reason=why)
    yield from weak_findings(model)
    for benchmark, about in model.benchmarks.items():
        if about.left_out:
            counts = joined(", ", map(left_out, about.left_out.values(), about.left_out))
            yield N_("{benchmark}: left out: {counts}", benchmark=benchmark, counts=counts)
        for mismatch in about.mismatches:
            yield N_(
                "{benchmark}: paired by force: {mismatch}",
                benchmark=benchmark,
                mismatch=recalled(mismatch, MISMATCHES),
            )
        if about.totals_unknown:
            yield N_(
                "{benchmark}: its own totals are left out, as the benchmark is not known here",
                benchmark=benchmark,
            )
        if not about.prompts_proven:
            yield N_(
                "{benchmark}: a run did not record its prompts, which may differ",
                benchmark=benchmark,
            )


def left_out(count: int, reason: str) -> str:
    """How many samples were left out for a reason."""
    return N_("{n} {reason}", n=count, reason=recalled(reason, NOT_PAIRED))


def weak_findings(model: ModelComparison) -> Iterator[str]:
    """Benchmarks of which a verdict says less than it seems to."""
    for row in model.rows:
        if row.level != "benchmark" or row.verdict not in FINDINGS:
            continue
        if row.n < FEW:
            low, high = (signed(end, row.scale) for end in row.ci95)
            yield N_(
                "{benchmark}: {n} {n:pair tells|pairs tell} that something changed, and hardly how "
                "much: anything from {low} to {high}",
                benchmark=row.benchmark,
                n=row.n,
                low=low,
                high=high,
            )
        about = model.benchmarks[row.benchmark]
        for run, ends in (("base", about.base_ends), (model.run, about.other_ends)):
            if ends and not ends.keys() - NOT_READ:
                yield N_(
                    "{benchmark}: no reply of {run} could be read, so that the difference says "
                    "nothing of what the model knows",
                    benchmark=row.benchmark,
                    run=run,
                )
