"""A data folder with as many GSM8K rows as are asked for, written here and about as long."""

from pathlib import Path

import orjson

NAMES = ("Ada", "Ben", "Chloe", "Dan", "Eva", "Finn", "Grace", "Hugo", "Ida", "Jonas", "Kira")
THINGS = ("pens", "apples", "stamps", "marbles", "tickets", "shells", "buttons", "coins", "cards")

EXAMPLES = 8  # rows of the split that worked examples are taken from


def mirror(folder: Path, rows: int) -> Path:
    """Writes the folder, with so many questions to ask, and returns it."""
    config = folder / "openai/gsm8k/main"
    config.mkdir(parents=True)
    for split, count in (("train", EXAMPLES), ("test", rows)):
        with (config / f"{split}.jsonl").open("wb") as file:
            for number in range(count):
                file.write(orjson.dumps(row(number), option=orjson.OPT_APPEND_NEWLINE))
    return folder


def row(number: int) -> dict[str, str]:
    """One question; no two are the same."""
    name, thing = NAMES[number % len(NAMES)], THINGS[number % len(THINGS)]
    boxes, each, given = 3 + number % 7, 12 + number % 31, 100 + number
    question = (
        f"{name} keeps {boxes} boxes on a shelf, and each of them holds {each} {thing}. On Monday "
        f"a neighbour brings {given} more {thing} in a bag, and {name} puts them with the others. "
        f"How many {thing} does {name} have on Monday evening, counting those in the boxes?"
    )
    held = boxes * each
    answer = (
        f"The boxes hold {boxes} * {each} = <<{boxes}*{each}={held}>>{held} {thing}.\n"
        f"With the bag, {name} has {held} + {given} = <<{held}+{given}={held + given}>>"
        f"{held + given} {thing}.\n#### {held + given}"
    )
    return {"question": question, "answer": answer}
