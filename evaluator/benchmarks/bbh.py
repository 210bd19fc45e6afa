"""BIG-Bench Hard: 27 reasoning tasks with answers of seven shapes.  https://arxiv.org/abs/2210.09261

Asked without the paper's three worked examples, which are no part of the data set.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evaluator.extract.choices import choice
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.numbers import number
from evaluator.extract.sequences import brackets, in_order, spaced_brackets, words_in_order
from evaluator.extract.short_answer import short_answer
from evaluator.extract.text import Reading
from evaluator.extract.yes_no import yes_no
from evaluator.prompts import render
from evaluator.tasks.grading import graded
from evaluator.types import Ask, Benchmark, Rows, Sample, Score

DATASET = "lukaemon/bbh"
_OPTION = re.compile(r"^\(([A-Z])\) ?(.*)$", re.MULTILINE)
_VALIDITY = re.compile(r"\b(?P<not>not (?:\w+ly )?)?(?P<in>in)?valid\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a task's answers: how it is asked for, read, and spelt as a target."""

    form: str
    read: Callable[[str, Sample], Reading]
    target: Callable[[str], str] = str.lower


def _letter(text: str, sample: Sample) -> Reading:
    if sample.target not in sample.fields["labels"]:  # three targets are the words of an option
        return _respelt(short_answer(text), str.lower)
    fields = sample.fields
    return choice(text, fields["labels"], fields["options"], fields["input"])


def _either(yes: str, no: str) -> Callable[[str, Sample], Reading]:
    words = {"yes": yes, "no": no}
    return lambda text, sample: _respelt(yes_no(text, sample.fields["input"]), words.get)


def _validity(text: str, sample: Sample) -> Reading:
    """The last mention counts: a reply that quotes the question names both words first.

    An answer that begins with one of them may go on with the other.
    """
    answer = short_answer(text)
    stated = answer.tolerant or strip_thinking(text)
    first = _VALIDITY.match(stated)
    mentions = [first] if first else list(_VALIDITY.finditer(stated))
    if not mentions:
        return Reading(None, None)
    last = mentions[-1]
    valid = "invalid" if bool(last["not"]) != bool(last["in"]) else "valid"
    strict = (answer.strict or "").rstrip(".").lower()
    return Reading(valid, strict if strict in ("valid", "invalid") else None)


def _words(text: str, sample: Sample) -> Reading:
    return words_in_order(text, in_order(sample.fields["input"].rpartition("List:")[2]).split())


def _respelt(reading: Reading, spell: Callable[[str], str | None]) -> Reading:
    return Reading(*(spell(a) if a else None for a in (reading.tolerant, reading.strict)))


def _letter_of(target: str) -> str:
    return target[1] if re.fullmatch(r"\([A-Z]\)", target) else target.lower()


LETTER = Shape("the letter of the right option", _letter, _letter_of)
TRUTH = Shape("True or False", _either("true", "false"))
YES_NO = Shape("Yes or No", _either("yes", "no"))
VALIDITY = Shape("valid or invalid", _validity)
NUMBER = Shape("a plain number", lambda text, sample: number(text))
WORDS = Shape("the words in order with a space between them", _words, in_order)
CLOSING = Shape(
    "the missing brackets with a space between them",
    lambda text, sample: brackets(text),
    spaced_brackets,
)
ALGORITHMIC = {
    "boolean_expressions": TRUTH,
    "dyck_languages": CLOSING,
    "geometric_shapes": LETTER,
    "logical_deduction_five_objects": LETTER,
    "logical_deduction_seven_objects": LETTER,
    "logical_deduction_three_objects": LETTER,
    "multistep_arithmetic_two": NUMBER,
    "navigate": YES_NO,
    "object_counting": NUMBER,
    "temporal_sequences": LETTER,
    "tracking_shuffled_objects_five_objects": LETTER,
    "tracking_shuffled_objects_seven_objects": LETTER,
    "tracking_shuffled_objects_three_objects": LETTER,
    "web_of_lies": YES_NO,
    "word_sorting": WORDS,
}
LANGUAGE = {
    "causal_judgement": YES_NO,
    "date_understanding": LETTER,
    "disambiguation_qa": LETTER,
    "formal_fallacies": VALIDITY,
    "hyperbaton": LETTER,
    "movie_recommendation": LETTER,
    "penguins_in_a_table": LETTER,
    "reasoning_about_colored_objects": LETTER,
    "ruin_names": LETTER,
    "salient_translation_error_detection": LETTER,
    "snarks": LETTER,
    "sports_understanding": YES_NO,
}
TASKS = ALGORITHMIC | LANGUAGE


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """6,511 questions: 250 of nearly every task."""
    for task, shape in TASKS.items():
        for i, row in enumerate(rows(DATASET, task, "test")):
            options = dict(_OPTION.findall(row["input"]))
            fields = {"input": row["input"], "form": shape.form}
            fields |= {"labels": list(options), "options": list(options.values())}
            yield Sample(f"{task}/{i}", fields, shape.target(row["target"]), task)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the answer on a last line, in the task's own shape."""
    text = (await ask(render("bbh/question", **sample.fields))).text
    return graded(TASKS[sample.group].read(text, sample), sample.target, text)


BBH = Benchmark(
    name="bbh",
    title="BIG-Bench Hard",
    topics=("logic",),
    about="27 reasoning tasks",
    dataset="lukaemon/bbh test",
    load=load,
    size=6511,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 1024},
    categories={task: "Algorithmic" for task in ALGORITHMIC}
    | {task: "Natural language" for task in LANGUAGE},
    paper="https://arxiv.org/abs/2210.09261",
    licence="MIT",
)
