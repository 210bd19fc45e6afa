"""CFBench: Chinese instructions with several demands each; a judge says which of them are met.

T. Zhang, Y. Shen, W. Luo and others.  https://arxiv.org/abs/2408.01122

Of a sample, CSR is the share of criteria that are met, ISR whether all are, and PSR whether those
of first importance are and enough of the others. The original scores a verdict that it cannot read
from what is left of it, or as 0; here that sample has no score.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.checklist import (
    Checklist,
    by_group,
    checklist,
    checklist_schema,
    checks,
    share_met,
)
from evaluator.judging.escaping import filled
from evaluator.judging.judged import UNASKED, JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, of_judges
from evaluator.prompts import render
from evaluator.tasks.grading import refuse_examples
from evaluator.types import Ask, Benchmark, Outcomes, Rows, Sample, Score, Totals

DATASET = "PKU-Baichuan-MLSystemLab/CFBench"
PRIMARY, SECONDARY = "主需", "次需"
ENOUGH = 0.8  # what a sample must come to, and more, for PSR
ASKS_FOR = "prompt", "gold_ans", "response", "criteria"  # as the original's prompt names them
_ORIGINAL = re.compile(r"[^\n]*\t\s*([01])\s*")  # a line of the original's verdict


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,000 instructions with 1 to 14 criteria, half of them of the harder set."""
    refuse_examples("cfbench", shots)
    for row in rows(DATASET, "default", "test"):
        criteria = [criterion[0] for criterion in row["criteria"]]
        primary = [_is_primary(criterion[1]) for criterion in row["criteria"]]
        fields = {"prompt": row["prompt"], "reference": row["gold"], "criteria": criteria}
        target = " | ".join(criteria)
        yield Sample(str(row["idx"]), {**fields, "primary": primary}, target, row["split"])


def _is_primary(importance: str) -> bool:
    if importance not in (PRIMARY, SECONDARY):
        raise ValueError(f"a criterion is {PRIMARY} or {SECONDARY}, not {importance!r}")
    return importance == PRIMARY


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Gives the instruction as it stands, and asks each judge which criteria the answer meets."""
    answer = strip_thinking((await ask(sample.fields["prompt"])).text).strip()
    if not answer:
        return Score(0.0, None, UNASKED, {"ISR": 0.0, "PSR": 0.0})
    count = len(sample.fields["criteria"])

    def read(text: str) -> Checklist | None:
        return checklist(text, count) or (original(text, count) if panel.prompt else None)

    verdicts: dict[str, Verdict[Checklist]] = await panel.verdicts(
        ask,
        judge_prompt(sample, answer, panel.prompt),
        read,
        checklist_schema(count),
        render("cfbench/repair", count=count),
    )
    return score_of(sample, verdicts, panel)


def judge_prompt(sample: Sample, answer: str, template: str = "") -> str:
    """What a judge is asked, in our own words or in those of the user's file."""
    fields = sample.fields
    if template:
        criteria = "\n\n".join(fields["criteria"])
        given = (fields["prompt"], fields["reference"], answer, criteria)
        return filled(template, dict(zip(ASKS_FOR, given, strict=True)))
    return render("cfbench/judge", **fields, answer=answer)


def original(text: str, count: int) -> Checklist | None:
    """The verdicts of a reply to the original's prompt: lines of a criterion, a tab, and 0 or 1."""
    lines = [_ORIGINAL.fullmatch(line) for line in text.splitlines() if line.strip()]
    given = [line[1] == "1" for line in lines if line]
    return given if len(given) == len(lines) == count else None


def rates(met: Sequence[bool], primary: Sequence[bool]) -> tuple[float, float, float]:
    """CSR, ISR and PSR of a sample, with the original's rounding."""
    pairs = list(zip(met, primary, strict=True))
    csr = round(mean(map(float, met)), 2)
    secondary = [float(each) for each, first in pairs if not first]
    if not all(each for each, first in pairs if first):
        psr = False
    elif not secondary:
        psr = True
    else:
        rest = round(mean(secondary), 2)
        psr = (0.5 + 0.5 * rest if any(primary) else rest) > ENOUGH
    return csr, float(csr >= 1), float(psr)


def score_of(sample: Sample, verdicts: Mapping[str, Verdict[Checklist]], panel: Panel) -> Score:
    """The score of readable verdicts, by judge."""
    lists = {name: verdict.value or () for name, verdict in verdicts.items()}
    each = {name: rates(met, sample.fields["primary"]) for name, met in lists.items()}
    csr, isr, psr = (panel.pooled(values) for values in zip(*each.values(), strict=True))
    found = checks(sample.fields["criteria"], lists.values())
    by_judge = of_judges(verdicts, {name: values[0] for name, values in each.items()})
    dimensions = {"ISR": isr, "PSR": psr} | by_judge
    return Score(csr, share_met(found), dimensions=dimensions, checks=found)


def summarize(outcomes: Outcomes) -> Totals:
    """ISR and PSR, of the harder half and the other one as well."""
    return by_group(outcomes, ["ISR", "PSR"])


JUDGED = JudgedSolve(solve, "prompts/cfbench/judge.txt", requires(*ASKS_FOR[::2], "criteria"))
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
    solve=JUDGED,
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="CSR",
    summarize=summarize,
    roles=("model", "judge"),
    paper="https://arxiv.org/abs/2408.01122",
    licence="none stated",
)
