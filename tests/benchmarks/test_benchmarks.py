import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS, benchmark
from evaluator.benchmarks.bbh import TASKS
from evaluator.benchmarks.ifeval.benchmark import loosened
from evaluator.benchmarks.ifeval.checks import CHECKS, capital_words, sentences
from evaluator.data import Builtin, Mirror, Source, samples
from evaluator.errors import DataError, Unjudged, UsageError
from evaluator.extract.numerals import canonical_number
from evaluator.judging.judged import judged_solve
from evaluator.options.settings import Settings
from evaluator.runs.plan import check_examples, usual_shots
from evaluator.types import Ask, Benchmark, Message, Response, Sample, Score

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
BARE = {"acebench", "bfcl"}  # a reply is to be calls, and nothing before them
CODE = {name for name, each in BENCHMARKS.items() if each.kind == "code"}  # test_code
ANY = {"arena_hard", "lawbench"}  # any reply, or any letter in it, counts
JUDGED = {name for name, each in BENCHMARKS.items() if judged_solve(each)}
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")


def replying(text: str) -> Ask:
    async def ask(
        messages: str | list[Message], role: str = "model", schema: Any = None, **params: Any
    ) -> Response:
        return Response("key", text)

    return ask


def scored(benchmark: Benchmark, sample: Sample, reply: str) -> Score:
    async def solve() -> Score:
        return await benchmark.solve(sample, replying(reply))

    return asyncio.run(solve())


def asked(benchmark: Benchmark, sample: Sample) -> str:
    sent: list[str] = []

    async def ask(
        messages: str | list[Message], role: str = "model", schema: Any = None, **params: Any
    ) -> Response:
        sent.append(str(messages))
        return Response("key", "")

    async def solve() -> None:
        await benchmark.solve(sample, ask)

    asyncio.run(solve())
    return sent[0]


def loaded(name: str, shots: int = 0) -> list[Sample]:
    return list(samples(BENCHMARKS[name], Builtin(), shots))


class Rows(Source):
    """Rows from memory, the same for every config and split."""

    label = "memory"

    def __init__(self, *rows: Any) -> None:
        super().__init__()
        self.all = rows

    def read(self, dataset: str, config: str, split: str) -> Iterator[tuple[str, Any]]:
        yield from ((f"here:{i}", row) for i, row in enumerate(self.all, 1))


def sample_of(name: str, row: dict[str, Any]) -> Sample:
    return next(samples(BENCHMARKS[name], Rows(row), 0))


