"""A mirror in the layout and schema of the data sets of the second Open LLM Leaderboard.

Columns are those that lm-eval's tasks read, and those beside them; the rows are our own.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.lm_eval_tasks.mirror import put

Row = dict[str, Any]
BBH: Mapping[str, Sequence[str]] = {  # targets of each task; those of the others are letters
    "boolean_expressions": ("False", "True"),
    "causal_judgement": ("Yes", "No"),
    "formal_fallacies": ("valid", "invalid"),
    "navigate": ("Yes", "No"),
    "object_counting": ("3", "7"),
    "sports_understanding": ("yes", "no"),
    "web_of_lies": ("Yes", "No"),
}
LETTERED = (
    *("date_understanding", "disambiguation_qa", "geometric_shapes", "hyperbaton"),
    *("logical_deduction_five_objects", "logical_deduction_seven_objects"),
    *("logical_deduction_three_objects", "movie_recommendation", "penguins_in_a_table"),
    *("reasoning_about_colored_objects", "ruin_names", "salient_translation_error_detection"),
    *("snarks", "temporal_sequences", "tracking_shuffled_objects_five_objects"),
    *("tracking_shuffled_objects_seven_objects", "tracking_shuffled_objects_three_objects"),
)
MATHS = (
    *("algebra", "counting_and_probability", "geometry", "intermediate_algebra"),
    *("number_theory", "prealgebra", "precalculus"),
)
GPQA = ("gpqa_main", "gpqa_diamond", "gpqa_extended")
MUSR = ("murder_mysteries", "object_placements", "team_allocation")
ROWS = 2  # of each part


def write_leaderboard(root: Path) -> Path:
    """The six data sets, with two rows that are asked in each part."""
    for task in (*BBH, *LETTERED):
        targets = BBH.get(task, ("(A)", "(B)"))
        rows = [{"input": f"A riddle of {task}?", "target": each} for each in targets]
        put(root, f"SaylorTwift/bbh/{task}/test", rows)
    for part in GPQA:
        put(root, f"Idavidrein/gpqa/{part}/train", [_gpqa(part, i) for i in range(ROWS)])
    for part in MATHS:
        levels = ("Level 5", "Level 2", "Level 5")
        for split in ("train", "test"):
            rows = [_maths(part, i, level) for i, level in enumerate(levels)]
            put(root, f"DigitalLearningGmbH/MATH-lighteval/{part}/{split}", rows)
    for part in MUSR:
        put(root, f"TAUR-Lab/MuSR/default/{part}", [_musr(part, i) for i in range(ROWS)])
    for split, count in (("validation", 5), ("test", ROWS)):
        rows = [_mmlu_pro(split, i) for i in range(count)]
        put(root, f"TIGER-Lab/MMLU-Pro/default/{split}", rows)
    put(root, "wis-k/instruction-following-eval/default/train", _ifeval())
    return root


def _gpqa(part: str, i: int) -> Row:
    wrong = {f"Incorrect Answer {n}": f"{n} [cm] of {part}" for n in (1, 2, 3)}
    asked = {"Question": f"How long is rod {i} of {part}?", "Correct Answer": f"{i + 10} cm"}
    return {**asked, **wrong, "Explanation": "It was measured.", "Record ID": f"rec{i}"}


def _maths(part: str, i: int, level: str) -> Row:
    asked = {"problem": f"What is ${i} + 2$ in {part}?", "level": level, "type": part}
    return {**asked, "solution": f"The sum is $\\boxed{{{i + 2}}}$."}


def _musr(part: str, i: int) -> Row:
    choices = ["Ann", "Ben", "Cleo"]
    return {
        "narrative": f"A short story of {part}, number {i}.",
        "question": "Who was it?",
        "choices": str(choices),
        "answer_index": i,
        "answer_choice": choices[i],
    }


def _mmlu_pro(split: str, i: int) -> Row:
    return {
        "question_id": i,
        "question": f"Which letter is number {i} of the {split} split?",
        "options": list("abcdefghij")[: 10 - i],
        "answer": "ABCDEFGHIJ"[i],
        "answer_index": i,
        "cot_content": "",
        "category": "maths",
        "src": "own",
    }


def _ifeval() -> list[Row]:
    wanted = {"keywords": None, "num_words": None, "relation": None}
    return [
        {
            "key": 1,
            "prompt": "Name three rivers. Use no commas.",
            "instruction_id_list": ["punctuation:no_comma"],
            "kwargs": [wanted],
        },
        {
            "key": 2,
            "prompt": "Describe snow in at least 200 words.",
            "instruction_id_list": ["length_constraints:number_words"],
            "kwargs": [{**wanted, "num_words": 200, "relation": "at least"}],
        },
    ]
