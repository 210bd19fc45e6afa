"""What was not compared or is doubtful in a comparison, in lines."""

from collections.abc import Iterator

from evaluator.locale import N_, joined, labels, recalled
from evaluator.results.comparison import ModelComparison

NOT_PAIRED = labels(  # as `pairing` writes them
    "only in the base",
    "only in the other",
    "no sample measured in both",
    "another target",
    "error",
    "judge_unparsed",
)
MISMATCHES = labels(
    "other prompts in {count} of {n} samples",
    "other right answers in {count} samples",
    "{what}: {base} in the base, and {other} here",
    "nothing more",
)


def warnings(model: ModelComparison) -> Iterator[str]:
    """What was not paired, and what makes the pairs doubtful."""
    for benchmark, reason in model.unpaired.items():
        why = recalled(reason, NOT_PAIRED)
        yield N_("{benchmark}: not compared: {reason}", benchmark=benchmark, reason=why)
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
