"""A mirror with rows for lm-eval's tasks, and tasks of a user's own."""

from pathlib import Path
from typing import Any

import orjson

THINGS = ("water", "iron", "salt", "wood", "glass", "wool", "clay", "milk")
TRANSLATE = """
task: tiny_translate
dataset_path: me/pairs
output_type: generate_until
test_split: test
fewshot_split: train
num_fewshot: 1
doc_to_text: "English: {{english}}\\nFrench:"
doc_to_target: " {{french}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 24}
metric_list:
  - {metric: bleu, aggregation: bleu, higher_is_better: true}
  - {metric: chrf, aggregation: chrf, higher_is_better: true}
"""
PAIRED = """
task: tiny_{name}
dataset_path: me/{name}
output_type: multiple_choice
test_split: test
doc_to_text: "{{{{a}}}} and {{{{b}}}}: the same?"
doc_to_choice: ["no", "yes"]
doc_to_target: "{{{{same}}}}"
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
  - {{metric: f1, aggregation: f1, higher_is_better: true}}
"""
GROUP = """
group: tiny_pairs
task: [tiny_left, tiny_right]
aggregate_metric_list:
  - {metric: acc, weight_by_size: true}
  - {metric: f1, weight_by_size: false}
"""


def write_mirror(root: Path) -> Path:
    """Rows of the data sets that lm-eval's own tasks name, and of those below."""
    for split in ("test", "train", "validation"):
        put(root, f"allenai/ai2_arc/ARC-Easy/{split}", [_arc(split, i) for i in range(8)])
        put(root, f"openai/gsm8k/main/{split}", [_sum(split, i) for i in range(8)])
        put(root, f"me/pairs/default/{split}", [_pair(split, i) for i in range(6)])
    texts = [{"text": f"Once {thing} was sold for {thing}"} for thing in THINGS]
    put(root, "EleutherAI/lambada_openai/default/test", texts)
    pages = [{"page": f" = {each} = \n\n Of {each} much is  said .\n"} for each in THINGS[:5]]
    for split in ("test", "train", "validation"):
        put(root, f"EleutherAI/wikitext_document_level/wikitext-2-raw-v1/{split}", pages)
    answers = {"choices": ["so", "so it is", "it is not", "no"], "labels": [1, 1, 0, 0]}
    truths = [{"question": f"Is {each} real?", "mc2_targets": answers} for each in THINGS]
    put(root, "truthfulqa/truthful_qa/multiple_choice/validation", truths)
    for name, count in (("left", 5), ("right", 8)):
        rows = [{"a": THINGS[i], "b": name, "same": i % 2} for i in range(count)]
        put(root, f"me/{name}/default/test", rows)
    return root


def write_tasks(folder: Path) -> Path:
    """A folder of a user's own YAML files: a translation, and a group of two tasks."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny_translate.yaml").write_text(TRANSLATE)
    for name in ("left", "right"):
        (folder / f"tiny_{name}.yaml").write_text(PAIRED.format(name=name))
    (folder / "tiny_pairs.yaml").write_text(GROUP)
    return folder


def put(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
    path = root / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def _arc(split: str, i: int) -> dict[str, Any]:
    texts = [THINGS[i], "a stone", f"the wind of {THINGS[i]}", "rain"]
    return {
        "id": f"{split}{i}",
        "question": f"Which of these is {THINGS[i]}, number {i}?",
        "choices": {"text": texts, "label": ["A", "B", "C", "D"]},
        "answerKey": "ABCD"[i % 4],
    }


def _sum(split: str, i: int) -> dict[str, Any]:
    return {
        "question": f"{split}: Ann has {i} boxes of {THINGS[i]} and buys {i + 2} more. How many?",
        "answer": f"She has {i} and {i + 2}.\n#### {2 * i + 2}",
    }


def _pair(split: str, i: int) -> dict[str, Any]:
    return {"english": f"The {THINGS[i]} ({split})", "french": f"Le {THINGS[i + 1]} ({split})"}