LETTERED = {"A": "1", "B": "2", "C": "3", "D": "4"}
ARC = {"id": "x1", "question": "How many?", "answerKey": "B"}
MATH = {"problem": "Half of 1?", "level": 1, "unique_id": "test/x/1.json", "subject": "Algebra"}
AIME = {"id": 4, "problem": "What is half of 50?"}
TEN = {"question_id": 5, "question": "How many?", "options": [*"0123456789"], "category": "math"}
C3 = {"id": "d-1-2", "context": ["男：走吗？", "女：再等等。"], "question": "女的要怎么样？"}
C3 |= {"choice": ["马上走", "再等一会儿", "不走了"], "answer": "再等一会儿"}
MGSM = {"question": "What is it?", "answer": None, "answer_number": 18, "equation_solution": None}
CITED = "https://arxiv.org/abs/", "https://maa.org/"  # a contest has no paper
CASES = [  # benchmark, row, right reply, wrong reply
    (
        "arc",
        ARC | {"choices": {"label": ["A", "B", "C"], "text": ["1", "2", "3"]}},
        "So it is two.\nAnswer: B",
        "Answer: A",
    ),
    (
        "arc",
        ARC | {"choices": {"label": [*"ABCDE"], "text": [*"12345"]}, "answerKey": "E"},
        "The answer is **E**.",
        "I would choose D.",
    ),
    (
        "arc",
        ARC
        | {"choices": {"label": [*"1234"], "text": ["oak", "ash", "elm", "fir"]}}
        | {"answerKey": "3"},
        "Answer: 3",
        "Answer: 4",
    ),
    ("ceval", LETTERED | {"id": 7, "question": "几个？", "answer": "C"}, "答案：C", "答案：D"),
    ("ceval", LETTERED | {"id": 8, "question": "几个？", "answer": "A"}, "故选A。", "故选B。"),
    ("cmmlu", LETTERED | {"Question": "几个？", "Answer": "D"}, "答案：D", "答案：A"),
    ("cmmlu", LETTERED | {"Question": "几个？", "Answer": "B"}, "正确选项是 B。", "应选C。"),
    ("mmlu", {"question": "?", "choices": [*"wxyz"], "answer": 0}, "Answer: A", "Answer: B"),
    (
        "mmlu",
        {"question": "?", "choices": ["wren", "crow", "kite", "tern"], "answer": 3},
        "It is not A but D.",
        "The correct option is A.",
    ),
    ("gsm8k", {"question": "?", "answer": "2+2=4\n#### 1,200"}, "Answer: 1200", "Answer: 12"),
    (
        "gsm8k",
        {"question": "?", "answer": "#### 18"},
        "That makes **$18.00**.",
        "Answer: 19",
    ),
    ("math500", MATH | {"answer": r"\frac{1}{2}"}, r"It is \boxed{0.5}.", r"\boxed{2}"),
    (
        "math500",
        MATH | {"answer": r"(3, \frac{\pi}{2})"},
        r"The answer is $\left(3,\frac{\pi}{2}\right)$.",
        r"The answer is $(3, \pi)$.",
    ),
    ("aime24", AIME | {"answer": "025"}, r"So it is \boxed{25}.", r"So it is \boxed{250}."),
    ("aime24", AIME | {"answer": "025"}, r"\boxed{025}", r"\boxed{24}"),
    ("aime25", AIME | {"answer": "70"}, "The answer is **70**.", r"\boxed{7}"),
    ("aime25", AIME | {"answer": "0"}, r"\boxed{0}", "I cannot tell."),
    (
        "cmath",
        {"question": "还剩多少页？", "answer": "9", "grade": 1},
        "99 - 90 = 9\n答案：9",
        "答：还剩8页。",
    ),
    (
        "cmath",
        {"question": "还剩几分之几？", "answer": "2/6", "grade": 5},
        "还剩三分之一。\n\n答案：1/3",
        "答案：2/3",
    ),
    (
        "cmath",
        {"input": "占百分之几？", "golden": "12%", "grade": 6},
        "占12%。",
        "答案：0.12",
    ),
    ("mgsm", MGSM, "Answer: 18", "Answer: 81"),
    ("mmlu_pro", TEN | {"answer": "J", "cot_content": ""}, "It is 9.\nAnswer: J", "Answer: I"),
    (
        "mmlu_pro",
        TEN | {"options": ["a wren", "a crow", "a kite"], "answer": "B", "cot_content": ""},
        "So the answer is (B).",
        "Nothing can be said.",
    ),
    ("c3", C3, "答案：B", "答案：A"),
    ("c3", C3 | {"choice": ["正确", "错误"], "answer": "错误"}, "这句话是错误的，选B。", "答案：A"),
    ("mgsm", MGSM, "她每天赚 18 美元。\n\n答案：18", "答案：16"),
]


@pytest.mark.parametrize(("name", "row", "right", "wrong"), CASES)
def test_a_right_and_a_wrong_reply(name: str, row: dict[str, Any], right: str, wrong: str) -> None:
    sample = sample_of(name, row)

    assert scored(BENCHMARKS[name], sample, right).value == 1.0
    assert scored(BENCHMARKS[name], sample, wrong).value == 0.0


