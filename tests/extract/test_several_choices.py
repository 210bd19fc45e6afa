"""Replies to questions of which one or several options may be right."""

import pytest

from evaluator.extract.several_choices import choices

READ = [  # reply, the letters that a careful person reads in it
    ("答案：AC", "AC"),
    ("答案：A、C", "AC"),
    ("答案：A，C", "AC"),
    ("答案：A C", "AC"),
    ("答案：CA", "AC"),
    ("答案：A", "A"),
    ("Answer: ACD", "ACD"),
    ("Answer: A, C", "AC"),
    ("Answer: A and C", "AC"),
    ("Answer: A, B, and D", "ABD"),
    ("选A和C", "AC"),
    ("故选AC。", "AC"),
    ("因此本题选ABD。", "ABD"),
    ("所以答案是A、B、D。", "ABD"),
    ("正确答案为BC。", "BC"),
    ("【答案】AD", "AD"),
    ("**答案：BD**", "BD"),
    ("答案：\\boxed{BD}", "BD"),
    ("\\boxed{A, C}", "AC"),
    ("The answer is AC.", "AC"),
    ("The correct answers are A and C.", "AC"),
    ("The correct options are A, B and D.", "ABD"),
    ("I would choose B and D.", "BD"),
    ("So the answer is (A) and (C).", "AC"),
    ("Options A and C are correct.", "AC"),
    ("A and C are correct.", "AC"),
    ("A、C正确，B、D错误。", "AC"),
    ("A正确，B错误，C正确，D错误。", "AC"),
    ("A项正确；B项错误；C项错误；D项正确。", "AD"),
    ("ABC三项都正确，D错误。", "ABC"),
    ("正确的有A、C、D。", "ACD"),
    ("正确选项有：B、C", "BC"),
    ("AC", "AC"),
    ("【答案】: B, D", "BD"),
    ("【答案】A和C", "AC"),
    ("A ✓ B ✗ C ✓ D ✗", "AC"),
    ("| A | ✓ |\n| B | ✗ |\n| C | ✓ |\n| D | ✗ |", "AC"),
    ("A 对 B 错 C 对 D 错", "AC"),
    ("A、C", "AC"),
    ("A C", "AC"),
    ("BCD\n", "BCD"),
    ("分析如下。\n\nBD", "BD"),
    ("答案：ABCD", "ABCD"),
    ("以上都对，应选全部。", "ABCD"),
    ("答案是以上全部。", "ABCD"),
    ("正确选项：\nA．甲\nC．丙", "AC"),
    ("The correct options are:\n- A. one\n- D. four", "AD"),
    ("答案是AC，因为B和D违反定律。", "AC"),
    ("不选B，选AC。", "AC"),
    ("答案不是AB，而是AC。", "AC"),
    ("综上所述，选择A、B两项。", "AB"),
    ("选项A、C符合题意", "AC"),
    ("答案为选项A和选项D。", "AD"),
    ("答案：A项和C项", "AC"),
    ("答案：(A)(C)", "AC"),
    ("答案：(A)、(C)", "AC"),
    ("答案：ac", "AC"),
    ("Answer: b, d", "BD"),
    ("答案：A、C、D。", "ACD"),
    ("Therefore, the correct choices are B, C.", "BC"),
    ("Final answer: B & D", "BD"),
    ("My answer: A/C", "AC"),
    ("答案是A和C，还有D。", "ACD"),
    ("答案为：A+B", "AB"),
    ("因此选A。", "A"),
    ("The answer is D.", "D"),
    ("本题应选BCD", "BCD"),
    ("<think>A? B?</think>答案：BC", "BC"),
    (
        "动量不变，故 A 错误；动能有损失，B 正确；C 错误；末速度相同，D 正确。故选：BD。",
        "BD",
    ),
    ("解析：\nA. 错误。理由略。\nB. 正确。\nC. 正确。\nD. 错误。", "BC"),
    ("Let me check each.\nA. True.\nB. False.\nC. True.\nD. False.", "AC"),
    ("A: correct\nB: incorrect\nC: incorrect\nD: correct", "AD"),
    ("综合分析，A、B、D选项的说法是正确的，C选项的说法错误。", "ABD"),
    ("Thus, the correct answer is: **A, C**", "AC"),
    ("所以正确答案是 **B、C、D**。", "BCD"),
    ("答案：BC\n\n解析：A错误，D错误。", "BC"),
    ("答案：BC（A中速度不对）", "BC"),
    ("本题选 B。", "B"),
    ("故本题答案选择ACD三项。", "ACD"),
    ("应选A、D。", "AD"),
    ("因此，选项A、B、C都是正确的。", "ABC"),
    ("I think B and C are the right ones.", "BC"),
    ("The right choices: A and D", "AD"),
    ("答案：A 和 B 都对", "AB"),
    ("只有A和D正确。", "AD"),
    ("只有B正确", "B"),
    ("A、B两项说法正确，故答案为AB。", "AB"),
    ("答案：D。\n", "D"),
    ("答案：AB\n答案：AC", "AC"),
    ("答案：ABD.", "ABD"),
    ("A and B are wrong, so C and D are correct.", "CD"),
    ("A不正确，B不正确，C正确，D正确", "CD"),
    ("A和C是正确的；B和D是错误的。", "AC"),
    ("选 A 、 B 、 C", "ABC"),
    ("答案：【A】【C】", "AC"),
    ("答案：“AC”", "AC"),
    ("因为A、C正确，所以选AC，不选B、D。", "AC"),
    ("排除B、D，选A、C", "AC"),
    ("正确的说法是B和D", "BD"),
    ("Answer: The answer is A and B.", "AB"),
    ("选择：ABD", "ABD"),
]
UNREAD = [  # an alternative, a denial, letters of a figure, a doubt
    "",
    "我不知道。",
    "答案是A或C。",
    "The answer is A or C.",
    "可能是A，也可能是C。",
    "答案：A-C",
    "答案：A至C",
    "答案不是AC。",
    "导体棒AB向右运动，受到安培力。",
    "线段AC与BD相交于点O。",
    "先看A，再看B。",
    "A正确。",
    "A和B错误。",
    "答案：AAC",
    "答案：E",
    "答案：ACE",
    "选A，C错误。",
    "答案是A。另外C也正确。",
    "A cell divides.",
    "Answer: none",
    "答案是AB段的速度。",
    "Let us look at A and B first.",
    "The force on AB is larger, so the answer is 5 N.",
    "三角形ABC的面积是6。",
    "A、B、C、D四个选项都要分析。",
    "✓ A\n✗ B\n✓ C\n✗ D",
    "Thus the answer is B\n\nand C.",
    "选项B是正确的。其余都错。",
    "I am not sure, maybe A and C.",
    "B选项正确，C选项正确。",
    "电路中A、B两点间的电压为3V。",
    "In circuit ABCD the current is 2 A.",
    "没有正确的选项。",
    "不能选B、D。",
    "选项：A、C",
]
FALSE_ONES = [  # replies to a question for the false statements
    ("A、C错误，B、D正确。", "AC"),
    ("错误的是A和C。", "AC"),
    ("A错误，B正确，C错误，D正确。", "AC"),
    ("错误的有B、D。", "BD"),
    ("答案：BD", "BD"),
    ("B和D正确。", None),
]


