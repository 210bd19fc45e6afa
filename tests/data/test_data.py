import shutil
from pathlib import Path

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.benchmarks.gsm8k import GSM8K
from evaluator.benchmarks.mmlu import SUBJECTS
from evaluator.data import BUILTIN, Builtin, Mirror, Source, read_file, samples, select, source
from evaluator.data.checking import check
from evaluator.engine.task import Task
from evaluator.errors import DataError, UsageError
from evaluator.options.given import checked
from evaluator.options.settings import Settings
from evaluator.runs.plan import plan
from evaluator.types import Sample


def mirror(root: Path, text: str, name: str = "test.jsonl") -> Mirror:
    folder = root / "openai/gsm8k/main"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    return Mirror(root)


def exam(root: Path, *splits: str) -> Mirror:
    """MMLU's subjects with a row in each of the splits."""
    row = '{"question": "?", "choices": ["a", "b", "c", "d"], "answer": 1}\n'
    for subject in SUBJECTS:
        for split in splits:
            path = root / f"cais/mmlu/{subject}/{split}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(row)
    return Mirror(root)


def planned(root: Path) -> Task:
    (task,) = plan(Settings(benchmarks=["mmlu"], model="m", out=root, data_dir=root, shots=0))
    return task


def test_the_split_that_stands_in_for_another_is_named(tmp_path: Path) -> None:
    exam(tmp_path, "validation")
    task = planned(tmp_path)

    assert task.total == len(SUBJECTS)
    assert task.data.startswith("cais/mmlu validation, for want of test, via local mirror ")


def test_no_split_stands_in_for_one_that_is_there(tmp_path: Path) -> None:
    exam(tmp_path, "validation", "test")

    assert planned(tmp_path).data.startswith("cais/mmlu test via local mirror ")


def test_a_subject_without_the_split_that_others_have_is_a_hole(tmp_path: Path) -> None:
    exam(tmp_path, "validation", "test")
    (tmp_path / "cais/mmlu/virology/test.jsonl").unlink()

    with pytest.raises(DataError, match=r"'cais/mmlu' \(virology, test\) not found"):
        planned(tmp_path)


def test_a_mirror_without_either_split_is_told_of_the_right_one(tmp_path: Path) -> None:
    exam(tmp_path, "dev")

    with pytest.raises(DataError, match=r"test\.\(jsonl"):
        planned(tmp_path)


def load(source: Source) -> list[Sample]:
    return list(samples(GSM8K, source, 0))


def test_a_mirror_is_read_in_order_with_stable_ids(tmp_path: Path) -> None:
    rows = (
        '{"question": "one?", "answer": "#### 1"}\n\n{"question": "two?", "answer": "#### 2,000"}\n'
    )

    assert [(s.id, s.target) for s in load(mirror(tmp_path, rows))] == [("0", "1"), ("1", "2000")]