BBH = [  # task, input, target, replies that are right, replies that are wrong
    (
        "boolean_expressions",
        "not ( True ) is",
        "False",
        ["Answer: False", "So it is False.\n\nThe answer is **false**."],
        ["Answer: True"],
    ),
    (
        "causal_judgement",
        "Did he?\nOptions:\n- Yes\n- No",
        "No",
        ["Answer: No", "**Answer:** No, he did not."],
        ["Answer: Yes"],
    ),
    (
        "formal_fallacies",
        "valid or invalid?",
        "invalid",
        ["Answer: invalid", "One may say it is valid. But the argument is not deductively valid."],
        ["Answer: valid", "The argument is invalid? No: it is valid."],
    ),
    ("object_counting", "How many?", "8", ["Answer: 8", "There are 8 of them."], ["Answer: 9"]),
    ("multistep_arithmetic_two", "(-3 - 4) =", "-7", ["Answer: -7", "= **-7**"], ["Answer: 7"]),
    (
        "word_sorting",
        "Sort: List: pear fig o'clock",
        "fig o'clock pear",
        [
            "Answer: fig o'clock pear",
            "Answer:\n1. fig\n2. o'clock\n3. pear",
            "The sorted list is: fig, o'clock, pear.",
        ],
        ["Answer: pear fig o'clock", "Answer: fig pear"],
    ),
    (
        "dyck_languages",
        "Close it. Input: [ { (",
        ") } ]",
        ["Answer: ) } ]", "Answer: )}]", "We close each.\n`) } ]`"],
        ["Answer: ) ] }", "Answer: ]", "Answer: [ { ( ) } ]"],
    ),
    (
        "date_understanding",
        "When?\nOptions:\n(A) 01/02\n(B) 02/01\n(C) 03/03",
        "(B)",
        ["Answer: B", "Answer: (B)", "So the answer is (B)."],
        ["Answer: C"],
    ),
    (
        "movie_recommendation",
        "Which?\nOptions:\n(A) Gnus\n(B) Ltd\n(C) Wasps",
        "Gnus, Ltd",
        ["Answer: Gnus, Ltd", "The answer is Gnus, Ltd."],
        ["Answer: C"],
    ),
]


@pytest.mark.parametrize(("task", "question", "target", "right", "wrong"), BBH)
def test_a_task_of_bbh_is_read_in_its_own_shape(
    task: str, question: str, target: str, right: list[str], wrong: list[str]
) -> None:
    row = {"input": question, "target": target}
    sample = next(s for s in samples(BENCHMARKS["bbh"], Rows(row), 0) if s.group == task)
    values = [scored(BENCHMARKS["bbh"], sample, reply).value for reply in right + wrong]

    assert values == [1.0] * len(right) + [0.0] * len(wrong)
    in_form = scored(BENCHMARKS["bbh"], sample, right[0]).dimensions
    assert in_form == {"strict": 1, "in_format": 1, "refused": 0}


def test_words_that_are_no_answer_are_not_read_as_one() -> None:
    for task, question in (("word_sorting", "List: pear fig"), ("dyck_languages", "Input: ( [")):
        row = {"input": question, "target": "fig pear"}
        sample = next(s for s in samples(BENCHMARKS["bbh"], Rows(row), 0) if s.group == task)

        assert scored(BENCHMARKS["bbh"], sample, "I am afraid I cannot help.").answer is None


@pytest.mark.parametrize("name", BENCHMARKS)
@pytest.mark.parametrize(
    "reply",
    ["", " \n", "<think>\nIt may be B. Answer: B\n</think>\n", "<think>Perhaps the answer is"],
)
def test_an_empty_reply_and_one_of_thinking_only_answer_nothing(name: str, reply: str) -> None:
    score = scored(BENCHMARKS[name], loaded(name)[0], reply)

    assert (score.value, score.answer) == (BENCHMARKS[name].scale[0], None)


@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - {"ifeval", "toolcall"} - ANY - JUDGED))
def test_a_reply_that_was_cut_off_before_its_answer_gives_none(name: str) -> None:
    assert (
        scored(BENCHMARKS[name], loaded(name)[0], "Let us look at it first.\n\nAs we").answer
        is None
    )


