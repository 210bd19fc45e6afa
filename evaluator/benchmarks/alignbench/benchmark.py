"""AlignBench: open Chinese questions, judged in several dimensions.  https://arxiv.org/abs/2311.18743

The protocol of the original code: dimensions by subcategory, one judge prompt with a reference,
ratings from 1 to 10, and totals that are macro means over categories.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evaluator.benchmarks.alignbench import totals as alignbench_totals
from evaluator.benchmarks.alignbench.protocol import DATASET, SUBCATEGORIES, protocol
from evaluator.benchmarks.alignbench.verdict_file import EMPTY, AlignBenchVerdicts
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.language import in_chinese
from evaluator.judging.dimensions import OVERALL, RATING, dimensions
from evaluator.judging.escaping import fenced, filled
from evaluator.judging.judged import JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, judge_dimensions, rating_schema
from evaluator.judging.verdict_reader import quotable, rating
from evaluator.prompts import render
from evaluator.results.names import CUT_OFF
from evaluator.types import Ask, Benchmark, Outcomes, Rows, Sample, Score, Totals


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """683 questions with references; the group is category/subcategory."""
    rules = protocol(rows)
    for row in rows(DATASET, "default", "test"):
        category = row["category"]
        fields = {name: row[name] for name in ("question", "reference", "category", "subcategory")}
        fields["dimensions"] = rules.defined(row["subcategory"])
        fields["temperature"] = rules.temperatures.get(category, 0.7)
        group = alignbench_totals.group(category, row["subcategory"])
        yield Sample(str(row["question_id"]), fields, row["reference"], group)


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Asks for an answer and for the judges' verdicts on it; the value is the overall rating."""
    temperature = sample.fields["temperature"]
    response = await ask(sample.fields["question"], temperature=temperature)
    answer = strip_thinking(response.text).strip()
    if not answer:
        return EMPTY
    score = await judged_score(sample, answer, ask, panel)
    of_answer = {CUT_OFF: float(response.finish_reason == "length"), **in_chinese(answer)}
    return replace(score, dimensions={**score.dimensions, **of_answer})


async def judged_score(sample: Sample, answer: str, ask: Ask, panel: Panel) -> Score:
    """What the judges make of an answer to the sample's question.  Raises Unjudged."""
    names = [*sample.fields["dimensions"], OVERALL]
    verdicts = await panel.verdicts(
        ask,
        judge_prompt(sample.fields, answer, panel.prompt),
        lambda text: rating(text, names, quotable(answer, names)),
        rating_schema(names),
        render("alignbench/repair", names=names),
    )
    return score_of(verdicts, panel)


def score_of(verdicts: Mapping[str, Verdict[dict[str, float]]], panel: Panel) -> Score:
    """The score of readable verdicts, by judge."""
    ratings = {name: verdict.value or {} for name, verdict in verdicts.items()}
    names = next(iter(ratings.values()))
    means = {name: panel.pooled([each[name] for each in ratings.values()]) for name in names}
    overall = means.pop(OVERALL)
    each = judge_dimensions({name: of[OVERALL] for name, of in ratings.items()}, verdicts.values())
    return Score(overall, f"{overall:g}", dimensions={**means, **each})


def judge_prompt(fields: Mapping[str, Any], answer: str, template: str = "") -> str:
    """What a judge is asked; a template of the user's own takes the official names."""
    lines = [
        f"{i}. {name}: {text}" for i, (name, text) in enumerate(fields["dimensions"].items(), 1)
    ]
    given = {name: fields[name] for name in ("category", "question", "reference")}
    given |= {"dimensions": "".join(f"{line}\n" for line in lines)}
    given |= {"answer": fenced(answer, [*fields["dimensions"], OVERALL])}
    return filled(template, given) if template else render("alignbench/judge", **given)


def summarize(outcomes: Outcomes) -> Totals:
    """The totals, strict and official, and a figure for each dimension."""
    further = dimensions(outcomes, alignbench_totals.category)
    return {**alignbench_totals.summarize(outcomes), **further}


JUDGED = JudgedSolve(
    solve,
    prompt="prompts/alignbench/judge.txt",
    check=requires("dimensions", "question", "reference", "answer"),
    notes=lambda rows: [protocol(rows).source],
    verdicts=AlignBenchVerdicts(),
)
ALIGNBENCH = Benchmark(
    name="alignbench",
    title="AlignBench v1.1",
    kind="judge",
    topics=("dialogue",),
    about="Chinese questions",
    languages=("zh",),
    dataset=f"{DATASET} default test",
    load=load,
    size=683,
    solve=JUDGED,
    # The temperature is the category's, unless the user sets one; the original bounds no length.
    params={"max_tokens": 2048},
    metric="mean overall rating (综合得分), 1 to 10",
    scale=RATING,
    summarize=summarize,
    roles=("model", "judge"),
    categories={
        alignbench_totals.group(category, subcategory): category
        for category, subcategories in SUBCATEGORIES.items()
        for subcategory in subcategories.split()
    },
    paper="https://arxiv.org/abs/2311.18743",
    licence="none stated",
)
