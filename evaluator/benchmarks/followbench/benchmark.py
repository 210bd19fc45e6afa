"""FollowBench: instructions to which one constraint after the other is added, up to five.

Y. Jiang, Y. Wang, X. Zeng and others.  https://arxiv.org/abs/2310.20410

HSR says whether a reply meets all constraints of its level, SSR which share of them. A judge sees
the instruction grow; some rows, and all of the category "example", are checked by rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evaluator.benchmarks.followbench.rules import CHINESE, ENGLISH, rule
from evaluator.judging.checklist import Checklist, ChecklistJudge, by_group
from evaluator.statistics.intervals import figure
from evaluator.types import MEASURED, Benchmark, Outcomes, Rows, Sample, Score, Totals

DATASET = "YuxinJiang/FollowBench"
LANGUAGES = {"zh": CHINESE, "en": ENGLISH}
CATEGORIES = "content", "situation", "style", "format", "example", "mixed"
LEVELS = range(1, 6)
CSL = (0.0, float(len(LEVELS)))  # the scale of the levels met in a row


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """The instructions of levels 1 to 5; one of level 0 is where its constraints start from."""
    for language in LANGUAGES:
        for category in CATEGORIES:
            grown: dict[int, list[str]] = {}  # the instructions so far, by example
            for row in rows(DATASET, f"{language}_{category}", "train"):
                example, level = row["example_id"], row["level"]
                instructions = grown.setdefault(example, [])
                instructions.append(row["instruction"])
                if level:
                    fields = {name: row[name] for name in ("source", "target", "level")}
                    fields |= {"language": language, "category": category, "example": example}
                    fields |= {"prompt": instructions[-1], "instructions": tuple(instructions)}
                    fields["criteria"] = [f"constraint {n}" for n in range(1, level + 1)]
                    id = f"{language}/{category}/{example}/{level}"
                    yield Sample(id, fields, row["target"], f"{language} level {level}")


class FollowBenchJudge(ChecklistJudge):
    """Judges who see the instruction grow, for what is not checked by rule."""

    folder = "followbench"
    essential = "instructions", "answer"

    def places(self, sample: Sample, answer: str) -> Mapping[str, str]:
        steps = (f"[{n}] {text}" for n, text in enumerate(sample.fields["instructions"]))
        return {"instructions": "\n\n".join(steps), "answer": answer}

    def without_judges(self, sample: Sample, answer: str) -> Score | None:
        names = "category", "source", "example", "level", "target"
        fields = sample.fields
        holds = rule(LANGUAGES[fields["language"]], *(fields[name] for name in names))
        if holds is None:
            return None
        kept = float(holds(answer))
        return Score(kept, answer, "checked by rule", {"SSR": kept})

    def figures(self, verdict: Checklist, sample: Sample) -> Mapping[str, float]:
        return {"HSR": float(all(verdict)), "SSR": sum(verdict) / len(verdict)}


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


JUDGE = FollowBenchJudge()
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
    solve=JUDGE.judged_solve(),
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="HSR",
    summarize=summarize,
    roles=("model", "judge"),
    categories={f"{of} level {n}": of for of in LANGUAGES for n in LEVELS},
    paper="https://arxiv.org/abs/2310.20410",
    licence="Apache-2.0",
)