@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - {"toolcall"} - CODE))  # tests/agents
def test_a_reply_of_a_megabyte_is_scored_by_its_end(name: str) -> None:
    sample = loaded(name)[0]
    for filling in ("[ ", "<<", "*", "\n", "B ", "it rains, ", "{"):
        reply = filling * (1_000_000 // len(filling)) + f"\n\nAnswer: {sample.target}"
        with suppress(Unjudged):
            score = scored(BENCHMARKS[name], sample, reply)

            assert (score.answer is None) == (name in BARE)
            assert score.value == 1.0 or name in ("ifeval", "math500", *BARE, *ANY)


@pytest.mark.parametrize(
    ("name", "row", "complaint"),
    [
        ("arc", ARC | {"choices": {"label": ["A"], "text": ["1"]}}, "answer 'B' is none of"),
        ("arc", ARC | {"choices": {"label": [*"ABC"], "text": ["1", "2"]}}, "zip()"),
        ("ceval", LETTERED | {"id": 1, "question": "?", "answer": "E"}, "answer 'E' is none of"),
        ("cmmlu", LETTERED | {"Question": "?"}, "no field 'Answer'"),
        ("cmmlu", {"Question": "?", "A": "1", "B": "2", "C": "3", "Answer": "A"}, "no field 'D'"),
        ("mmlu", {"question": "?", "choices": [*"wxyz"], "answer": 4}, "answer 'E' is none of"),
        ("mmlu", {"question": "?", "choices": [*"wxyz"], "answer": "A"}, "TypeError"),
        ("mmlu", {"question": "?", "answer": 1}, "no field 'choices'"),
        ("math500", MATH, "no field 'answer'"),
        ("bbh", {"input": "?"}, "no field 'target'"),
        ("aime24", AIME | {"answer": "n/a"}, "invalid literal"),
        ("cmath", {"question": "?", "answer": "很多", "grade": 1}, "answer '很多' is no"),
        ("cmath", {"question": "?", "answer": "9"}, "no field 'grade'"),
        ("mmlu_pro", TEN | {"answer": "K", "cot_content": ""}, "answer 'K' is none of"),
        ("mmlu_pro", {"question": "?", "answer": "A"}, "no field 'category'"),
        ("c3", C3 | {"answer": "也许"}, "'也许' is not in list"),
        ("c3", C3 | {"id": "x-1"}, "KeyError: 'x'"),
        ("mgsm", {"question": "?", "answer": None}, "no field 'answer_number'"),
        ("mgsm", MGSM | {"answer_number": None}, "answer_number None is no number"),
        ("ifeval", {"prompt": "?", "instruction_id_list": []}, "no field 'kwargs'"),
        (
            "ifeval",
            {"key": 1, "prompt": "?", "instruction_id_list": ["a:b"], "kwargs": [{}]},
            "no instruction 'a:b'",
        ),
        (
            "ifeval",
            {"key": 1, "prompt": "?", "instruction_id_list": ["keywords:existence"]}
            | {"kwargs": [{"words": []}]},
            "TypeError: missing a required argument: 'keywords'",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_named(name: str, row: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DataError) as raised:
        sample_of(name, row)

    assert str(raised.value).startswith("here:1: ")
    assert complaint in str(raised.value)


@pytest.mark.parametrize("name", ["ceval", "cmmlu", "mmlu"])
def test_five_worked_examples_come_before_the_question(name: str) -> None:
    sample = loaded(name, 5)[0]
    prompt = asked(BENCHMARKS[name], sample)

    assert sample.fields["examples"].count("\n\n") == 5
    assert prompt.index(sample.fields["examples"]) < prompt.rindex(sample.fields["question"])
    assert asked(BENCHMARKS[name], loaded(name, 0)[0]).count(sample.fields["question"]) == 1


@pytest.mark.parametrize("name", BENCHMARKS)
def test_worked_examples_are_shown_or_refused(name: str) -> None:
    of = BENCHMARKS[name]
    if of.examples or of.shots:
        assert len(loaded(name, 1)[0].fields["worked"]) == 1
        return
    with pytest.raises(UsageError, match=f"no worked examples to show in {name}"):
        check_examples([of], Settings(benchmarks=[name], model="m", shots=3, out=Path("r")))


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        *(("agieval", 13), ("bbh", 27), ("ceval", 52), ("cmath", 12)),
        *(("cmmlu", 67), ("gaokao", 10), ("mmlu", 57)),
    ],
)
def test_every_subject_has_a_category(name: str, groups: int) -> None:
    categories = BENCHMARKS[name].categories

    assert len(categories) == groups
    assert {sample.group for sample in loaded(name)} <= set(categories)


def test_categories_are_as_large_as_in_the_papers() -> None:
    def sizes(name: str) -> dict[str, int]:
        return dict(Counter(BENCHMARKS[name].categories.values()))

    assert sizes("mmlu") == {"STEM": 18, "Humanities": 13, "Social Science": 12, "Other": 14}
    assert sizes("cmmlu") == {"STEM": 17, "Humanities": 13, "Social Science": 22, "Other": 15}
    assert sizes("bbh") == {"Algorithmic": 15, "Natural language": 12}


@pytest.mark.parametrize("benchmark", BENCHMARKS.values(), ids=lambda b: b.name)
def test_every_benchmark_says_where_it_comes_from(benchmark: Benchmark) -> None:
    assert benchmark.paper.startswith(CITED) or benchmark.name == "toolcall"  # our own
    assert benchmark.licence
    assert benchmark.dataset.count("/") == 1
    assert benchmark.size


# ifeval: instruction, arguments, a text that follows it, one that does not

CHECKED: list[tuple[str, dict[str, Any], str, str]] = [
    ("keywords:existence", {"keywords": ["Tea", "milk"]}, "Milky tea.", "Tea only."),
    (
        "keywords:frequency",
        {"keyword": "tea", "frequency": 2, "relation": "at least"},
        "Tea, more tea",
        "Tea",
    ),
    (
        "keywords:frequency",
        {"keyword": "tea", "frequency": 2, "relation": "less than"},
        "Tea",
        "Tea, tea",
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["tea"]}, "Steam and teas", "No TEA."),
    (
        "keywords:letter_frequency",
        {"letter": "E", "let_frequency": 3, "let_relation": "at least"},
        "Eel, me",
        "Eel",
    ),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": "less than"},
        "#one",
        "# two #",
    ),
    (
        "language:response_language",
        {"language": "de"},
        "Der Hund schläft heute sehr lange.",
        "The dog sleeps for a long time today.",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        "Dr. Oak came at 5 p.m. to help.",
        "He came. She left.",
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "at least"},
        "one two-three",
        "one two",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "***\none\n***\ntwo",
        "one\n\ntwo",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "one *** two",
        "one *** *** two",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "tea"},
        'One.\n\n"Tea, please."',
        "Tea.\n\nOne.",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "tea"},
        "Tea is here.",
        "Tea.\n\nMore.",
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "[name], [street]",
        "[name]\n[street",
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        "Bye.\np. s. more",
        "Bye. PS more",
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "P.P.S more", "P.S. more"),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        "List:\n* one\n  - two",
        "* one\n** two",
    ),
    (
        "detectable_format:constrained_response",
        {},
        "Well: My answer is maybe.",
        "My answer is perhaps.",
    ),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*one* and *two*",
        "*one* and **",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1 a\nSection 2 b",
        "SECTION 1 a\nSection 2 b",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": [1]}\n```', "{'a': 1}"),
    ("detectable_format:title", {}, "<<Tea>>\nIt is hot.", "<< >>\n<<Tea\n>>"),
    ("combination:two_responses", {}, "one\n******\ntwo", "one\n******\none"),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Write of tea."},
        "\nwrite of tea. Tea is hot.",
        "Tea. Write of tea.",
    ),
    (
        "startend:end_checker",
        {"end_phrase": "Is that all? "},
        'Tea. Is that ALL?"',
        "Is that all? Yes.",
    ),
    ("startend:quotation", {}, ' "Tea." ', '"Tea".'),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "HOT TEA now",
        "HOT Tea now",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        "X-RAY tea",
        "I'm at NASA",
    ),
    (
        "change_case:english_capital",
        {},
        "THE DOG IS ASLEEP AND THE CAT IS NOT THERE WITH US.",
        "The dog is asleep.",
    ),
    (
        "change_case:english_lowercase",
        {},
        "the dog is asleep and the cat is not.",
        "the dog is asleep and so is Tom.",
    ),
    ("punctuation:no_comma", {}, "Tea; milk", "Tea, milk"),
]


