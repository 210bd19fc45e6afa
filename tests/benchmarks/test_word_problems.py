"""CMATH and MGSM: what is asked in which language, and how their rows become samples."""

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Builtin, samples
from evaluator.tasks.question import Question
from evaluator.types import Sample


def loaded(name: str, shots: int = 0) -> list[Sample]:
    return list(samples(BENCHMARKS[name], Builtin(), shots))


def test_the_two_languages_of_mgsm_have_the_same_answers() -> None:
    by_language = {
        language: {s.id.partition("/")[2]: s.target for s in loaded("mgsm") if s.group == language}
        for language in ("zh", "en")
    }

    assert by_language["zh"] == by_language["en"]
    assert len(by_language["zh"]) == 15


def test_a_problem_of_mgsm_is_asked_in_its_own_language() -> None:
    zh, en = (next(s for s in loaded("mgsm") if s.group == g) for g in ("zh", "en"))

    assert str(Question("mgsm", zh.fields)).endswith("答案：<数>")
    assert str(Question("mgsm", en.fields)).endswith("Answer: <number>")
    assert "题目" not in str(Question("mgsm", en.fields))


def test_worked_examples_of_mgsm_are_put_without_the_labels_of_the_data() -> None:
    zh, en = (next(s for s in loaded("mgsm", 2) if s.group == g) for g in ("zh", "en"))
    shown = str(Question("mgsm", en.fields)), str(Question("mgsm", zh.fields))

    for text, label, result in zip(
        shown, ("Step-by-Step", "逐步解答"), ("The answer is", "答案是"), strict=True
    ):
        assert label not in text
        assert result not in text
    assert "Question: Question:" not in shown[0]
    assert shown[0].count("\nAnswer: ") == 3
    assert shown[1].count("\n答案：") == 3
    turns = Question("mgsm", zh.fields).turns()
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2 + ["user"]
    assert turns[1]["content"].endswith("\n答案：10")
    assert "Question" not in Question("mgsm", zh.fields).plain()


def test_cmath_has_its_grades_and_its_distractors_apart() -> None:
    categories = BENCHMARKS["cmath"].categories
    groups = [categories[sample.group] for sample in loaded("cmath")]

    assert (groups.count("Grades"), groups.count("Distractors")) == (18, 12)
    assert Question("cmath", loaded("cmath")[0].fields).plain().endswith("\n\n解答：")
