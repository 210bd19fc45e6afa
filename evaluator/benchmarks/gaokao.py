"""GAOKAO-Bench: the choice questions of China's college entrance examinations, 2010 to 2022.

X. Zhang, C. Li, Y. Zong, Z. Ying, L. He, X. Qiu.  https://arxiv.org/abs/2305.12474

Beside plain accuracy stands the share of the points of the examination. Physics may have several
right options; as in the examination, some of them and no wrong one earn half of the points. A row
with several questions is as many samples. Four of the paper's fourteen sets, longer texts with
many blanks, are not among them.
"""

from collections.abc import Iterator
from dataclasses import replace

from evaluator.extract.choices import choice
from evaluator.extract.several_choices import choices
from evaluator.statistics.intervals import ratio
from evaluator.tasks.grading import credit, graded
from evaluator.tasks.multiple_choice import NEXT
from evaluator.tasks.option_texts import parted
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import MEASURED, Ask, Benchmark, DataRow, Outcomes, Rows, Sample, Score, Totals

DATASET = "OpenLMLab/GAOKAO-Bench"
POINTS = {  # of a question, by category and subject
    "Languages": {"English": 1, "Chinese_Lang_and_Usage": 3},
    "Mathematics": {"Math_I": 5, "Math_II": 5},
    "Sciences": {"Physics": 6, "Chemistry": 6, "Biology": 6},
    "Humanities": {"Political_Science": 4, "History": 4, "Geography": 4},
}
OF_SUBJECT = {name: points for subjects in POINTS.values() for name, points in subjects.items()}
YEARS = {"English": "2010-2013"}  # of the others 2010-2022
SEVERAL = "Physics"
LABELS = "A", "B", "C", "D"


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,657 questions in 1,572 rows of ten sets."""
    for subject, points in OF_SUBJECT.items():
        file = f"{YEARS.get(subject, '2010-2022')}_{subject}_MCQs"
        for row in rows(DATASET, file, "test"):
            if row["score"] != points:
                raise ValueError(f"a question of {points} points has {row['score']}")
            yield from _samples(subject, row)


def _samples(subject: str, row: DataRow) -> Iterator[Sample]:
    """A sample for each question of the row."""
    question, answers = row["question"].strip(), row["answer"]
    stem, options = parted(question) if len(answers) == 1 else ("", [])
    fields = {"question": question, "stem": stem, "options": options, "several": subject == SEVERAL}
    fields |= {"labels": LABELS, "parts": len(answers)} | worked_examples("gaokao", 0, (), dict)
    for part, answer in enumerate(answers, 1):
        if not answer or not set(answer) <= set(LABELS):
            raise ValueError(f"answer {answer!r} is none of the letters A to D")
        id = f"{subject}/{row['index']}" + (f".{part}" if len(answers) > 1 else "")
        yield Sample(id, fields | {"part": part}, "".join(sorted(answer)), subject)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the letter or, in physics, for all right letters."""
    text = (await ask(Question("gaokao", sample.fields, stop=NEXT))).text
    stem, options = sample.fields["stem"], sample.fields["options"]
    if sample.group == SEVERAL:
        reading = choices(text, LABELS, stem)
    else:
        reading = choice(text, LABELS, options, stem)
    score = graded(reading, sample.target, text)
    earned = credit(reading.tolerant or "", sample.target)
    return replace(score, dimensions={**score.dimensions, "credit": earned})


def summarize(outcomes: Outcomes) -> Totals:
    """The share of all points, each question counting as it does in the examination."""
    measured = [outcome for outcome in outcomes if outcome.status in MEASURED]
    points = [float(OF_SUBJECT[outcome.group]) for outcome in measured]
    earned = [
        outcome.dimensions.get("credit", 0.0) * most
        for outcome, most in zip(measured, points, strict=True)
    ]
    return {"share of points": ratio(earned, points)}


GAOKAO = Benchmark(
    name="gaokao",
    title="GAOKAO-Bench",
    kind="choice",
    topics=("exam", "knowledge"),
    about="choice questions in 10 subjects",
    languages=("zh",),
    dataset=f"{DATASET} test",
    load=load,
    size=1657,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 2048},
    categories={subject: name for name, subjects in POINTS.items() for subject in subjects},
    summarize=summarize,
    paper="https://arxiv.org/abs/2305.12474",
    licence="Apache-2.0",
)
