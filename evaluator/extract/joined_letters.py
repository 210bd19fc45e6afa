"""Option letters that stand together, as in `AC`, `A、C` or `(A) and (C)`: one statement."""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Letters:
    """The patterns of one set of labels."""

    together: re.Pattern[str]  # letters that are one statement
    line: re.Pattern[str]  # a line that leads with one


@lru_cache(maxsize=64)
def letters_of(labels: tuple[str, ...]) -> Letters:
    one = f"[{''.join(labels)}]"
    bare = rf"(?:[(\[\"'【「<]{{1,2}}{one}[)\]\"'】」>]{{1,2}}|{one})"
    item = rf"(?:(?:option|statement|choice) |选项\s?)?{bare}"
    item += r"(?:\s?选?项(?!\w?[目数])(?=\s?[,、和与及]))?"
    joined = (
        r"(?:\s?[,、/&+]\s?(?:(?:and|also|as well as) |还有|[和与及]|以及)?"
        r"|\s(?:and|as well as|plus)\s(?:also )?|\s?(?:[和与及]|以及|还有)\s?|[ ]{1,2}|)"
    )
    ends = r"(?![A-Za-z0-9_^]|'[a-z]|\s?[-~至到=<>]\s?[A-Z0-9(]|\s?[=<>])"
    together = rf"(?<![A-Za-z0-9_\\^-]){item}(?:{joined}{item}){{0,9}}{ends}"
    return Letters(
        re.compile(together),
        re.compile(
            rf"[^\w\n]{{0,6}}(?:(?:option|choice) |选项 ?)?({one})(?:[.:、,)\]]|\s|选?项|$)"
        ),
    )


def chosen_of(letters: str, labels: tuple[str, ...]) -> str | None:
    """The labels among the letters, in order; None where one is there twice, or is no label."""
    found = [letter for letter in letters if letter.isalpha()]
    if not found or len(set(found)) < len(found) or not set(found) <= set(labels):
        return None
    return "".join(sorted(found, key=labels.index))


def alone(text: str, labels: tuple[str, ...]) -> str | None:
    """The labels of a text that holds nothing else."""
    found = letters_of(labels).together.fullmatch(text.strip(" .*"))
    return chosen_of(capitals(found[0]), labels) if found else None


def capitals(statement: str) -> str:
    """The letters of a statement, without the words that join them."""
    return "".join(re.findall(r"(?<![A-Za-z])[A-Z]+(?![a-z])", statement))
