"""The three answers of a gate: against simulated runs, and as a person gets them."""

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml
from scipy.stats import binom

from evaluator.gates.judge import Demands, answers
from evaluator.gates.requirement import together
from tests.conftest import Cli
from tests.gates.simulated import beside, right, run_of
from tests.written_runs import Said, write_run

RUNS = 400  # simulated
MOST = float(binom.isf(0.005, RUNS, 0.05))  # of them that an error of 5 % would come to by chance
LEAST = {"exam": 0.75}


@pytest.mark.parametrize("n", [20, 200])
def test_a_model_at_the_limit_fails_and_one_just_below_passes_by_mistake_in_one_of_twenty_at_most(
    n: int,
) -> None:
    random = Random(1)
    found = Counter(
        together(answers(run_of({"exam": right(random, 0.75, n)}), Demands(LEAST)))
        for _ in range(RUNS)
    )

    assert found["fails"] <= MOST
    assert found["passes"] <= MOST


def test_several_benchmarks_at_their_limits_fail_by_mistake_no_more_often_than_one() -> None:
    random, names = Random(2), [f"exam{i}" for i in range(6)]
    demands = Demands(dict.fromkeys(names, 0.75))
    found = Counter(
        together(answers(run_of({name: right(random, 0.75, 200) for name in names}), demands))
        for _ in range(RUNS)
    )

    assert found["fails"] <= MOST


