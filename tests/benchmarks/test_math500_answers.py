"""Every MATH-500 ground truth, written in other ways, is right; changed in one place, it is wrong.

With EVALUATOR_DATA_DIR these are the 500 of the data set, else the built-in ones and those below.
"""

import os
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Builtin, Mirror, samples
from evaluator.extract.equality import equal
from evaluator.extract.expressions import expression_equal
from tests.conftest import Cli

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
SOURCE = Mirror(Path(REAL)) if REAL else Builtin()
OF_EVERY_KIND = [
    *(r"4, 6, 9", r"-3,8", r"2 \pm \sqrt{7}", r"\{3\pm\sqrt{2},-5\}", r"(4,11,-6)", r"(5,9]"),
    *(r"(-\infty, 4]", r"(0,7) \cup (7,21)", r"x \in [-4,9]", r"z=8", r"y = 5x - 2", "63_9"),
    *(r"\left( 2, \frac{\pi}{3} \right)", r"\left[ \frac{\pi^2}{9}, \frac{7 \pi^2}{4} \right]"),
    *(r"\begin{pmatrix} 2/7 \\ -1/7 \end{pmatrix}", r"3x - 8y + 5z + 6 = 0", r"2\frac{3}{5}"),
    *(r"\frac{310}7\text{ degrees}", r"\$41,\!250", r"7.2 \text{ cents}", r"18\mbox{ cm}^2"),
    *(r"\frac{40000}{\pi}", r"9 - 4i", r"\tan x", r"7\sqrt5", r"m + 3n", r"\text{(D)}", "west"),
    *(
        ".0000581",
        r"\frac 57",
        r"14,\! 222,\! 222,\! 300",
        r"x^6 - x^3 + 1",
        r"-\sqrt{5}",
        "75,400",
    ),
]
GOLDS = [sample.target for sample in samples(BENCHMARKS["math500"], SOURCE, 0)] + OF_EVERY_KIND
FRACTION = re.compile(r"\\d?frac ?(?:\{(\d+)\}|(\d))(?:\{(\d+)\}|(\d+))")
IS_WORD = re.compile(r"\\text\{\(?[A-Za-z]+\)?\}|west")
IS_TERM = re.compile(r"(?!.*(?:[=,_∈]|\\in|\\pm|matrix|text|mbox|\^\\circ|\$)).*")
UNIT = re.compile(r"\^\\circ$|\\(?:text|mbox)\{[^{}]*\}(?:\^\d)?$")


def parts(gold: str) -> list[str]:
    """The elements of a list, a point, an interval or a set; one for anything else."""
    inside = re.sub(r"^(?:\\left|x \\in|\\)? ?[(\[{]|\\?(?:\\right)? ?[)\]}]$", "", gold)
    if IS_WORD.fullmatch(gold) or "cup" in gold or re.search(r"\d,(?:\\!|\d{3}\b)", gold):
        return [gold]
    return [
        part.strip(" \\") if part.endswith("\\") else part.strip() for part in inside.split(",")
    ]


def is_list(gold: str) -> bool:
    return len(parts(gold)) > 1 and (gold[0] not in "([\\x" or gold.startswith("\\{"))


def decimal(found: re.Match[str]) -> str:
    above, below = (int(found[1] or found[2]), int(found[3] or found[4]))
    value = Fraction(above, below)
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return f"{float(value)}" if rest == 1 and value.denominator < 10**6 else found[0]


def decimals(gold: str) -> str:
    if re.fullmatch(r"-?\d+", gold):
        return gold + ".00"
    return FRACTION.sub(decimal, gold) if re.fullmatch(r"-?" + FRACTION.pattern, gold) else gold


def slashes(gold: str) -> str:
    gold = re.sub(r"(\d)\\frac", r"\1 \\frac", gold)
    return FRACTION.sub(lambda f: f"{f[1] or f[2]}/{f[3] or f[4]}", gold)


def ungrouped(gold: str) -> str:
    return gold if "cup" in gold else re.sub(r"(?<=\d),(?:\\! ?)?(?=\d{3})", "", gold)


def thousands(gold: str) -> str:
    plain = ungrouped(gold)
    return re.sub(
        r"(?<![\d.,_])\d{4,}(?![\d_])", lambda f: f"{int(f[0]):,}".replace(",", "{,}"), plain
    )


def without_unit(gold: str) -> str:
    return gold if IS_WORD.fullmatch(gold) else UNIT.sub("", gold).replace(r"\$", "").strip()


def reversed_list(gold: str) -> str:
    if "cup" in gold:
        return r" \cup ".join(gold.split(r" \cup ")[::-1])
    return ", ".join(parts(gold)[::-1]) if is_list(gold) else gold


def as_set(gold: str) -> str:
    return rf"\{{{','.join(parts(gold))}\}}" if is_list(gold) else gold