def test_csv_and_parquet_give_the_same_rows_as_jsonl(tmp_path: Path) -> None:
    from datasets import Dataset

    rows = [{"question": "a, b?", "answer": "#### 1"}]
    (tmp_path / "t.csv").write_text('question,answer\n"a, b?",#### 1\n', encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"question": "a, b?", "answer": "#### 1"}\n')
    Dataset.from_list(rows).to_parquet(tmp_path / "t.parquet")

    for suffix in ("csv", "jsonl", "parquet"):
        assert [row for _, row in read_file(tmp_path / f"t.{suffix}")] == rows


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"question": "a", "answer": "#### 1"}\n{"question": ', "test.jsonl:2: not valid JSON"),
        ('{"answer": "#### 1"}\n', "test.jsonl:1: no field 'question'; the row has answer"),
        ('{"question": "a", "answer": "none"}\n', "test.jsonl:1: not a row of gsm8k"),
        ('{"question": "a", "answer": 7}\n', "test.jsonl:1: not a row of gsm8k"),
        ("[1]\n", "test.jsonl:1: a row must be an object, got [1]"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(DataError) as raised:
        load(mirror(tmp_path, text))

    assert complaint in str(raised.value)


def test_a_missing_split_says_where_it_was_looked_for_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        load(Mirror(tmp_path))

    assert str(tmp_path / "openai/gsm8k/main" / "test.(jsonl|parquet|csv)") in str(raised.value)
    assert "--data builtin" in str(raised.value)


def test_a_mirror_that_lacks_a_subject_is_an_error_and_not_a_smaller_benchmark(
    tmp_path: Path,
) -> None:
    (tmp_path / "ceval/ceval-exam/law").mkdir(parents=True)

    with pytest.raises(DataError, match="computer_network"):
        list(samples(BENCHMARKS["ceval"], Mirror(tmp_path), 0))


def test_the_source_is_the_one_asked_for(tmp_path: Path) -> None:
    assert source(tmp_path).label == f"local mirror {tmp_path}"
    assert source(name="builtin").label.startswith("built-in samples")
    assert source(tmp_path, "hub").label == source().label == "Hugging Face hub"
    with pytest.raises(UsageError, match="no data folder"):
        source(tmp_path / "absent")


# Rows of those that do not have 30.
BUILT_IN = {
    "acebench": 38,
    "agieval": 32,
    "arena_hard": 8,
    "bfcl": 17,
    "ultratool": 4,
    "toolcall": 120,
    "aime24": 8,
    "aime25": 8,
    "alignbench": 16,
    "cfbench": 12,
    "followbench": 80,
    "humaneval": 5,
    "lawbench": 12,
    "mbpp": 5,
    "mtbench": 8,
}


@pytest.mark.parametrize("benchmark", BENCHMARKS.values(), ids=lambda b: b.name)
def test_the_built_in_samples_load_with_their_own_ids(benchmark) -> None:  # type: ignore[no-untyped-def]
    loaded = list(samples(benchmark, Builtin(), benchmark.shots))

    assert len(loaded) == len({sample.id for sample in loaded}) == BUILT_IN.get(benchmark.name, 30)


GROUPED = [Sample(f"{group}{i}", {}, group=group) for group in "abcde" for i in range(4)]


def test_a_limit_is_spread_evenly_over_groups_and_keeps_them_together() -> None:
    groups = [sample.group for sample in select(GROUPED, 12)]

    assert sorted(groups) == groups
    assert {groups.count(group) for group in "abcde"} == {2, 3}


def test_a_larger_limit_extends_a_smaller_one() -> None:
    for limit in range(1, 25):
        smaller = {sample.id for sample in select(GROUPED, limit)}
        larger = {sample.id for sample in select(GROUPED, limit + 1)}

        assert smaller <= larger
        assert len(smaller) == min(limit, 20)


def test_a_json_file_is_one_row_or_the_rows_of_its_example(tmp_path: Path) -> None:
    path = tmp_path / "2010_History_MCQs.json"
    path.write_text('{"keywords": "2010_History_MCQs", "example": [{"index": 0}, {"index": 1}]}')
    rows = list(read_file(path))
    path.write_text('{"专业能力": ["事实正确性"]}')
    whole = list(read_file(path))

    assert rows == [(f"{path} row 1", {"index": 0}), (f"{path} row 2", {"index": 1})]
    assert whole == [(str(path), {"专业能力": ["事实正确性"]})]


def test_samples_are_counted_where_they_are_not_one_a_row(tmp_path: Path) -> None:
    shutil.copytree(BUILTIN / "weitianwen/cmath", tmp_path / "weitianwen/cmath")
    found = check(BENCHMARKS["cmath"], Mirror(tmp_path))

    assert found.rows == {"validation": 18, "test": 12}
    assert "validation has 30 samples here, where 960 are expected" in " ".join(found.problems)


def test_a_copy_may_lack_an_optional_split_of_worked_examples(tmp_path: Path) -> None:
    source = BUILTIN / "TIGER-Lab/MMLU-Pro/default/test.jsonl"
    folder = tmp_path / "TIGER-Lab/MMLU-Pro/default"
    folder.mkdir(parents=True)
    shutil.copy(source, folder)
    lacking = check(BENCHMARKS["mmlu_pro"], Mirror(tmp_path)).problems
    (folder / "validation.jsonl").write_text("")
    empty = check(BENCHMARKS["mmlu_pro"], Mirror(tmp_path)).problems

    assert not any("validation" in problem for problem in lacking)
    assert "validation has 0 rows, where 70 are expected" in empty


@pytest.mark.parametrize("name", [name for name, b in BENCHMARKS.items() if b.kind != "code"])
def test_a_report_says_which_source_the_rows_are_from(name: str, tmp_path: Path) -> None:
    judge = {"judge_model": ["j"], "judge_base_url": ["http://h/v1"]}
    given = {"benchmarks": [name], "model": "m", "base_url": ["http://h/v1"], "out": tmp_path}
    (task,) = plan(checked({**given, **judge, "data": "builtin", "limit": 1}))

    assert task.origin
    own = "the benchmark itself" if name == "toolcall" else ""
    assert task.origin.source == (own or "built-in samples (not the real data set)")
    assert task.data.endswith(f"via {task.origin}")
