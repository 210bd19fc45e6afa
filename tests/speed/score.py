"""100,000 recorded replies scored without a server, from start to exit: numbers and choices."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from .mirror import mirror
from .mirror import row as gsm8k_row
from .runs import EVALUATOR, finished
from .table import Row, Target

REPLIES = 100_000
MOST_SECONDS = 20
STEPS = " ".join(f"Step {i}: we look at what we have so far, which is {i}." for i in range(1, 9))
NUMBERS = (
    "#### {}",
    "Answer: {}",
    "So the final answer is **{}** pens.",
    "答案：{}",
    "\\boxed{{{}}}",
)
WORDS = ("zero", "one", "two", "three")
CHOICES = ("Answer: {}", "So the correct option is **{}**.", "故选{}。", "The answer is ({}).")


def measure(folder: Path) -> Iterator[Row]:
    """A free-text benchmark and a file of one's own; replies end in every usual way."""
    target = Target("ours", "<=", MOST_SECONDS)
    data, out = mirror(folder / "data", REPLIES), folder / "scored"
    for name, replies, more in (
        ("gsm8k", numbers(folder / "numbers.jsonl"), ["--data-dir", str(data)]),
        (f"mcq:{questions(folder / 'mcq.jsonl')}", choices(folder / "choices.jsonl"), []),
    ):
        kind = name.partition(":")[0]
        words = [EVALUATOR, "score", name, "--responses", str(replies), "--out", f"{out}-{kind}"]
        ended = finished([*words, *more])
        note = f"{REPLIES:,} replies, {ended.cpu:.1f} s of CPU, {ended.memory:.0f} MB"
        yield Row(f"score, {kind}", ended.seconds, "s", target=target, note=note)


def numbers(path: Path) -> Path:
    """Replies to the mirror's questions, every third of them wrong."""
    with path.open("wb") as file:
        for i in range(REPLIES):
            right = gsm8k_row(i)["answer"].rpartition(" ")[2]
            said = NUMBERS[i % len(NUMBERS)].format(int(right) + (i % 3 == 0))
            line = {"id": i, "response": f"{STEPS}\n\n{said}"}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return path


def questions(path: Path) -> Path:
    """Questions with four options."""
    with path.open("wb") as file:
        for i in range(REPLIES):
            question = f"Which of these is number {i % 4}, in line {i}?"
            row = {"question": question, "answer": "ABCD"[i % 4]}
            row |= {letter: f"{word} {i}" for letter, word in zip("ABCD", WORDS, strict=True)}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return path


def choices(path: Path) -> Path:
    """Replies to these, three quarters of them wrong."""
    with path.open("wb") as file:
        for i in range(REPLIES):
            said = CHOICES[i % len(CHOICES)].format("ABCD"[i // 4 % 4])
            line = {"id": i, "response": f"{STEPS}\n\n{said}"}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return path