@pytest.mark.parametrize(("reply", "letters"), READ)
def test_the_letters_of_a_reply_are_read(reply: str, letters: str) -> None:
    assert choices(reply).tolerant == letters


@pytest.mark.parametrize("reply", UNREAD)
def test_what_is_in_doubt_is_not_read(reply: str) -> None:
    assert choices(reply).tolerant is None


@pytest.mark.parametrize(("reply", "letters"), FALSE_ONES)
def test_a_question_may_ask_for_the_false_statements(reply: str, letters: str | None) -> None:
    assert choices(reply, question="下列说法错误的是").tolerant == letters


@pytest.mark.parametrize(
    ("reply", "strict"),
    [
        ("答案：AC", "AC"),
        ("因此。\n\n答案：CA", "AC"),
        ("Answer: B", "B"),
        ("Answer: ABD.", "ABD"),
        ("答案：A、C", None),
        ("Answer: A, C", None),
        ("故选AC。", None),
        ("答案：ac", None),
        ("答案：AA", None),
    ],
)
def test_only_the_format_asked_for_is_strict(reply: str, strict: str | None) -> None:
    assert choices(reply).strict == strict


def test_labels_bound_what_may_be_chosen() -> None:
    assert choices("答案：AE", [*"ABCDE"]).tolerant == "AE"
    assert choices("答案：AE").tolerant is None
    assert choices("答案：C", [*"AB"]).tolerant is None


@pytest.mark.parametrize(
    "filling", ["[ ", "*", "\n", "B ", "AB ", "A、", "A正确B错误", "(A", "or A "]
)
def test_a_long_reply_is_read_soon_and_by_its_end(filling: str) -> None:
    reply = filling * (1_000_000 // len(filling))

    assert choices(f"{reply}\n\n答案：AC").strict == "AC"
    assert choices(reply).strict is None