def both_signs(gold: str) -> str:
    split = re.fullmatch(r"(.*)\\pm(.*)", gold)
    return (
        f"{split[1]}+{split[2]} \\text{{ or }} {split[1]}-{split[2]}"
        if split and (not is_list(gold))
        else gold
    )


def named(gold: str) -> str:
    return f"x = {gold}" if IS_TERM.fullmatch(gold) and not IS_WORD.fullmatch(gold) else gold


def inequality(gold: str) -> str:
    found = re.fullmatch(r"(?:x \\in )?([(\[])(-?\d+|-\\infty), ?(-?\d+|\\infty)([)\]])", gold)
    if not found or (gold[0] == "(" and gold[-1] == ")" and "infty" not in gold):
        return gold
    left = (
        "" if "infty" in found[2] else f"{found[2]} {'<' if found[1] == '(' else chr(92) + 'le'} "
    )
    right = (
        "" if "infty" in found[3] else f" {'<' if found[4] == ')' else chr(92) + 'le'} {found[3]}"
    )
    return f"{left}x{right}"


def unicode_signs(gold: str) -> str:
    for sign, written in {
        **{"π": r"\pi", "∞": r"\infty", "∪": r"\cup", "±": r"\pm", "°": r"^\circ"},
        "−": "-",
    }.items():
        gold = gold.replace(written, sign)
    return re.sub(r"\\sqrt\{?(\d+)\}?", r"√\1", gold)


def with_left_and_right(gold: str) -> str:
    if IS_WORD.fullmatch(gold):
        return gold
    opened = re.sub(r"(?<!t)([(\[])", r"\\left\1", gold)
    return re.sub(r"(?<!t)([)\]])", r"\\right\1", opened)


def spaced(gold: str) -> str:
    return re.sub(r"([=,]|(?<=[\d} ])[+-])", r" \1\\, ", ungrouped(gold))


def replaced(pattern: str, by: str) -> Callable[[str], str]:
    return lambda gold: re.sub(pattern, by, gold)


AROUND = {
    "boxed": r"\boxed{@}",
    "boxed in a sentence": r"So the answer is $\boxed{@}$.",
    "boxed in a displayed formula": "**Final Answer:**\n\\[\n\\boxed{@}\n\\]",
    "an older box": r"We get \fbox{@}.",
    "a formula in a box": r"\boxed{$@$}",
    "a full stop in the box": r"\boxed{@.}",
    "the answer is $...$": "We see this at once. The answer is $@$.",
    "the answer is \\(...\\)": r"Therefore, the final answer is: \(@\).",
    "the answer is **$...$**": "The answer is **$@$**.",
    "Answer: $...$": "Some steps.\n\nAnswer: $@$",
    "$$...$$ at the end": "Some steps.\n\n**Answer:**\n\n$$\n@\n$$",
    "in Chinese": "综上，答案是 $@$。",
}
CHANGES: dict[str, Callable[[str], str]] = {
    "\\dfrac": replaced(r".dfrac|.frac", r"\\dfrac"),
    "\\tfrac": replaced(r".dfrac|.frac", r"\\tfrac"),
    "a slash": slashes,
    "decimals": decimals,
    "no spaces": replaced(r"(?<![a-z]) | (?![a-z])", ""),
    "more spaces": spaced,
    "no \\left and \\right": replaced(r"\\left|\\right", ""),
    "\\left and \\right": with_left_and_right,
    "thousands separators": thousands,
    "no unit": without_unit,
    "degrees in words": lambda gold: gold.replace(r"^\circ", r"\text{ degrees}"),
    "a list in reverse": reversed_list,
    "a set": as_set,
    "both signs": both_signs,
    "with a name": named,
    "an inequality": inequality,
    "Unicode": unicode_signs,
    "a matrix in square brackets": lambda gold: gold.replace("pmatrix", "bmatrix"),
    "words as they are": replaced(r"^\\text\{([^{}]*)\}$", r"\1"),
}
SPELLINGS = [(around, lambda gold: gold) for around in AROUND.values()]
SPELLINGS += [(r"\boxed{@}", change) for change in CHANGES.values()]


def test_there_are_more_than_twenty_spellings_and_all_golds() -> None:
    assert len(SPELLINGS) >= 30
    assert len(GOLDS) == len(OF_EVERY_KIND) + (500 if REAL else 30)


@pytest.mark.parametrize(("around", "change"), SPELLINGS, ids=[*AROUND, *CHANGES])
def test_every_ground_truth_is_right_in_every_spelling(
    around: str, change: Callable[[str], str]
) -> None:
    lost = [gold for gold in GOLDS if not expression_equal(around.replace("@", change(gold)), gold)]

    assert not lost, f"{len(lost)} of {len(GOLDS)}"


