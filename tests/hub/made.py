"""A mirror with a few made-up rows for every config of every data set."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from evaluator.benchmarks.bbh import TASKS
from evaluator.benchmarks.ceval import SUBJECTS as CEVAL
from evaluator.benchmarks.cmmlu import SUBJECTS as CMMLU
from evaluator.benchmarks.mmlu import SUBJECTS as MMLU
from evaluator.data import BUILTIN

WHOLE = (  # whose built-in samples have all configs
    "allenai/ai2_arc",
    "openai/gsm8k",
    "HuggingFaceH4/MATH-500",
    "google/IFEval",
    "juletxara/mgsm",
    "HuggingFaceH4/aime_2024",
    "math-ai/aime25",
    "TIGER-Lab/MMLU-Pro",
    "clue/clue",
    "openai/openai_humaneval",
    "google-research-datasets/mbpp",
    "OpenStellarTeam/Chinese-SimpleQA",
)


def mirror(root: Path) -> Path:
    """Fills the folder, and returns it."""
    for dataset in WHOLE:
        shutil.copytree(BUILTIN / dataset, root / dataset)
    exams = (
        ("ceval/ceval-exam", CEVAL, _ceval_row, "val", 2),
        ("haonan-li/cmmlu", CMMLU, _cmmlu_row, "test", 1),
        ("cais/mmlu", MMLU, _mmlu_row, "test", 1),
    )
    for dataset, subjects, row, scored, count in exams:
        for subject in subjects:
            examples = [row(subject, "dev", number) for number in range(5)]
            _write(root / dataset / subject / "dev.jsonl", examples)
            questions = [row(subject, scored, number) for number in range(count)]
            _write(root / dataset / subject / f"{scored}.jsonl", questions)
    for task in TASKS:
        shown = next((BUILTIN / "lukaemon/bbh" / task).glob("test.jsonl"), None)
        rows = [orjson.loads(shown.read_bytes().splitlines()[0])] if shown else [_bbh_row(task)]
        _write(root / "lukaemon/bbh" / task / "test.jsonl", rows)
    return root


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def _ceval_row(subject: str, split: str, number: int) -> dict[str, Any]:
    options = {"A": "1", "B": "2.50", "C": "三，“四”", "D": "NA"}
    explanation = f"因为{number}" if split == "dev" else ""
    asked = {"id": number, "question": f"{subject}第{number}题____。\n选哪项？", **options}
    return {**asked, "answer": "ABCD"[number % 4], "explanation": explanation}


def _cmmlu_row(subject: str, split: str, number: int) -> dict[str, Any]:
    options = {"A": "甲", "B": "1,000", "C": "丙", "D": "丁"}
    return {"Question": f"{subject}{split}{number}", **options, "Answer": "ABCD"[number % 4]}


def _mmlu_row(subject: str, split: str, number: int) -> dict[str, Any]:
    choices = ["one", "two", "three", "four"]
    question = f"Question {number} of the {split} split?"
    return {"question": question, "subject": subject, "choices": choices, "answer": number % 4}


def _bbh_row(task: str) -> dict[str, Any]:
    return {"input": f"A question of {task}.\nOptions:\n(A) yes\n(B) no", "target": "(A)"}
