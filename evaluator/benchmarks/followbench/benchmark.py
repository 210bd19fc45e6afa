"""FollowBench: instructions to which one constraint after the other is added, up to five.

Y. Jiang, Y. Wang, X. Zeng and others.  https://arxiv.org/abs/2310.20410

HSR says whether a reply meets all constraints of its level, SSR which share of them. A judge sees
the instruction grow; some rows, and all of the category "example", are checked by rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evaluator.benchmarks.followbench.rules import CHINESE, ENGLISH, rule
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
from evaluator.statistics.intervals import figure
from evaluator.tasks.grading import refuse_examples
from evaluator.types import MEASURED, Ask, Benchmark, Outcomes, Rows, Sample, Score, Totals

DATASET = "YuxinJiang/FollowBench"
LANGUAGES = {"zh": CHINESE, "en": ENGLISH}
CATEGORIES = "content", "situation", "style", "format", "example", "mixed"
LEVELS = range(1, 6)
CSL = (0.0, float(len(LEVELS)))  # the scale of the levels met in a row
ASKS_FOR = "instructions", "answer"  # places of a user's own judge prompt


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """The instructions of levels 1 to 5; one of level 0 is where its constraints start from."""
    refuse_examples("followbench", shots)
    for language in LANGUAGES:
        for category in CATEGORIES:
            grown: dict[int, list[str]] = {}  # the instructions so far, by example
            for row in rows(DATASET, f"{language}_{category}", "train"):
                example, level = row["example_id"], row["level"]
                instructions = grown.setdefault(example, [])
                instructions.append(row["instruction"])
                if level:
                    fields = {"language": language, "category": category, "source": row["source"]}
                    fields |= {"example": example, "level": level, "target": row["target"]}
                    fields |= {"instructions": tuple(instructions)}
                    id = f"{language}/{category}/{example}/{level}"
                    yield Sample(id, fields, row["target"], f"{language} level {level}")


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Gives the instruction as it stands; the reply is checked by rule or by the judges."""
    fields = sample.fields
    answer = strip_thinking((await ask(fields["instructions"][-1])).text).strip()
    if not answer:
        return Score(0.0, None, UNASKED, {"SSR": 0.0})
    names = "category", "source", "example", "level", "target"
    if holds := rule(LANGUAGES[fields["language"]], *(fields[name] for name in names)):
        kept = float(holds(answer))
        return Score(kept, answer, "checked by rule", {"SSR": kept})
    level = fields["level"]

    def read(text: str) -> Checklist | None:
        return checklist(text, level)

    chinese = fields["language"] == "zh"
    repair = render("followbench/repair", level=level, chinese=chinese)
    prompt = judge_prompt(sample, answer, panel.prompt)
    verdicts: dict[str, Verdict[Checklist]] = await panel.verdicts(
        ask, prompt, read, checklist_schema(level), repair
    )
    return score_of(verdicts, panel)


def judge_prompt(sample: Sample, answer: str, template: str = "") -> str:
    """What a judge is asked, in our own words or in those of the user's file."""
    fields = sample.fields
    if template:
        steps = "\n\n".join(f"[{n}] {text}" for n, text in enumerate(fields["instructions"]))
        return filled(template, dict(zip(ASKS_FOR, (steps, answer), strict=True)))
    chinese = fields["language"] == "zh"
    first, *grown = fields["instructions"]
    return render("followbench/judge", first=first, grown=grown, answer=answer, chinese=chinese)


def score_of(verdicts: Mapping[str, Verdict[Checklist]], panel: Panel) -> Score:
    """The score of readable verdicts, by judge."""
    lists = {name: verdict.value or () for name, verdict in verdicts.items()}
    hard = {name: float(all(met)) for name, met in lists.items()}
    soft = [sum(met) / len(met) for met in lists.values()]
    level = len(next(iter(lists.values())))
    found = checks((f"constraint {n + 1}" for n in range(level)), lists.values())
    dimensions = {"SSR": panel.pooled(soft)} | of_judges(verdicts, hard)
    value = panel.pooled(list(hard.values()))
    return Score(value, share_met(found), dimensions=dimensions, checks=found)


def summarize(outcomes: Outcomes) -> Totals:
    """SSR by language and level, and CSL: how many levels of an example are met in a row."""
    chains: dict[str, dict[int, float]] = {}
    for outcome in outcomes:
        if outcome.status in MEASURED and outcome.value is not None:
            example, _, level = outcome.id.rpartition("/")
            chains.setdefault(example, {})[int(level)] = outcome.value
    totals = dict(by_group(outcomes, ["SSR"]))
    for language in LANGUAGES:
        whole = [
            consistent(chain)
            for example, chain in chains.items()
            if example.startswith(f"{language}/") and len(chain) == len(LEVELS)
        ]
        totals[f"CSL {language}"] = replace(figure([whole], scale=CSL), scale=CSL)
    return totals


def consistent(chain: Mapping[int, float]) -> float:
    """The levels from the first on that are met, all of them by every judge."""
    return float(next((level - 1 for level in LEVELS if chain[level] < 1), len(LEVELS)))


JUDGED = JudgedSolve(solve, "prompts/followbench/judge.txt", requires(*ASKS_FOR))
FOLLOWBENCH = Benchmark(
    name="followbench",
    title="FollowBench",
    kind="judge",
    topics=("instructions",),
    about="one to five constraints",
    languages=("zh", "en"),
    dataset=f"{DATASET} zh and en train",
    load=load,
    size=1610,
    solve=JUDGED,
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="HSR",
    summarize=summarize,
    roles=("model", "judge"),
    categories={f"{of} level {n}": of for of in LANGUAGES for n in LEVELS},
    paper="https://arxiv.org/abs/2310.20410",
    licence="Apache-2.0",
)
