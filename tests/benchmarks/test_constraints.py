"""CFBench and FollowBench: verdicts on every criterion, what they come to, and rules; LawBench."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from evaluator.benchmarks import BENCHMARKS, cfbench
from evaluator.benchmarks.followbench import benchmark as followbench
from evaluator.benchmarks.followbench.rules import CHINESE, ENGLISH, rule
from evaluator.data import Builtin, Mirror, samples
from evaluator.errors import Unjudged, UsageError
from evaluator.judging.checklist import checklist
from evaluator.judging.panel import Panel
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Ask, Asked, Response, Sample, Score
from tests.cli.test_cli import report
from tests.conftest import Cli
from tests.stub import StubServer

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
TWO = Panel({"judge": "one", "judge-2": "two"})


def saying(**replies: str) -> Ask:
    """Replies by role; `repair` is what a judge says when asked again."""

    async def ask(messages: Asked, role: str = "model", **params: Any) -> Response:
        again = isinstance(messages, list) and len(messages) > 1 and "repair" in replies
        return Response("key", replies["repair" if again else role.replace("-", "_")])

    return ask


def loaded(name: str) -> dict[str, Sample]:
    return {sample.id: sample for sample in samples(BENCHMARKS[name], Builtin(), 0)}


SAMPLE = loaded("cfbench")["1"]  # two criteria of first importance, and another
CHAIN = loaded("followbench")


def scored(ask: Ask, panel: Panel = Panel(), sample: Sample = SAMPLE) -> Score:  # noqa: B008
    of = cfbench if sample is SAMPLE else followbench
    return asyncio.run(of.JUDGE.solve(sample, ask, panel))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('都说了。\n["YES", "NO", "YES"]', [True, False, True]),
        ("[yes, 'No', YES].", [True, False, True]),
        ('{"verdicts": [\n  "YES",\n  "YES",\n  "YES"\n]}', [True, True, True]),
        ('```\n["NO", "NO", "NO"]\n```', [False, False, False]),
        ('["YES", "NO"]', None),
        ('["YES", "NO", "YES", "YES"]', None),
        ('["YES", "PARTIAL", "YES"]', None),
        ('["YES", "NO", "YES"]，不过我再想想。', None),
        ("YES NO YES", None),
        ("[]", None),
        ("", None),
    ],
)
def test_a_list_of_verdicts_is_whole_or_none(text: str, read: list[bool] | None) -> None:
    assert checklist(text, 3) == read


@pytest.mark.parametrize(
    ("met", "primary", "rates"),
    [
        ("111", "110", (1.0, 1.0, 1.0)),
        ("110", "110", (0.67, 0.0, 0.0)),  # 0.5 + 0.5 x 0 of the others
        ("101", "110", (0.67, 0.0, 0.0)),  # one of first importance is not met
        ("1110", "1000", (0.75, 0.0, 1.0)),  # 0.5 + 0.5 x 0.67
        ("1111100", "1100000", (0.71, 0.0, 0.0)),  # 0.5 + 0.5 x 0.6 is 0.8, and not above it
        ("11", "11", (1.0, 1.0, 1.0)),
        ("11110", "00000", (0.8, 0.0, 0.0)),  # alone they must be above 0.8
        ("111110", "000000", (0.83, 0.0, 1.0)),
        ("10000000", "00000000", (0.12, 0.0, 0.0)),  # rounded as numpy does
    ],
)
def test_csr_isr_and_psr_are_those_of_the_original(
    met: str, primary: str, rates: tuple[float, float, float]
) -> None:
    assert cfbench.rates([m == "1" for m in met], [p == "1" for p in primary]) == rates


def test_a_judge_says_which_criteria_are_met() -> None:
    score = scored(saying(model="苹果", judge='["YES", "YES", "NO"]'))

    assert (score.value, score.answer) == (0.67, "2 of 3")
    assert (score.dimensions["ISR"], score.dimensions["PSR"]) == (0.0, 0.0)
    assert [check.passed for check in score.checks] == [True, True, False]
    assert score.checks[0].name == SAMPLE.fields["criteria"][0]


def test_a_verdict_that_leaves_a_criterion_out_is_asked_for_again_and_then_no_score() -> None:
    short = '["YES", "YES"]'
    mended = scored(saying(model="苹果", judge=short, repair='{"verdicts": ["YES", "YES", "YES"]}'))

    assert (mended.value, mended.dimensions["repaired"]) == (1.0, 1.0)
    with pytest.raises(Unjudged):
        scored(saying(model="苹果", judge=short))


def test_judges_that_differ_are_averaged_and_named() -> None:
    both = saying(model="苹果", judge='["YES", "YES", "YES"]', judge_2='["NO", "NO", "NO"]')
    score = scored(both, TWO)

    assert (score.value, score.answer) == (0.5, "0 of 3")
    assert (score.dimensions["by one"], score.dimensions["judges_agree"]) == (1.0, 0.0)


def test_an_empty_answer_meets_nothing_and_nobody_is_asked() -> None:
    score = scored(saying(model="<think>苹果</think>"))

    assert (score.value, score.answer, score.dimensions["PSR"]) == (0.0, None, 0.0)


def test_the_originals_own_prompt_and_verdicts_can_be_used() -> None:
    whole = Panel(prompt="{prompt} {gold_ans} {response} {criteria}", source="mine.txt")
    lines = "\n\n".join(f"{each}\t1" for each in SAMPLE.fields["criteria"])

    assert scored(saying(model="苹果", judge=lines), whole).value == 1.0
    with pytest.raises(Unjudged):
        scored(saying(model="苹果", judge=lines))
    with pytest.raises(UsageError, match=r"never names \{criteria\}"):
        cfbench.JUDGE.judged_solve().by(Panel(prompt="{prompt} {response}", source="mine.txt"))


def test_the_judge_sees_an_instruction_grow() -> None:
    sample = CHAIN["en/style/1/3"]
    seen = followbench.JUDGE.judge_prompt(sample, "Ahoy!")

    assert len(sample.fields["instructions"]) == 4
    assert all(step in seen for step in sample.fields["instructions"])
    assert "exactly 3 items" in seen
    chinese = CHAIN["zh/style/1/2"]
    assert "恰好有 2 项" in followbench.JUDGE.judge_prompt(chinese, "你好")
    own = followbench.JUDGE.judge_prompt(chinese, "你好", "{instructions} -> {answer}")
    assert own.startswith("[0] 请解释") and own.endswith("-> 你好")


def test_hsr_wants_all_constraints_and_ssr_is_the_share() -> None:
    sample = CHAIN["en/style/1/3"]
    score = scored(saying(model="Ahoy!", judge='["YES", "NO", "YES"]'), sample=sample)

    assert (score.value, score.dimensions["SSR"]) == (0.0, pytest.approx(2 / 3))
    both = saying(model="Ahoy!", judge='["YES", "YES", "YES"]', judge_2='["YES", "YES", "NO"]')
    score = scored(both, TWO, sample)
    assert (score.value, score.dimensions["SSR"]) == (0.5, pytest.approx(5 / 6))


@pytest.mark.parametrize(
    ("id", "right", "wrong"),
    [
        ("en/content/2/2", "name[The Old Mill], eatType[pub]", "name: The Old Mill"),
        ("en/situation/2/1", "It is 05/03/2024.", "05/03/2024 or 05/04/2024"),
        ("zh/situation/2/0", "12楼", "12楼"),
        ("zh/situation/2/2", "他在14楼。", "他在13楼。"),
        ("en/example/1/1", "Feeling: calm", "It is calm."),
        ("zh/example/1/5", "心情：平静", "平静"),
        ("zh/mixed/1/4", "我们改激活。", "激活由我们改。"),
    ],
)
def test_some_rows_are_checked_by_rule(id: str, right: str, wrong: str) -> None:
    if id not in CHAIN:
        assert id.endswith("/0")  # from which the others grew
        return
    sample = CHAIN[id]

    assert scored(saying(model=right), sample=sample).value == 1.0
    score = scored(saying(model=wrong), sample=sample)
    assert (score.value, score.note) == (0.0, "checked by rule")


RULED = [  # language, source, a reply that meets all five levels, the first level another breaks
    ("en", "cnn_dailymail", "Potter is rich. The actor spends. His films have won.", ""),
    ("en", "cnn_dailymail", "Potter is rich. The actor spends. His films won.", "5"),
    ("en", "xsum", "A large operation is going on.", ""),
    ("en", "xsum", "Newton Stewart is seeing an operation.", "3"),
    ("en", "samsum", "Kim has stuff to do.", ""),
    ("en", "samsum", "Kim has stuff, to do.", "5"),
    ("en", "gigaword", "four of them stood still in the city", ""),
    ("en", "gigaword", "Four of them stood still in the city", "3"),
    ("en", "arxiv", "We edit activations.", ""),
    ("en", "arxiv", "We edit transformer activations.", "5"),
    ("zh", "cnn_dailymail", "波特有钱。演员花钱。拍了电影。", ""),
    ("zh", "xsum", "人们在做操作。", ""),
    ("zh", "samsum", "她有琐碎的事。", ""),
    ("zh", "gigaword", "司机在城里罢了工", ""),
    ("zh", "arxiv", "我们改激活。", ""),
    ("zh", "arxiv", "我们改。改激活。", "1"),
]


@pytest.mark.parametrize(("language", "source", "text", "broken"), RULED)
def test_summaries_are_checked_level_by_level(
    language: str, source: str, text: str, broken: str
) -> None:
    of = ENGLISH if language == "en" else CHINESE
    for level in range(1, 6):
        holds = rule(of, "mixed", source, 1, level, "")
        assert holds and holds(text) == (not broken or level < int(broken)), level


def test_two_formats_are_checked_by_rule_one_of_them_in_english_alone() -> None:
    words = "多喝水" * 9
    four = "\n\n".join([*[f"{n}. {words}。" for n in (1, 2, 3)], f"4. {words}这些是建议"])
    paragraphs = rule(CHINESE, "format", "oasst", 22, 5, "")

    assert paragraphs and paragraphs(four) and not paragraphs(f"{four}。")
    marked = rule(ENGLISH, "format", "oasst", 30, 2, "")
    assert marked and marked("\n".join(f"**{n}. Key: text**" for n in range(1, 6)))
    assert rule(CHINESE, "format", "oasst", 30, 2, "") is None
    assert rule(ENGLISH, "format", "oasst", 21, 2, "") is None


def test_levels_met_in_a_row_are_counted_over_whole_chains() -> None:
    def outcome(id: str, value: float, soft: float) -> OutcomeRecord:
        of = {"SSR": soft}
        group = f"{id[:2]} level {id[-1]}"
        return OutcomeRecord(
            benchmark="b", id=id, group=group, status="scored", value=value, dimensions=of
        )

    lines = [outcome(f"zh/style/1/{n}", float(n != 3), 0.5) for n in range(1, 6)]
    lines += [outcome(f"zh/style/2/{n}", 1.0, 1.0) for n in range(1, 6)]
    lines += [outcome("zh/style/3/1", 0.0, 0.0)]  # the others of it failed
    totals = followbench.summarize(lines)

    assert (totals["CSL zh"].value, totals["CSL zh"].scale) == (3.5, (0.0, 5.0))
    assert totals["CSL en"].value is None
    assert (totals["SSR zh level 1"].value, totals["SSR zh level 2"].value) == (0.5, 0.75)


@pytest.mark.parametrize(
    ("reply", "value", "answer"),
    [
        ("[正确答案]A<eoa>", 1.0, "A"),
        ("选A，因为A对。", 1.0, "A"),
        ("A对，B错。", 0.0, "AB"),
        ("[正确答案]B<eoa>", 0.0, "B"),
        ("[正确答案]A<eoa>。B、C都不对。", 0.0, "ABC"),
        ("我不知道。", 0.0, None),
        ("<think>是B吗？</think>A", 1.0, "A"),
    ],
)
def test_lawbench_counts_letters_as_the_original(
    reply: str, value: float, answer: str | None
) -> None:
    of = BENCHMARKS["lawbench"]
    sample = next(iter(loaded("lawbench").values()))
    score = asyncio.run(of.solve(sample, saying(model=reply)))

    assert (sample.target, score.value, score.answer) == ("A", value, answer)


def test_a_token_that_the_question_asks_for_is_no_fault_of_a_chat_template(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = "[正确答案]A<eoa>"
    words = ("--model", "stub", "--data", "builtin", "--progress", "none", "--no-smoke")
    done = cli("run", "lawbench", *words, "--base-url", stub.base_url, "--out", "r")

    assert done.returncode == 0, done.stderr
    assert report(tmp_path / "r")["benchmarks"]["lawbench"]["leaked"] == 0


def test_a_run_shows_every_figure_with_its_interval(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = '["YES", "YES"]'
    words = ("--model", "stub", "--judge-model", "self", "--data", "builtin", "--progress", "none")
    names = ("cfbench", "followbench", "lawbench")
    done = cli("run", *names, *words, "--base-url", stub.base_url, "--out", "r", "--no-smoke")

    shown = " ".join(done.stdout.split())
    for figure in ("ISR", "PSR easy", "SSR", "SSR zh level 2", "CSL en"):
        assert f"/ {figure} " in shown
    assert done.returncode == 1, done.stderr  # verdicts on two criteria alone are readable


@real_data
def test_the_real_rows_load() -> None:
    found = {
        name: list(samples(BENCHMARKS[name], Mirror(Path(REAL or "")), 0))
        for name in ("cfbench", "followbench", "lawbench")
    }

    assert {name: len({row.id for row in rows}) for name, rows in found.items()} == {
        name: BENCHMARKS[name].size for name in found
    }
    ruled = [row for row in found["followbench"] if _rule_of(row)]
    assert len(ruled) == 680


def _rule_of(row: Sample) -> bool:
    of = row.fields
    names = "category", "source", "example", "level", "target"
    return rule(followbench.LANGUAGES[of["language"]], *(of[name] for name in names)) is not None


def test_the_interval_of_a_share_ends_where_shares_do() -> None:
    shares = (0.5, 0.5, 0.6, 1.0)
    lines = [
        OutcomeRecord(
            benchmark="b", id=f"en/style/1/{i}", status="scored", value=0.0, dimensions={"SSR": of}
        )
        for i, of in enumerate(shares, 1)
    ]
    ends = followbench.summarize(lines)["SSR"].ci95

    assert ends
    assert 0.0 < ends[0] < 0.65 < ends[1] <= 1.0
