"""GAOKAO-Bench: the choice questions of China's college entrance examinations, 2010 to 2022.

X. Zhang, C. Li, Y. Zong, Z. Ying, L. He, X. Qiu.  https://arxiv.org/abs/2305.12474

Beside plain accuracy stands the share of the points of the examination. Physics may have several
right options; as in the examination, some of them and no wrong one earn half of the points. A row
with several questions is as many samples. Four of the paper's fourteen sets, longer texts with
many blanks, are not among them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from evaluator.extract.choices import choice
from evaluator.extract.several_choices import choices
from evaluator.statistics.intervals import ratio
from evaluator.tasks.grading import credit, graded, refuse_examples
from evaluator.tasks.multiple_choice import NEXT
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import MEASURED, Ask, Benchmark, DataRow, Outcomes, Rows, Sample, Score, Totals

DATASET = "OpenLMLab/GAOKAO-Bench"
POINTS = {  # of a question
    "2010-2013_English_MCQs": 1,
    "2010-2022_Chinese_Lang_and_Usage_MCQs": 3,
    "2010-2022_Math_I_MCQs": 5,
    "2010-2022_Math_II_MCQs": 5,
    "2010-2022_Physics_MCQs": 6,
    "2010-2022_Chemistry_MCQs": 6,
    "2010-2022_Biology_MCQs": 6,
    "2010-2022_Political_Science_MCQs": 4,
    "2010-2022_History_MCQs": 4,
    "2010-2022_Geography_MCQs": 4,
}
SUBJECTS = {file: file.partition("_")[2].removesuffix("_MCQs") for file in POINTS}
SEVERAL = "Physics"
CATEGORIES = {
    "Languages": ("English", "Chinese_Lang_and_Usage"),
    "Mathematics": ("Math_I", "Math_II"),
    "Sciences": ("Physics", "Chemistry", "Biology"),
    "Humanities": ("Political_Science", "History", "Geography"),
}
LABELS = "A", "B", "C", "D"
_OPTIONS = re.compile(  # within the text of a question
    r"\A(.*?)A\s*[.．、:](.*?)\sB\s*[.．、:](.*?)\sC\s*[.．、:](.*?)\sD\s*[.．、:](.*)\Z", re.DOTALL
)


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,657 questions in 1,572 rows of ten sets."""
    refuse_examples("gaokao", shots)
    for file, points in POINTS.items():
        for row in rows(DATASET, file, "test"):
            if row["score"] != points:
                raise ValueError(f"a question of {points} points has {row['score']}")
            yield from _samples(SUBJECTS[file], row)


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
    of_subject = {SUBJECTS[file]: float(points) for file, points in POINTS.items()}
    points = [of_subject[outcome.group] for outcome in measured]
    earned = [
        outcome.dimensions.get("credit", 0.0) * most
        for outcome, most in zip(measured, points, strict=True)
    ]
    return {"share of points": ratio(earned, points)}


def _samples(subject: str, row: DataRow) -> Iterator[Sample]:
    """A sample for each question of the row."""
    question, answers = row["question"].strip(), row["answer"]
    stem, *options = _parted(question) if len(answers) == 1 else ("",)
    fields = {"question": question, "stem": stem, "options": options, "several": subject == SEVERAL}
    fields |= {"labels": LABELS, "parts": len(answers)} | worked_examples("gaokao", 0, (), dict)
    for part, answer in enumerate(answers, 1):
        if not answer or not set(answer) <= set(LABELS):
            raise ValueError(f"answer {answer!r} is none of the letters A to D")
        id = f"{subject}/{row['index']}" + (f".{part}" if len(answers) > 1 else "")
        yield Sample(id, fields | {"part": part}, "".join(sorted(answer)), subject)


def _parted(question: str) -> list[str]:
    """The question proper and its four options; without the options where they cannot be told."""
    if found := _OPTIONS.match(question):
        return [part.strip() for part in found.groups()]
    return [question.partition("A．")[0].partition("A. ")[0]]


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
    categories={subject: name for name, subjects in CATEGORIES.items() for subject in subjects},
    summarize=summarize,
    paper="https://arxiv.org/abs/2305.12474",
    licence="Apache-2.0",
)
