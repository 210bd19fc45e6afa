"""MT-Bench: two-turn questions, each turn rated [[1]] to [[10]].  https://arxiv.org/abs/2306.05685

Single-answer grading as in the original code: temperature by category, a reference for maths,
coding and reasoning, and the whole conversation before the judge for the second turn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import mean

from evaluator.benchmarks.mtbench.judge_prompts import judge_prompt, official_prompts
from evaluator.benchmarks.mtbench.verdict_file import EMPTY, LEAST, MTBenchVerdicts, read
from evaluator.errors import MissingData, gather_both
from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.dimensions import ALONE, RATING, dimensions
from evaluator.judging.judged import JudgedSolve
from evaluator.judging.panel import Panel, Verdict, judge_dimensions, rating_schema
from evaluator.prompts import render
from evaluator.results.names import CUT_OFF
from evaluator.types import Ask, Benchmark, Message, Outcomes, Rows, Sample, Score, Totals

DATASET = "lm-sys/mt_bench"
TEMPERATURES = {"writing": 0.7, "roleplay": 0.7, "stem": 0.1, "humanities": 0.1}  # others: 0
WITH_REFERENCE = ("math", "coding", "reasoning")

Verdicts = Mapping[str, Verdict[float]]  # by judge; none of an empty answer


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """80 questions of two turns in eight categories, 30 of them with a reference."""
    references = official_references(rows)
    for row in rows(DATASET, "default", "train"):
        name = str(row["prompt_id"] if "prompt_id" in row else row["question_id"])
        turns = list(row["prompt"] if "prompt" in row else row["turns"])
        given = row.get("reference") or references.get(name)
        if row["category"] in WITH_REFERENCE and not given:
            raise ValueError(f"question {name} ({row['category']}) has no reference answer")
        fields = {"turns": turns, "category": row["category"], "reference": list(given or ())}
        fields["temperature"] = TEMPERATURES.get(row["category"], 0.0)
        yield Sample(name, fields, "", row["category"])


def official_references(rows: Rows) -> dict[str, list[str]]:
    """Reference answers by question; some copies of the data hold them in the questions' rows."""
    try:
        given = list(rows(DATASET, "reference", "train"))
    except MissingData:
        return {}
    return {str(row["question_id"]): row["choices"][0]["turns"] for row in given}


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Asks both turns; the first answer is judged while the second is on its way."""
    turns, temperature = sample.fields["turns"], sample.fields["temperature"]
    conversation: list[Message] = [{"role": "user", "content": turns[0]}]
    first = await ask(list(conversation), temperature=temperature)
    answers = [strip_thinking(first.text).strip()]
    conversation += [
        {"role": "assistant", "content": answers[0]},
        {"role": "user", "content": turns[1]},
    ]
    on_first, second = await gather_both(
        verdicts(sample, answers, ask, panel), ask(conversation, temperature=temperature)
    )
    answers = [*answers, strip_thinking(second.text).strip()]
    score = score_of([on_first, await verdicts(sample, answers, ask, panel)], panel)
    cut = float("length" in (first.finish_reason, second.finish_reason))
    return replace(score, dimensions={**score.dimensions, CUT_OFF: cut})


async def verdicts(sample: Sample, answers: list[str], ask: Ask, panel: Panel) -> Verdicts:
    """What the judges make of the last answer; nobody is asked about an empty one."""
    if not answers[-1]:
        return {}
    return await panel.verdicts(
        ask,
        judge_prompt(sample.fields, answers, panel.prompt),
        lambda text: read(text, "\n\n".join(answers)),
        rating_schema([ALONE]),
        render("mtbench/repair"),
    )


def score_of(of_turns: list[Verdicts], panel: Panel) -> Score:
    """The mean over the turns, of several judges pooled turn by turn."""
    values = [
        panel.pooled([v.value or LEAST for v in of.values()]) if of else LEAST for of in of_turns
    ]
    turns: dict[str, float] = {f"turn {i}": value for i, value in enumerate(values, 1)}
    judges = next((of.keys() for of in of_turns if of), ())
    each = {
        name: mean(of[name].value or LEAST if of else LEAST for of in of_turns) for name in judges
    }
    said = [verdict for of in of_turns for verdict in of.values()]
    value = mean(values)
    if not said:
        return Score(value, None, EMPTY, turns)
    return Score(value, f"{value:g}", dimensions={**turns, **judge_dimensions(each, said)})


def summarize(outcomes: Outcomes) -> Totals:
    """Each turn by itself, and the judges where there are several."""
    return dimensions(outcomes, str)


def check(prompt: str, source: str) -> None:
    """Raises UsageError for a file of other prompts than the original ones."""
    official_prompts(prompt)


JUDGED = JudgedSolve(solve, "prompts/mtbench/judge.txt", check, verdicts=MTBenchVerdicts())
MTBENCH = Benchmark(
    name="mtbench",
    title="MT-Bench",
    kind="judge",
    topics=("dialogue",),
    about="two-turn questions",
    dataset=f"{DATASET} default train",
    load=load,
    size=80,
    solve=JUDGED,
    params={"max_tokens": 1024},  # the temperature is the category's, unless the user sets one
    metric="mean rating of both turns, 1 to 10",
    scale=RATING,
    summarize=summarize,
    roles=("model", "model", "judge", "judge"),
    paper="https://arxiv.org/abs/2306.05685",
    licence="Apache-2.0",
)
