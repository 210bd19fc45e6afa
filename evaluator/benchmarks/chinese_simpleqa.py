"""Chinese SimpleQA: short questions on facts; a judge says correct, incorrect or not attempted.

Y. He, S. Li, J. Liu and others.  https://arxiv.org/abs/2411.07140

An empty answer is not attempted, and nobody is asked to judge it. The original counts a verdict
that it cannot read as not attempted; here that sample has no score.
"""

import re
from collections.abc import Iterator, Mapping
from statistics import mean
from typing import Literal, get_args

import orjson

from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.escaping import filled
from evaluator.judging.judged import UNASKED, JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, of_judges
from evaluator.prompts import render
from evaluator.statistics.intervals import ratio
from evaluator.tasks.grading import refuse_examples
from evaluator.types import MEASURED, Ask, Benchmark, Outcomes, Rows, Sample, Score, Totals

DATASET = "OpenStellarTeam/Chinese-SimpleQA"
Grade = Literal["correct", "incorrect", "not attempted"]
GRADES: tuple[Grade, ...] = get_args(Grade)
_OURS: Mapping[str, Grade] = dict(zip(("正确", "错误", "未作答"), GRADES, strict=True))
_ORIGINAL: Mapping[str, Grade] = dict(zip("ABC", GRADES, strict=True))
_LAST = re.compile(r"[*\s]*评判[*\s]*[:：][*\s]*(正确|错误|未作答)[*\s]*[。.]?[*\s]*")
SCHEMA = {
    "type": "object",
    "properties": {"评判": {"type": "string", "enum": list(_OURS)}},
    "required": ["评判"],
    "additionalProperties": False,
}
ASKS_FOR = "question", "target", "predicted_answer"  # as the original's prompt names them


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """3,000 questions in six fields."""
    refuse_examples("chinese_simpleqa", shots)
    for row in rows(DATASET, "default", "train"):
        fields = {"question": row["question"], "reference": row["answer"]}
        yield Sample(row["id"], fields, row["answer"], row["primary_category"])


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Asks the question as it stands, and each judge whether the answer is right."""
    answer = strip_thinking((await ask(sample.fields["question"])).text).strip()
    if not answer:
        return Score(0.0, None, UNASKED, {"not_attempted": 1.0, "attempted": 0.0})
    prompt = judge_prompt(sample, answer, panel.prompt)
    repair = render("chinese_simpleqa/repair")

    def read(text: str) -> Grade | None:
        return grade(text, letters=bool(panel.prompt))

    verdicts: dict[str, Verdict[Grade]] = await panel.verdicts(ask, prompt, read, SCHEMA, repair)
    return score_of(verdicts, panel)


def judge_prompt(sample: Sample, answer: str, template: str = "") -> str:
    """What a judge is asked, in our own words or in those of the user's file."""
    question, reference = sample.fields["question"], sample.fields["reference"]
    if template:
        given = (question, reference, answer)
        return filled(template, dict(zip(ASKS_FOR, given, strict=True)))
    return render("chinese_simpleqa/judge", question=question, reference=reference, answer=answer)


def grade(text: str, letters: bool = False) -> Grade | None:
    """The grade on the last line, or in JSON as the repair asks for it.

    `letters`: a reply to the original's prompt is A, B or C and nothing else.
    """
    text = text.strip()
    if letters and (given := _ORIGINAL.get(text.strip("*. \n"))):
        return given
    if found := _LAST.fullmatch(text[text.rfind("\n") + 1 :]):
        return _OURS[found[1]]
    try:
        said = orjson.loads(text.removeprefix("```json").strip("`\n "))
    except orjson.JSONDecodeError:
        return None
    return _OURS.get(str(said.get("评判"))) if isinstance(said, dict) else None


def score_of(verdicts: Mapping[str, Verdict[Grade]], panel: Panel) -> Score:
    """The share of judges that call the answer correct, and the like for the other grades."""
    given = {name: verdict.value for name, verdict in verdicts.items()}
    away = mean(float(grade == "not attempted") for grade in given.values())
    by_judge = {name: float(grade == "correct") for name, grade in given.items()}
    dimensions = {"not_attempted": away, "attempted": 1.0 - away} | of_judges(verdicts, by_judge)
    correct = panel.pooled(list(by_judge.values()))
    return Score(correct, ", ".join(sorted(set(filter(None, given.values())))), "", dimensions)


def summarize(outcomes: Outcomes) -> Totals:
    """Correct of those attempted, and the F-score: its harmonic mean with the share of correct."""
    measured = [outcome for outcome in outcomes if outcome.status in MEASURED]
    correct = [outcome.score for outcome in measured]
    attempted = [outcome.dimensions.get("attempted", 0.0) for outcome in measured]
    return {
        "correct given attempted": ratio(correct, attempted),
        "F-score": ratio([2 * each for each in correct], [1 + each for each in attempted]),
    }


JUDGED = JudgedSolve(solve, "prompts/chinese_simpleqa/judge.txt", requires(*ASKS_FOR))
CHINESE_SIMPLEQA = Benchmark(
    name="chinese_simpleqa",
    title="Chinese SimpleQA",
    kind="judge",
    topics=("knowledge",),
    about="facts, graded by a judge",
    languages=("zh",),
    dataset=f"{DATASET} default train",
    load=load,
    size=3000,
    solve=JUDGED,
    params={"temperature": 0.0, "max_tokens": 512},
    metric="correct",
    summarize=summarize,
    roles=("model", "judge"),
    paper="https://arxiv.org/abs/2411.07140",
    licence="CC BY-NC-SA 4.0",
)