@pytest.mark.parametrize(("name", "arguments", "follows", "fails"), CHECKED)
def test_an_instruction_is_checked(
    name: str, arguments: dict[str, Any], follows: str, fails: str
) -> None:
    assert CHECKS[name](follows, **arguments)
    assert not CHECKS[name](fails, **arguments)


@pytest.mark.parametrize("filling", ["[ ", "<<", "*", "\n", ". ", "{", '"', "A", "no "])
def test_an_instruction_is_checked_soon_in_a_megabyte(filling: str) -> None:
    text = filling * (1_000_000 // len(filling))
    followed = {name for name, given, *_ in CHECKED if CHECKS[name](text, **given)}

    assert ("punctuation:no_comma" in followed) and ("startend:quotation" in followed) == (
        filling == '"'
    )


def test_every_instruction_has_a_test() -> None:
    assert len(CHECKS) == 25
    assert {name for name, *_ in CHECKED} == set(CHECKS)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One", 1),
        ("One. Two! Three? Four", 4),
        ("Mr. J. Oak of the U.S. army came... and went.", 1),
        ('"Stop!" he said. (She did.) It cost 3.50 there.', 4),
        ("1. Boil water.\n2. Add tea.", 4),
        ("Really?! Yes... No.", 3),
    ],
)
def test_sentences_are_counted_as_nltk_does(text: str, count: int) -> None:
    assert sentences(text) == count


