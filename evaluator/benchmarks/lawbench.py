"""LawBench 1-2 and 3-6: multiple choice from China's judicial examination, knowledge and cases.

Z. Fei, X. Shen, D. Zhu and others.  https://arxiv.org/abs/2309.16289

Two of its twenty tasks. Right by the original's measure: the letter of the right option stands in
the reply, and no other option's. A reply without any of them is an abstention: nothing was read.
"""

import re
from collections.abc import Iterator

from evaluator.extract.cleaning import strip_thinking
from evaluator.types import Ask, Benchmark, DataRow, Rows, Sample, Score

DATASET = "doolayer/LawBench"
TASKS = {"1-2": "1-2 knowledge questions", "3-6": "3-6 case analysis"}
LABELS = "ABCD"
_ANSWER = re.compile(r"正确答案[:：]([A-D])[。.]?")


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """500 questions of each task, whose instruction is part of the data."""
    for task, title in TASKS.items():
        for i, row in enumerate(rows(DATASET, task, "test")):
            prompt = f"{row['instruction']}\n{row['question']}"
            yield Sample(f"{task}/{i}", {"prompt": prompt}, _answer(row), title)


def _answer(row: DataRow) -> str:
    if not (found := _ANSWER.match(row["answer"])):
        raise ValueError(f"answer {row['answer']!r} names none of the letters A to D")
    return found[1]


async def solve(sample: Sample, ask: Ask) -> Score:
    """Gives the instruction and the question as they stand, and looks for letters in the reply."""
    prompt = sample.fields["prompt"]
    text = strip_thinking((await ask(prompt)).text, prompt)  # it asks for an <eoa>
    named = "".join(label for label in LABELS if label in text)
    return Score(float(named == sample.target), named or None)


LAWBENCH = Benchmark(
    name="lawbench",
    title="LawBench, tasks 1-2 and 3-6",
    kind="choice",
    topics=("law", "exam"),
    about="Chinese judicial examination",
    languages=("zh",),
    dataset=f"{DATASET} test",
    load=load,
    size=1000,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    paper="https://arxiv.org/abs/2309.16289",
    licence="Apache-2.0",
)
