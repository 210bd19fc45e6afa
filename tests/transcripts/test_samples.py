"""The built-in sample rows: the shape of the real data sets, and answers that hold together."""

import ast
import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import evaluator

SAMPLES = Path(evaluator.__file__).parent / "samples"
Row = dict[str, Any]

GSM8K, ARC, CEVAL = "openai/gsm8k", "allenai/ai2_arc", "ceval/ceval-exam"
CMMLU, MMLU, MATH = "haonan-li/cmmlu", "cais/mmlu", "HuggingFaceH4/MATH-500"
BBH, IFEVAL, ALIGN = "lukaemon/bbh", "google/IFEval", "THUDM/AlignBench"
ELSEWHERE = {  # looked at in tests/benchmarks and tests/agents: rows of other shapes
    *(
        "mt_bench",
        "toolcall",
        "ACEBench",
        "acebench",
        "UltraTool",
        "Berkeley-Function-Calling-Leaderboard",
        "FollowBench",
        "arena-hard-auto",
        "mbpp",
    ),
}

# data set -> built-in rows of each split over all configs; where configs or types of fields differ
UNEVEN: dict[str, dict[str, int]] = {
    "HuggingFaceH4/aime_2024": {"train": 8},
    "OpenLMLab/GAOKAO-Bench": {"test": 27},
    "PKU-Baichuan-MLSystemLab/CFBench": {"test": 12},
    "OpenStellarTeam/Chinese-SimpleQA": {"train": 30},
    "TIGER-Lab/MMLU-Pro": {"test": 30, "validation": 50},
    "clue/clue": {"train": 5, "validation": 30},
    "doolayer/LawBench": {"test": 12},
    "juletxara/mgsm": {"test": 30, "train": 10},
    "math-ai/aime25": {"test": 8},
    "openai/openai_humaneval": {"test": 5},
    "ruixiangcui/AGIEval": {"test": 32},
    "weitianwen/cmath": {"validation": 18, "test": 12},
}
# data set -> number of configs, rows of each split in every config, fields
SHAPES: dict[str, tuple[int, dict[str, int], dict[str, type]]] = {
    GSM8K: (1, {"test": 30, "train": 8}, {"question": str, "answer": str}),
    ARC: (
        2,
        {"test": 15, "validation": 5},
        {"id": str, "question": str, "choices": dict, "answerKey": str},
    ),
    CEVAL: (
        10,
        {"val": 3, "dev": 5},
        {"id": int, "question": str}
        | dict.fromkeys("ABCD", str)
        | {"answer": str, "explanation": str},
    ),
    CMMLU: (
        10,
        {"test": 3, "dev": 5},
        {"Question": str} | dict.fromkeys("ABCD", str) | {"Answer": str},
    ),
    MMLU: (
        10,
        {"test": 3, "dev": 5},
        {"question": str, "subject": str, "choices": list, "answer": int},
    ),
    MATH: (
        1,
        {"test": 30},
        {
            "problem": str,
            "solution": str,
            "answer": str,
            "subject": str,
            "level": int,
            "unique_id": str,
        },
    ),
    BBH: (10, {"test": 3}, {"input": str, "target": str}),
    IFEVAL: (
        1,
        {"train": 30},
        {"key": int, "prompt": str, "instruction_id_list": list, "kwargs": list},
    ),
    ALIGN: (
        1,
        {"test": 16},
        {
            "question_id": int,
            "category": str,
            "subcategory": str,
            "question": str,
            "reference": str,
            "evidences": list,
        },
    ),
}

