"""MMLU-Pro and C3: their worked examples, their options and what a base model is given."""

from pathlib import Path

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Builtin, Mirror, samples
from evaluator.runs.plan import usual_shots
from evaluator.tasks.question import Question
from evaluator.types import Sample


def loaded(name: str, shots: int = 0) -> list[Sample]:
    return list(samples(BENCHMARKS[name], Builtin(), shots))


def test_worked_examples_of_mmlu_pro_are_of_the_subject_and_reason_first() -> None:
    sample = next(s for s in loaded("mmlu_pro", 5) if s.group == "physics")
    text = str(Question("mmlu_pro", sample.fields))

    assert "volt" in text
    assert "exclusive or" not in text
    assert "\n\n5 * 4" not in text
    assert "Work is force times distance, 5 * 4 = 20.\nAnswer: B\n" in text
    assert "step by step. Force" not in text
    assert "The answer is (" not in text
    turns = Question("mmlu_pro", sample.fields).turns()
    assert turns[1]["content"].endswith("newton.\nAnswer: C")
    assert len(turns) == 11
    assert all(turn["content"].count("Question: ") == 1 for turn in turns[::2])


def test_letters_alone_and_base_models_are_shown_no_reasoning() -> None:
    sample = next(s for s in loaded("mmlu_pro", 5) if s.group == "physics")
    letter = Question("mmlu_pro", sample.fields, "letter")

    for text in (str(letter), letter.plain()):
        assert "Work is force" not in text
        assert text.count("\nAnswer: ") == 5
        assert text.endswith("\nAnswer:")
    assert [turn["content"] for turn in letter.turns()[1::2]] == ["C", "C", "B", "D", "B"]


def test_mmlu_pro_shows_no_examples_where_a_mirror_has_none(tmp_path: Path) -> None:
    benchmark = BENCHMARKS["mmlu_pro"]
    folder = tmp_path / "TIGER-Lab/MMLU-Pro/default"
    folder.mkdir(parents=True)
    (folder / "test.jsonl").write_text("")

    assert usual_shots(benchmark, Mirror(tmp_path)) == 0
    (folder / "validation.jsonl").write_text("")
    assert usual_shots(benchmark, Mirror(tmp_path)) == 5


@pytest.mark.parametrize("form", ["question", "letter"])
def test_a_question_of_c3_comes_after_its_text(form: str) -> None:
    dialogue = next(s for s in loaded("c3", 2) if s.group == "dialogue")
    text = str(Question("c3", dialogue.fields, form))

    assert text.index("男：你的新工作怎么样？\n女：") < text.index(dialogue.fields["question"])
    assert text.count("材料：") == 3


def test_documents_of_c3_with_several_questions_have_an_id_for_each() -> None:
    ids = [sample.id for sample in loaded("c3")]

    assert ids[:2] == ["m-1/1", "m-1/2"]
    assert len(set(ids)) == 30


def test_a_statement_of_c3_has_two_options() -> None:
    statement = next(s for s in loaded("c3") if len(s.fields["options"]) == 2)

    assert statement.fields["option_lines"] == "A. 正确\nB. 错误"
    assert Question("c3", statement.fields).plain().endswith("B. 错误\n答案：")
