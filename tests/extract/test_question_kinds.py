"""What a question asks for, and that the benchmarks hand it to the reader of the reply."""

from typing import Any

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import samples
from evaluator.extract.question_kinds import question_kind
from tests.benchmarks.test_benchmarks import Rows, scored


@pytest.mark.parametrize(
    ("question", "false", "exception"),
    [
        ("下列关于植物的描述，错误的是____。", True, True),
        ("关于光的说法中，不正确的⼀项是( )", True, True),
        ("下列说法有误的是", True, True),
        ("以下哪项是不正确的？", True, True),
        ("下列物质中，不属于单质的是", False, True),
        ("下列各项中，除____外都是哺乳动物。", False, True),
        ("下列词语中没有错别字的一项是", False, True),
        ("该论证所犯的逻辑错误是", False, False),
        ("他不知道错误在哪里。下列说法正确的是", False, False),
        ("下列关于植物的描述，正确的是", False, False),
        ("Which of the following statements is NOT true?", True, True),
        ("All of the following are true EXCEPT", True, True),
        ("Identify the incorrect statement.", True, True),
        ("Which of these is false?", True, True),
        ("Which of these is not a mammal?", False, True),
        ("She sues him for false imprisonment. What will she get?", False, False),
        ("It is wrong to think that plants", False, False),
        ("Is it true or false that plants need light?", False, False),
        ("Which of these is a mammal?", False, False),
        ("", False, False),
    ],
)
def test_questions_for_the_false_statement_and_the_exception(
    question: str, false: bool, exception: bool
) -> None:
    kind = question_kind(question)

    assert (kind.false, kind.exception) == (false, exception)


def row(question: str, answer: str) -> dict[str, Any]:
    options = {"A": "甲", "B": "乙", "C": "丙", "D": "丁"}
    return {
        **{"id": 0, "question": question, "answer": answer, **options},
        **{"Question": question, "Answer": answer, "choices": list(options.values())},
    }


@pytest.mark.parametrize("name", ["ceval", "cmmlu"])
@pytest.mark.parametrize(
    ("question", "reply", "value"),
    [
        ("下列说法错误的是", "故错误的一项是A。", 1.0),
        ("下列说法错误的是", "B项描述正确；A项描述错误。", 1.0),
        ("下列说法正确的是", "错误的是A。", 0.0),
        ("下列说法正确的是", "B项错误，C项错误，D项错误，A项正确。", 1.0),
    ],
)
def test_the_reader_is_told_what_is_asked(
    name: str, question: str, reply: str, value: float
) -> None:
    benchmark = BENCHMARKS[name]
    sample = next(iter(samples(benchmark, Rows(row(question, "A")), 0)))

    assert scored(benchmark, sample, reply).value == value


INPUT = "If you follow these instructions, do you return to the starting point? Take 3 steps."


@pytest.mark.parametrize(
    ("task", "question", "target", "reply", "answer"),
    [
        ("navigate", INPUT, "No", "So you do **not** return to the starting point.", "no"),
        ("navigate", INPUT, "Yes", "Net 0. So you return to the starting point.", "yes"),
        ("navigate", INPUT, "Yes", "You end up 3 steps away.", None),
        ("web_of_lies", "Does Ben tell the truth?", "No", "So Ben doesn't tell the truth.", "no"),
        ("formal_fallacies", "?", "invalid", "Answer: invalid. A valid one needs more.", "invalid"),
        ("formal_fallacies", "?", "valid", "Answer: valid. It is not invalid.", "valid"),
        ("formal_fallacies", "?", "invalid", "Invalid. Valid ones differ.", "invalid"),
        ("formal_fallacies", "?", "invalid", "It is not a valid argument, so: invalid", "invalid"),
    ],
)
def test_bbh_reads_a_reply_by_its_question(
    task: str, question: str, target: str, reply: str, answer: str | None
) -> None:
    benchmark = BENCHMARKS["bbh"]
    rows = Rows({"input": question, "target": target})
    sample = next(each for each in samples(benchmark, rows, 0) if each.group == task)

    assert scored(benchmark, sample, reply).answer == answer
