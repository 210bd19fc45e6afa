"""MMLU: school, college and professional exams in 57 subjects, multiple choice.  https://arxiv.org/abs/2009.03300

Scored on the test split; a mirror that holds none is scored on its validation split, 1,531
questions, and the report says so.
"""

from collections.abc import Iterator
from functools import partial

from evaluator.tasks.choice_modes import choice_modes
from evaluator.tasks.multiple_choice import (
    LETTERS,
    category_of,
    choice_fields,
    exam,
    solve_by_letter,
)
from evaluator.types import Benchmark, DataRow, Fields, Rows, Sample

SUBJECTS_OF = {
    "STEM": """
        abstract_algebra astronomy college_biology college_chemistry college_computer_science
        college_mathematics college_physics computer_security conceptual_physics
        electrical_engineering elementary_mathematics high_school_biology high_school_chemistry
        high_school_computer_science high_school_mathematics high_school_physics
        high_school_statistics machine_learning""",
    "Humanities": """
        formal_logic high_school_european_history high_school_us_history high_school_world_history
        international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy
        prehistory professional_law world_religions""",
    "Social Science": """
        econometrics high_school_geography high_school_government_and_politics
        high_school_macroeconomics high_school_microeconomics high_school_psychology
        human_sexuality professional_psychology public_relations security_studies sociology
        us_foreign_policy""",
    "Other": """
        anatomy business_ethics clinical_knowledge college_medicine global_facts human_aging
        management marketing medical_genetics miscellaneous nutrition professional_accounting
        professional_medicine virology""",
}
CATEGORIES = {
    name: {subject: subject.replace("_", " ") for subject in subjects.split()}
    for name, subjects in SUBJECTS_OF.items()
}
SUBJECTS = {subject: title for titles in CATEGORIES.values() for subject, title in titles.items()}


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """14,042 questions; the examples of a subject are the first of its dev split (5 there)."""
    read = partial(rows, instead="validation")
    return exam(read, shots, "cais/mmlu", "test", SUBJECTS, "mmlu", _fields)


def _fields(row: DataRow) -> Fields:
    return choice_fields(row["question"], row["choices"], LETTERS[row["answer"]])


MMLU = Benchmark(
    name="mmlu",
    title="MMLU",
    kind="choice",
    topics=("knowledge", "exam"),
    about="knowledge in 57 subjects",
    dataset="cais/mmlu test",
    load=load,
    size=14042,
    solve=solve_by_letter("mmlu"),
    modes=choice_modes("mmlu"),
    params={"temperature": 0.0, "max_tokens": 512},
    shots=5,
    categories=category_of(CATEGORIES),
    paper="https://arxiv.org/abs/2009.03300",
    licence="MIT",
)