RELATIONS = {"at least", "less than"}
INSTRUCTIONS: dict[str, dict[str, type]] = {
    "change_case:capital_word_frequency": {"capital_relation": str, "capital_frequency": int},
    "change_case:english_capital": {},
    "change_case:english_lowercase": {},
    "combination:repeat_prompt": {"prompt_to_repeat": str},
    "combination:two_responses": {},
    "detectable_content:number_placeholders": {"num_placeholders": int},
    "detectable_content:postscript": {"postscript_marker": str},
    "detectable_format:constrained_response": {},
    "detectable_format:json_format": {},
    "detectable_format:multiple_sections": {"section_spliter": str, "num_sections": int},
    "detectable_format:number_bullet_lists": {"num_bullets": int},
    "detectable_format:number_highlighted_sections": {"num_highlights": int},
    "detectable_format:title": {},
    "keywords:existence": {"keywords": list},
    "keywords:forbidden_words": {"forbidden_words": list},
    "keywords:frequency": {"relation": str, "keyword": str, "frequency": int},
    "keywords:letter_frequency": {"let_relation": str, "letter": str, "let_frequency": int},
    "language:response_language": {"language": str},
    "length_constraints:nth_paragraph_first_word": {
        "first_word": str,
        "num_paragraphs": int,
        "nth_paragraph": int,
    },
    "length_constraints:number_paragraphs": {"num_paragraphs": int},
    "length_constraints:number_sentences": {"relation": str, "num_sentences": int},
    "length_constraints:number_words": {"relation": str, "num_words": int},
    "punctuation:no_comma": {},
    "startend:end_checker": {"end_phrase": str},
    "startend:quotation": {},
}

CATEGORIES = {
    "基本任务": {"常识知识", "阅读理解", "翻译", "文本分类", "信息抽取"},
    "中文理解": {"字词理解", "文化理解"},
    "综合问答": {"观点表达", "寻求建议"},
    "文本写作": {"实用文体写作", "创意文体写作", "专业文体写作", "其他写作类"},
    "逻辑推理": {"证明", "推理"},
    "数学计算": {"初等数学", "高等数学", "应用数学"},
    "角色扮演": {
        "现实生活类",
        "游戏娱乐类",
        "功能类",
        "现实名人类",
        "（虚拟）恋爱类",
        "其他写作类",
    },
    "专业能力": {"物理", "化学", "计算机", "生物医学", "经济", "天文", "历史", "音乐", "法律"}
    | {"体育", "地理", "文学", "其他"},
}


def parsed(file: Path) -> list[Row]:
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n") and "\\u" not in text  # unescaped
    return [json.loads(line) for line in text.splitlines()]


ROWS: dict[tuple[str, str, str], list[Row]] = {
    ("/".join(file.relative_to(SAMPLES).parts[:2]), file.parent.name, file.stem): parsed(file)
    for file in sorted(SAMPLES.rglob("*.jsonl"))
    if file.parts[-3] not in ELSEWHERE
}


def rows(dataset: str) -> list[Row]:
    return [row for (name, _, _), found in ROWS.items() if name == dataset for row in found]


def options(row: Row) -> tuple[list[str], int]:
    """The options of a row of any multiple-choice data set and the place of the right one."""
    match row:
        case {"choices": dict(choices), "answerKey": key}:
            return choices["text"], choices["label"].index(key)
        case {"choices": list(choices), "answer": int(place)}:
            return choices, place
        case _:
            letter = row["Answer"] if "Answer" in row else row["answer"]
            return [row[name] for name in "ABCD"], "ABCD".index(letter)