def wrong(gold: str) -> Iterator[str]:
    """The ground truth with one change that makes another answer of it."""
    if IS_WORD.fullmatch(gold):
        yield from (gold.replace("t", "r", 2) + "x", "1", r"\text{(F)}")
        return
    for digits in re.finditer(r"(?<![\d.])\d+|(?<=\.)\d+", gold):  # each in turn
        for step in (1, -1):
            changed = f"{int(digits[0]) + step}".rjust(len(digits[0]), "0")
            yield gold[: digits.start()] + changed + gold[digits.end() :]
    for sign in re.finditer(r"(?<=[^\s(\[,&=^{])\s*[+-]", gold):
        other = "-" if sign[0].endswith("+") else "+"
        yield gold[: sign.end() - 1] + other + gold[sign.end() :]
    if IS_TERM.fullmatch(gold) and gold != "0":
        yield from (f"-({gold})", f"{gold}+1", f"2({gold})", f"{gold}, 1", f"({gold})i", f"{gold}w")
    yield from changed_structure(gold)


def changed_structure(gold: str) -> Iterator[str]:
    if len(given := parts(gold)) > 1:
        yield from (
            given[0],
            ", ".join(given[:-1]),
            ", ".join([*given, "77"]),
            ", ".join(given * 2),
        )
        yield from (", ".join([given[0], *given[:-1]]), ", ".join([*given[:-1], "77"]))
        if not is_list(gold):
            yield f"({', '.join(given[::-1])})"
            yield rf"\{{{', '.join(given)}\}}"
    flipped = {"(": "[", "[": "(", ")": "]", "]": ")"}
    if len(given) > 1 and not is_list(gold):
        ends = [found.start() for found in re.finditer(r"[()\[\]]", gold)]
        for at in (ends[0], ends[-1]):
            yield gold[:at] + flipped[gold[at]] + gold[at + 1 :]
    if "cup" in gold:
        yield from gold.split(r" \cup ")
    if rows := re.fullmatch(r"(\\begin\{pmatrix\})(.*)(\\end\{pmatrix\})", gold):
        cells = re.split(r"\\\\|&", rows[2])
        yield from (rows[1] + r"\\".join(cells[:-1]) + rows[3], rows[1] + "&".join(cells) + rows[3])
        yield rows[1] + r"\\".join([*cells[1:], cells[0]]) + rows[3]


def test_every_ground_truth_with_one_change_is_wrong() -> None:
    changed = [(each, gold) for gold in GOLDS for each in {*wrong(gold)} - {gold}]
    passed = [pair for pair in changed if expression_equal(rf"\boxed{{{pair[0]}}}", pair[1])]

    assert not passed, f"{len(passed)} of {len(changed)}"


SAME = [  # looked at one by one: a list in another order, and what the question has named
    {"1,-2", "-2,1"},
    *({"5", "x=5"}, {"8", "z=8"}, {"40", "40_9"}, {"63", "63_9"}),
]


def value_of(gold: str) -> str:
    """What tells the ground truths apart, but for their spelling."""
    gold = UNIT.sub("", re.sub(r"\\left|\\right|\\[!$]| ", "", ungrouped(gold)))
    gold = gold.replace("dfrac", "frac").replace("sqrt2", "sqrt{2}").replace("sqrt5", "sqrt{5}")
    return re.sub(r"frac(\d)(\d)", r"frac{\1}{\2}", gold)


def test_no_ground_truth_is_another_ones_answer() -> None:
    """All pairs; what is equal in another spelling was looked at, one by one."""
    golds = sorted({value_of(gold): gold for gold in GOLDS}.values())
    pairs = [(one, other) for one in golds for other in golds if one != other and equal(one, other)]

    assert [pair for pair in pairs if {*pair} not in SAME] == []


def test_recorded_replies_with_wrong_lists_score_nothing(cli: Cli, tmp_path: Path) -> None:
    right = {sample.id: sample.target for sample in samples(BENCHMARKS["math500"], Builtin(), 0)}
    lists = {name: gold for name, gold in right.items() if len(parts(gold)) > 1}
    wrong_lists = {name: ", ".join(parts(gold)[:-1]) for name, gold in lists.items()}
    share = 1 - len(lists) / len(right)
    for file, answers, value in (("right", right, 1.0), ("wrong", right | wrong_lists, share)):
        lines = ({"id": name, "response": rf"\boxed{{{a}}}"} for name, a in answers.items())
        (tmp_path / f"{file}.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
        done = cli("score", "math500", "--responses", f"{file}.jsonl", "--data", "builtin")

        assert done.returncode == 0, done.stderr
        (folder,) = (tmp_path / "runs").glob(f"*{file}")
        row = orjson.loads((folder / "report.json").read_bytes())["benchmarks"]["math500"]
        assert row["value"] == pytest.approx(value)


@pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
def test_the_solutions_of_the_data_set_give_their_ground_truths() -> None:
    rows = [*SOURCE.rows("HuggingFaceH4/MATH-500", "default", "test")]

    assert [r["answer"] for r in rows if not expression_equal(r["solution"], r["answer"])] == []