@pytest.mark.parametrize(
    "lost,gained", [(0.02, 0.0), (0.03, 0.01), (0.08, 0.06)], ids=["losses", "few", "many"]
)
@pytest.mark.parametrize("n", [40, 400])
def test_a_drop_as_large_as_allowed_is_called_neither_by_mistake(
    n: int, lost: float, gained: float
) -> None:
    random, found = Random(3), Counter[str]()
    for _ in range(RUNS):
        base = [1.0] * (n * 7 // 10) + [0.0] * (n - n * 7 // 10)
        run = run_of({"exam": beside(random, base, lost, gained)})
        found[together(answers(run, Demands({}, 0.02), run_of({"exam": base})))] += 1

    assert found["fails"] <= MOST
    assert found["passes"] <= MOST


def test_noise_alone_is_no_drop() -> None:
    """The same model asked twice, with answers that change by themselves."""
    random, found = Random(4), Counter[str]()
    for _ in range(RUNS):
        truth = [random.choice([0.02, 0.3, 0.9, 1.0]) for _ in range(300)]
        first, second = ([float(random.random() < p) for p in truth] for _ in range(2))
        demands = Demands({}, 0.0)
        found[together(answers(run_of({"exam": second}), demands, run_of({"exam": first})))] += 1

    assert found["fails"] <= MOST


def test_what_is_clear_is_told() -> None:
    random = Random(5)
    base = run_of({"exam": right(random, 0.9, 1000)})
    same = run_of({"exam": [each.score for each in base.outcomes["exam"].values()]})
    worse = run_of({"exam": right(random, 0.6, 1000)})

    assert together(answers(same, Demands(LEAST, 0.02), base)) == "passes"
    assert together(answers(worse, Demands(LEAST))) == "fails"
    assert together(answers(worse, Demands({}, 0.02), base)) == "fails"


def test_ratings_are_held_to_their_own_scale() -> None:
    random = Random(6)
    ratings = [float(random.choice([5, 7, 7, 8, 8, 9])) for _ in range(400)]
    run = run_of({"exam": ratings}, (1.0, 10.0))

    (passed,), (failed,), (unsure,) = (
        answers(run, Demands({"exam": least})) for least in (7.0, 7.8, sum(ratings) / 400)
    )

    assert (passed.answer, failed.answer, unsure.answer) == ("passes", "fails", "cannot tell")
    assert passed.low > 7.0 and failed.high < 7.8


def test_of_few_samples_there_is_no_telling_but_how_many_would_tell() -> None:
    (few,) = answers(run_of({"exam": [1.0] * 4 + [0.0]}), Demands(LEAST))

    assert few.answer == "cannot tell"
    assert few.needed and 100 < few.needed < 2000


@pytest.mark.parametrize("lost", [None, "unreached"])
def test_what_was_not_measured_counts_against_either_answer(lost: str | None) -> None:
    """700 right answers of 1,000 are surely below 75 %, unless the others are missing."""
    values: list[float | None] = [1.0] * 700
    whole = run_of({"exam": [*values, *[0.0] * 300]})
    partly = run_of({"exam": [*values, *[None] * 300]})
    if lost:
        for id in range(700, 1000):
            del partly.outcomes["exam"][str(id)]  # type: ignore[attr-defined]

    assert answers(whole, Demands(LEAST))[0].answer == "fails"
    (found,) = answers(partly, Demands(LEAST))
    assert found.answer == "cannot tell"
    assert found.value == 1.0 and found.missing == 300 and "300 samples" in found.notes[0]
    assert answers(partly, Demands({"exam": 0.6}))[0].answer == "passes"


def test_pairs_that_were_not_measured_count_as_lost() -> None:
    base = run_of({"exam": [1.0] * 400})
    whole, partly = (run_of({"exam": [1.0] * 380 + [last] * 20}) for last in (1.0, None))

    assert answers(whole, Demands({}, 0.02), base)[0].answer == "passes"
    assert answers(partly, Demands({}, 0.02), base)[0].answer == "cannot tell"
    assert answers(whole, Demands({}, 0.02), partly)[0].answer == "cannot tell"


def test_a_benchmark_that_the_run_lacks_does_not_pass() -> None:
    base = run_of({"exam": [1.0] * 400, "other": [1.0] * 400})
    run = run_of({"exam": [1.0] * 400})

    assert together(answers(run, Demands({}, 0.02), base)) == "cannot tell"
    assert together(answers(run, Demands({}, 0.02, ["exam"]), base)) == "passes"


def said(right: int, of: int, **more: Any) -> list[Said]:
    return [Said(str(i), float(i < right), **more) for i in range(of)]


@pytest.mark.parametrize(
    "right,code,word", [(190, 0, "passes"), (100, 1, "fails"), (155, 4, "cannot tell")]
)
def test_the_exit_code_is_the_answer(
    cli: Cli, tmp_path: Path, right: int, code: int, word: str
) -> None:
    write_run(tmp_path / "mine", said(right, 200))

    done = cli("gate", "mine", "--min", "exam=0.75", "--junit", "out/gate.xml")

    assert done.returncode == code, done.stderr
    assert f"mine: {word} (confidence 0.95)" in done.stdout
    assert (tmp_path / "out/gate.xml").exists()


def test_an_unfinished_run_says_what_is_missing(cli: Cli, tmp_path: Path) -> None:
    write_run(tmp_path / "mine", said(150, 150), samples=200)

    done = cli("gate", "mine", "--min", "exam=0.75")

    assert done.returncode == 4
    assert "50 samples were not measured: they count as wrong before" in done.stdout


def test_junit_and_markdown_hold_every_answer(cli: Cli, tmp_path: Path) -> None:
    write_run(tmp_path / "a\x1b[1m<b>", said(150, 200))
    write_run(tmp_path / "base", said(190, 200))
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")

    words = ("--min", "exam=0.5", "--min", "exam=0.75", "--base", "base", "--max-drop", 0.02)
    wrote = ("--junit", "gate.xml", "--markdown", summary)
    done = cli("gate", "a\x1b[1m<b>", *words[2:], *wrote)

    assert done.returncode == 1
    (suite,) = JUnitXml.fromfile(str(tmp_path / "gate.xml"))
    results = {case.name: case.result for case in suite}
    assert suite.tests == 2 and suite.failures == 1 and suite.errors == 1
    kinds = {name: type(result[0]) for name, result in results.items()}
    assert kinds == {
        "exam at least 75.0%": Error,
        "exam at most 2.0 points below the base": Failure,
    }
    assert "\x1b" not in ET.tostring(ET.parse(tmp_path / "gate.xml").getroot(), "unicode")
    text = summary.read_text()
    assert text.startswith("# Before\n### ❌ ") and "&lt;b>" in text
    assert "| exam - base | 200 |" in text


@pytest.mark.parametrize(
    "words,said_of_it",
    [
        ((), "nothing is asked; give --min NAME=SCORE, or --base RUN --max-drop SHARE"),
        (("--base", "mine"), "--base without --max-drop"),
        (("--max-drop", 0.02), "--max-drop without --base"),
        (("--min", "exam=75"), "give 0.75 for 75 %"),
        (("--min", "exams=0.75"), "did you mean 'exam'?"),
        (("--min", "exam=high"), "--min"),
        (("--min", "exam=0.7", "--benchmark", "exam"), "--benchmark: it chooses what"),
    ],
)
def test_a_mistake_is_no_answer(
    cli: Cli, tmp_path: Path, words: tuple[object, ...], said_of_it: str
) -> None:
    write_run(tmp_path / "mine", said(15, 20))

    done = cli("gate", "mine", *words)

    assert done.returncode == 2
    assert said_of_it in done.stderr