def value(expression: str) -> Fraction:
    """The exact value of a sum written with numbers, + - * / and brackets."""

    def walk(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int() | float() as number):
                return Fraction(str(number))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -walk(operand)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return walk(left) + walk(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return walk(left) - walk(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return walk(left) * walk(right)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return walk(left) / walk(right)
        raise ValueError(f"not a sum: {expression}")

    return walk(ast.parse(expression.strip(), mode="eval").body)


def bbh(task: str) -> list[tuple[str, str]]:
    return [(row["input"], row["target"]) for row in ROWS[BBH, task, "test"]]


# every data set


def test_nothing_but_the_data_sets() -> None:
    assert {dataset for dataset, _, _ in ROWS} == {*SHAPES, *UNEVEN}
    assert all(file.suffix == ".jsonl" for file in SAMPLES.rglob("*") if file.is_file())


@pytest.mark.parametrize("dataset", SHAPES)
def test_counts_and_fields(dataset: str) -> None:
    configs, splits, fields = SHAPES[dataset]
    found = {key: len(value) for key, value in ROWS.items() if key[0] == dataset}
    names = {config for _, config, _ in found}
    assert len(names) == configs
    assert found == {(dataset, name, split): n for name in names for split, n in splits.items()}
    for row in rows(dataset):
        assert {name: type(field) for name, field in row.items()} == fields
        assert list(row) == list(fields)
        texts = {name: text for name, text in row.items() if type(text) is str}
        assert [name for name, text in texts.items() if not text.strip()] in ([], ["explanation"])
        assert all(text == text.strip() for text in texts.values())


@pytest.mark.parametrize("dataset", UNEVEN)
def test_counts_and_names_of_fields(dataset: str) -> None:
    found: Counter[str] = Counter()
    for (of, config, split), lines in ROWS.items():
        if of == dataset:
            found[split] += len(lines)
            assert len({tuple(row) for row in lines}) == 1, (config, split)

    assert found == UNEVEN[dataset]


def test_no_question_twice() -> None:
    names = ("question", "Question", "problem", "prompt", "input")
    questions = [
        " ".join(next(row[name] for name in names if name in row).lower().split())
        for found in ROWS.values()
        for row in found
    ]
    assert [text for text, n in Counter(questions).items() if n > 1] == []


@pytest.mark.parametrize(
    ("dataset", "name"), [(ARC, "id"), (MATH, "unique_id"), (IFEVAL, "key"), (ALIGN, "question_id")]
)
def test_ids_are_unique(dataset: str, name: str) -> None:
    ids = [row[name] for row in rows(dataset)]
    assert len(set(ids)) == len(ids)


# multiple choice


@pytest.mark.parametrize("dataset", [ARC, CEVAL, CMMLU, MMLU])
def test_options(dataset: str) -> None:
    places: dict[str, Counter[int]] = {split: Counter() for split in SHAPES[dataset][1]}
    for (name, _, split), found in ROWS.items():
        for row in found if name == dataset else ():
            texts, place = options(row)
            assert 0 <= place < len(texts) == len(set(texts)), row
            assert all(type(text) is str and text.strip() == text != "" for text in texts), row
            assert dataset == ARC or len(texts) == 4
            places[split][place] += 1
    for count in places.values():
        assert max(count.values()) <= 0.4 * count.total(), places
        assert min(count[i] for i in range(4)) >= 0.15 * count.total(), places


@pytest.mark.parametrize("config", ["ARC-Challenge", "ARC-Easy"])
def test_arc_labels(config: str) -> None:
    labels = Counter("".join(row["choices"]["label"]) for row in ROWS[ARC, config, "test"])
    assert labels == {"ABCD": 11, "ABC": 1, "ABCDE": 1, "1234": 2}
    assert {"".join(row["choices"]["label"]) for row in ROWS[ARC, config, "validation"]} == {"ABCD"}


def test_ceval_rows() -> None:
    for (dataset, _, split), found in ROWS.items():
        if dataset == CEVAL:
            assert [row["id"] for row in found] == list(range(len(found)))
            assert all(row["question"].count("____") == 1 for row in found)
            assert all(bool(row["explanation"]) == (split == "dev") for row in found)


def test_mmlu_subjects() -> None:
    for (dataset, config, _), found in ROWS.items():
        assert dataset != MMLU or {row["subject"] for row in found} == {config}


# the others


def test_gsm8k_steps() -> None:
    for row in rows(GSM8K):
        marks = re.findall(r"<<([^<>=]+)=([^<>=]+)>>([\d.,]*\d)", row["answer"])
        assert len(marks) == row["answer"].count("<<") > 0
        for expression, result, shown in marks:
            assert value(expression) == Fraction(result) == Fraction(shown.replace(",", "")), row
        head, mark, gold = row["answer"].rpartition("\n#### ")
        assert head and mark and re.fullmatch(r"\d{1,3}(,\d{3})*", gold), row
        assert Fraction(gold.replace(",", "")) == Fraction(marks[-1][1]), row


def test_gsm8k_golds_vary() -> None:
    assert sum("," in row["answer"].rpartition("#### ")[2] for row in rows(GSM8K)) >= 2


def test_math_rows() -> None:
    for row in rows(MATH):
        assert row["solution"].count("\\boxed{" + row["answer"] + "}") == 1, row
        assert row["solution"].count("$") % 2 == row["problem"].count("$") % 2 == 0, row
        folder = row["subject"].lower().replace("&", "and").replace(" ", "_")
        assert re.fullmatch(rf"test/{folder}/sample_\d\d\.json", row["unique_id"])
    assert {row["level"] for row in rows(MATH)} == {1, 2, 3, 4, 5}
    assert len({row["subject"] for row in rows(MATH)}) == 7


def test_bbh_options() -> None:
    letters: Counter[str] = Counter()
    for row in rows(BBH):
        _, _, listed = row["input"].partition("\nOptions:\n")
        choices = [line.removeprefix("- ").strip() for line in listed.splitlines()]
        if listed.startswith("("):
            choices = [line[:3] for line in choices]
            assert choices == [f"({letter})" for letter in "ABCDEF"[: len(choices)]]
            letters[row["target"]] += 1
        assert not listed or row["target"] in choices, row
    assert letters.total() == 6 and max(letters.values()) <= 0.4 * letters.total()


def test_bbh_targets_that_can_be_computed() -> None:
    for text, target in bbh("multistep_arithmetic_two"):
        assert value(text.removesuffix("=")) == int(target)
    for text, target in bbh("word_sorting"):
        words = text.partition("List: ")[2].split()
        assert sorted(words) == target.split() != words
    for text, target in bbh("boolean_expressions"):
        tokens = set(text.removesuffix(" is").split())
        assert tokens <= {"True", "False", "not", "and", "or", "(", ")"}
        assert str(eval(text.removesuffix(" is"))) == target
    for text, target in bbh("dyck_languages"):
        sequence = f"{text.partition('Input: ')[2]} {target}".replace(" ", "")
        while (shorter := re.sub(r"\(\)|\[\]|\{\}|<>", "", sequence)) != sequence:
            sequence = shorter
        assert sequence == "", text


def test_ifeval_instructions() -> None:
    used: set[str] = set()
    for row in rows(IFEVAL):
        names, arguments = row["instruction_id_list"], row["kwargs"]
        assert len(names) == len(set(names)) == len(arguments) > 0
        used.update(names)
        for name, given in zip(names, arguments, strict=True):
            assert {key: type(argument) for key, argument in given.items()} == INSTRUCTIONS[name]
            for key, argument in given.items():
                check_argument(row["prompt"], key, argument)
    assert used == set(INSTRUCTIONS)


def check_argument(prompt: str, key: str, argument: Any) -> None:
    """The prompt says what the argument says."""
    if key.endswith("relation"):
        assert argument in RELATIONS
        told = "at least" if argument == "at least" else "fewer than"
        assert told in prompt.lower(), prompt
    elif key == "language":
        assert {"es": "Spanish", "de": "German"}[argument] in prompt
    elif key == "prompt_to_repeat":
        assert prompt.startswith(argument + "\n\n")
    else:
        listed = argument if isinstance(argument, list) else [argument]
        assert listed and all(re.search(rf"(?<!\w){re.escape(str(x))}", prompt) for x in listed)


def test_alignbench_categories() -> None:
    found = rows(ALIGN)
    for row in found:
        assert row["subcategory"] in CATEGORIES[row["category"]], row
        assert 50 <= len(row["reference"]) <= 300, row
        assert row["evidences"] == []
    assert {row["category"] for row in found} == set(CATEGORIES)