def test_capital_words_are_counted_as_nltk_does() -> None:
    assert capital_words("I'm sure: NASA's X-RAY (DON'T) ok, U.S. Go") == 6


def test_a_loose_reading_leaves_out_first_and_last_line_and_asterisks() -> None:
    assert list(loosened("Sure:\n*a* b\nBye")) == [
        "Sure:\n*a* b\nBye",
        "Sure:\na b\nBye",
        "*a* b\nBye",
        "a b\nBye",
        "Sure:\n*a* b",
        "Sure:\na b",
        "*a* b",
        "a b",
    ]


def test_ifeval_scores_prompts_and_instructions_strictly_and_loosely() -> None:
    row = {
        "key": 3,
        "prompt": "Write.",
        "instruction_id_list": ["punctuation:no_comma", "startend:quotation"],
        "kwargs": [{"language": None}, {}],
    }
    score = scored(BENCHMARKS["ifeval"], sample_of("ifeval", row), 'Here it is:\n"Hot tea"')

    assert score.value == 0.0
    assert score.answer == "1 of 2 followed"
    assert score.note == "not followed: startend:quotation"
    assert score.dimensions == {
        "prompt_loose": 1.0,
        "instruction_strict": 0.5,
        "instruction_loose": 1.0,
        "refused": 0.0,
    }


# a user's own file


def own(folder: Path, kind: str, *rows: Any, name: str = "mine.jsonl") -> Benchmark:
    (folder / name).write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return benchmark(f"{kind}:{folder / name}")


def read(benchmark: Benchmark) -> list[Sample]:
    return list(samples(benchmark, Builtin(), benchmark.shots))


def test_own_choices_are_read_from_columns_or_a_list(tmp_path: Path) -> None:
    mine = own(
        tmp_path,
        "mcq",
        {"question": "One?", "A": "x", "B": "y", "C": 3, "answer": "b", "id": "q1", "group": "g"},
        {"question": "Two?", "choices": [*"vwxyz"], "answer": 4},
        {"question": "三？", "choices": ["x", "y"], "answer": "A"},
    )
    loaded = read(mine)

    assert [(s.id, s.target, s.group) for s in loaded] == [
        ("q1", "B", "g"),
        ("1", "E", "main"),
        ("2", "A", "main"),
    ]
    assert mine.name == f"mcq:{tmp_path / 'mine.jsonl'}"
    assert "C. 3\n" in asked(mine, loaded[0])
    assert asked(mine, loaded[2]).endswith("最后一行只写“答案：”和所选的选项字母。")
    assert scored(mine, loaded[1], "Answer: E").value == 1.0
    assert scored(mine, loaded[2], "答案：B").value == 0.0


def test_own_choices_may_come_as_csv_from_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("question,A,B,C,answer\r\nOne?,x,y,,A\r\n", encoding="utf-8-sig")
    (sample,) = read(benchmark(f"mcq:{path}"))

    assert sample.fields["labels"] == ["A", "B"]


