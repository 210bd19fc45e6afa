"""CFBench: Chinese instructions with several demands each; a judge says which of them are met.

T. Zhang, Y. Shen, W. Luo and others.  https://arxiv.org/abs/2408.01122

Of a sample, CSR is the share of criteria that are met, ISR whether all are, and PSR whether those
of first importance are and enough of the others. The original scores a verdict that it cannot read
from what is left of it, or as 0; here that sample has no score.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from statistics import mean

from evaluator.judging.checklist import Checklist, ChecklistJudge, by_group
from evaluator.types import Benchmark, Rows, Sample

DATASET = "PKU-Baichuan-MLSystemLab/CFBench"
PRIMARY = {"主需": True, "次需": False}  # whether a criterion is of first importance
ENOUGH = 0.8  # what a sample must come to, and more, for PSR
_ORIGINAL = re.compile(r"[^\n]*\t\s*([01])\s*")  # a line of the original's verdict


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,000 instructions with 1 to 14 criteria, half of them of the harder set."""
    for row in rows(DATASET, "default", "test"):
        criteria = [criterion[0] for criterion in row["criteria"]]
        primary = [PRIMARY[criterion[1]] for criterion in row["criteria"]]
        fields = {"prompt": row["prompt"], "reference": row["gold"], "criteria": criteria}
        target = " | ".join(criteria)
        yield Sample(str(row["idx"]), {**fields, "primary": primary}, target, row["split"])


def rates(met: Sequence[bool], primary: Sequence[bool]) -> tuple[float, float, float]:
    """CSR, ISR and PSR of a sample, with the original's rounding."""
    pairs = list(zip(met, primary, strict=True))
    csr = round(mean(map(float, met)), 2)
    first = [each for each, is_first in pairs if is_first]
    others = [float(each) for each, is_first in pairs if not is_first]
    rest = round(mean(others), 2) if others else 1.0
    psr = all(first) and (0.5 + 0.5 * rest if first else rest) > ENOUGH
    return csr, float(csr >= 1), float(psr)


class CFBenchJudge(ChecklistJudge):
    """Judges who see the instruction, the reference where there is one, and all criteria."""

    folder = "cfbench"
    essential = "prompt", "response", "criteria"

    def places(self, sample: Sample, answer: str) -> Mapping[str, str]:
        fields = sample.fields
        given = {"prompt": fields["prompt"], "gold_ans": fields["reference"], "response": answer}
        return given | {"criteria": "\n\n".join(fields["criteria"])}

    def original(self, text: str, count: int) -> Checklist | None:
        """Lines of a criterion, a tab, and 0 or 1."""
        lines = [_ORIGINAL.fullmatch(line) for line in text.splitlines() if line.strip()]
        given = [line[1] == "1" for line in lines if line]
        return given if len(given) == len(lines) == count else None

    def figures(self, verdict: Checklist, sample: Sample) -> Mapping[str, float]:
        csr, isr, psr = rates(verdict, sample.fields["primary"])
        return {"CSR": csr, "ISR": isr, "PSR": psr}


JUDGE = CFBenchJudge()
CFBENCH = Benchmark(
    name="cfbench",
    title="CFBench",
    kind="judge",
    topics=("instructions",),
    about="Chinese instructions of several demands",
    languages=("zh",),
    dataset=f"{DATASET} default test",
    load=load,
    size=1000,
    solve=JUDGE.judged_solve(),
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="CSR",
    summarize=partial(by_group, names=("ISR", "PSR")),
    roles=("model", "judge"),
    paper="https://arxiv.org/abs/2408.01122",
    licence="none stated",
)