@pytest.mark.parametrize(
    ("kind", "row", "complaint"),
    [
        ("mcq", {"A": "x", "B": "y", "answer": "A"}, "no field 'question'"),
        ("mcq", {"question": "?", "A": "x", "B": "y"}, "no field 'answer'"),
        ("mcq", {"question": "?", "A": "x", "answer": "A"}, "fewer than two options"),
        ("mcq", {"question": "?", "A": "x", "B": "y", "answer": "C"}, "answer 'C' is none of"),
        ("mcq", {"question": "?", "choices": ["x", "y"], "answer": 2}, "answer '2' is none of"),
        (
            "mcq",
            {"question": "?", "choices": ["x", "y"], "answer": True},
            "expected text, got True",
        ),
        ("mcq", {"question": "?", "choices": "x y", "answer": 0}, "choices must be a list"),
        (
            "mcq",
            {"question": ["?"], "A": "x", "B": "y", "answer": "A"},
            "a message must be an object",
        ),
        ("mcq", ["?"], "a row must be an object"),
        ("qa", {"question": "?"}, "no field 'answer'"),
        ("qa", {"question": "?", "answer": []}, "the field 'answer' is empty"),
        ("qa", {"question": "?", "answer": {"a": 1}}, "expected text, got {'a': 1}"),
    ],
)
def test_a_row_of_an_own_file_that_cannot_be_used_is_named(
    tmp_path: Path, kind: str, row: Any, complaint: str
) -> None:
    good = {"question": "One?", "A": "x", "B": "y", "answer": "A"}
    mine = own(tmp_path, kind, good, row)

    with pytest.raises(DataError) as raised:
        read(mine)

    assert str(raised.value).startswith(f"{tmp_path / 'mine.jsonl'}:2: ")
    assert complaint in str(raised.value)


def test_an_own_file_with_an_id_twice_or_too_many_cells_or_another_encoding_is_refused(
    tmp_path: Path,
) -> None:
    row = {"question": "?", "answer": "1", "id": 5}
    with pytest.raises(DataError, match=r"mine.jsonl:2: the id '5' is there twice"):
        read(own(tmp_path, "qa", row, row))

    path = tmp_path / "mine.csv"
    path.write_text("question,answer\n?,1,2\n")
    with pytest.raises(DataError, match=r"mine.csv:2: more cells than the header names: \['2'\]"):
        read(benchmark(f"qa:{path}"))

    path.write_bytes("question,answer\n几个？,一\n".encode("gbk"))
    with pytest.raises(DataError, match=r"mine.csv: not UTF-8"):
        read(benchmark(f"qa:{path}"))


def test_an_own_file_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mcq:none.jsonl: there is no file 'none.jsonl'"):
        benchmark("mcq:none.jsonl")
    with pytest.raises(UsageError, match=r"qa:notes.txt: not a file that ends in .jsonl"):
        benchmark("qa:notes.txt")
    with pytest.raises(UsageError, match="did you mean 'cmmlu'"):
        benchmark("cmlu")
    with pytest.raises(UsageError, match="mcq:FILE, qa:FILE"):
        benchmark("nothing like it")
    of = own(tmp_path, "qa", {"question": "?", "answer": 1})
    with pytest.raises(UsageError, match="no worked examples"):
        check_examples([of], Settings(benchmarks=[of.name], model="m", shots=2, out=Path("r")))


@pytest.mark.parametrize(
    ("answer", "right", "wrong"),
    [
        (18, ["Answer: 18", "It costs $18.00 in all.", "Answer: 18.0"], ["Answer: 81", "None."]),
        ("1,200", ["Answer: 1200"], ["Answer: 1.2"]),
        (
            "The Hague",
            ["Answer: the hague", "**Answer:** Hague.", "The answer is *The Hague*."],
            ["Answer: Delft", "It is The Hague, I am sure.\nOr not."],
        ),
        (["NYC", "New York"], ["Answer: New  York", "nyc"], ["Answer: York"]),
        ([8, "eight legs"], ["Answer: 8", "Answer: Eight legs", "Answer: eight"], ["Answer: 6"]),
        ("李白", ["答案：李白", "答案是“李白”。"], ["答案：杜甫"]),
        ("C++", ["Answer: c++"], ["Answer: C"]),
    ],
)
def test_own_questions_are_graded_as_numbers_or_as_texts(
    tmp_path: Path, answer: Any, right: list[str], wrong: list[str]
) -> None:
    mine = own(tmp_path, "qa", {"question": "What?", "answer": answer})
    (sample,) = read(mine)
    values = [scored(mine, sample, reply).value for reply in right + wrong]

    assert values == [1.0] * len(right) + [0.0] * len(wrong)
    assert scored(mine, sample, right[0]).dimensions["strict"] == 1.0


# the real data


@real_data
@pytest.mark.parametrize(
    ("name", "count", "groups"),
    [
        ("arc", 3548, 2),
        ("bbh", 6511, 27),
        ("ceval", 1346, 52),
        ("cmmlu", 11582, 67),
        ("gsm8k", 1319, 1),
        ("ifeval", 541, 1),
        ("math500", 500, 7),
        ("mmlu", 1531, 57),
        ("aime24", 30, 1),
        ("aime25", 30, 1),
        ("cmath", 960, 12),
        ("mgsm", 500, 2),
        ("mmlu_pro", 12032, 14),
        ("c3", 3816, 2),
        ("agieval", 5373, 13),
        ("gaokao", 1657, 10),
        ("bfcl", 3489, 11),
        ("acebench", 2040, 34),
        ("ultratool", 2000, 2),
    ],
)
def test_every_real_row_loads(name: str, count: int, groups: int) -> None:
    benchmark = BENCHMARKS[name]
    mirror = Mirror(Path(REAL or ""))
    rows = list(samples(benchmark, mirror, usual_shots(benchmark, mirror)))

    assert len(rows) == len({sample.id for sample in rows}) == count
    assert len({sample.group for sample in rows}) == groups
    assert count == benchmark.size or name == "mmlu"  # the mirror holds its validation split only


@real_data
@pytest.mark.parametrize(
    "name", ["arc", "bbh", "c3", "ceval", "cmath", "cmmlu", "gaokao", "mgsm", "mmlu", "mmlu_pro"]
)
def test_the_reference_answer_in_the_format_asked_for_is_always_right(name: str) -> None:
    rows = list(samples(BENCHMARKS[name], Mirror(Path(REAL or "")), 0))

    async def total() -> float:
        replies = [replying(f"Well.\n\nAnswer: {sample.target}") for sample in rows]
        scores = [
            await BENCHMARKS[name].solve(s, ask) for s, ask in zip(rows, replies, strict=True)
        ]
        return sum(score.dimensions["strict"] for score in scores)

    assert asyncio.run(total()) == len(rows)


@real_data
@pytest.mark.parametrize("name", ["aime24", "aime25"])
def test_the_reference_answer_in_a_box_is_always_right(name: str) -> None:
    for sample in samples(BENCHMARKS[name], Mirror(Path(REAL or "")), 0):
        score = scored(BENCHMARKS[name], sample, rf"So it is \boxed{{{sample.target}}}.")

        assert score.dimensions["strict"] == 1.0
        assert 0 <= int(sample.target) <= 999


@real_data
def test_the_real_instructions_accept_any_text() -> None:
    for sample in samples(BENCHMARKS["ifeval"], Mirror(Path(REAL or "")), 0):
        score = scored(BENCHMARKS["ifeval"], sample, "A short *reply*,\n\nin two paragraphs.")

        assert 0 <= score.dimensions["instruction_strict"] <= score.dimensions["instruction_loose"]


@real_data
def test_the_real_numbers_of_bbh_are_in_their_one_spelling() -> None:
    for sample in samples(BENCHMARKS["bbh"], Mirror(Path(REAL or "")), 0):
        if TASKS[sample.group].form == "a plain number":
            assert canonical_number(sample.target) == sample.target


def test_the_table_has_each_benchmark_under_its_name() -> None:
    assert [each.name for each in BENCHMARKS.values()] == list(BENCHMARKS)
