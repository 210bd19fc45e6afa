"""Comparisons of runs whose outcomes are thought up, so that what they must say is known."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from evaluator.comparison import compare, write
from evaluator.comparison.causes import CAUSES
from evaluator.comparison.tables import serving
from evaluator.comparison.terminal import terminal
from evaluator.errors import UsageError
from evaluator.results.benchmark_comparison import ComparisonRow
from evaluator.results.comparison import Comparison
from evaluator.results.files import read
from tests.written_runs import Said, write_run

FORM = {"strict": 1.0, "in_format": 1.0, "refused": 0.0}
RIGHT = Said("1", dimensions=FORM)
WRONG = replace(RIGHT, value=0.0, answer="C", dimensions={**FORM, "strict": 0.0})
UNREAD = Said(
    "1", 0.0, None, status="unparsed", text="Who knows?", dimensions=dict.fromkeys(FORM, 0.0)
)
CUT = replace(UNREAD, status="truncated", finish_reason="length")
REFUSED = replace(UNREAD, dimensions={**UNREAD.dimensions, "refused": 1.0})
ENGLISH = replace(UNREAD, text="It is hard to say which of these is meant.")
CHINESE = replace(UNREAD, text="这个问题不好回答，各个选项都有道理。")
RATED = Said("1", 8.0, "8", target="", dimensions={"in_chinese": 1.0})

Runs = Callable[..., Comparison]


def many(said: Said, n: int, start: int = 0, **changes: Any) -> list[Said]:
    """The same said to n questions."""
    return [replace(said, id=str(i), **changes) for i in range(start, start + n)]


@pytest.fixture
def compared(tmp_path: Path) -> Runs:
    """Compares what two models said."""

    def run(base: Sequence[Said], other: Sequence[Said], **about: Any) -> Comparison:
        one = write_run(tmp_path / "base", base, **about)
        return compare(one, [write_run(tmp_path / "other", other, **about)])

    return run


def first(comparison: Comparison) -> ComparisonRow:
    return comparison.comparisons[0].rows[0]


def shown(comparison: Comparison, width: int = 80) -> str:
    console = Console(width=width, file=StringIO())
    console.print(terminal(comparison))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_pairs_are_of_the_same_id_and_measured_in_both(compared: Runs) -> None:
    base = [*many(RIGHT, 8), *many(RIGHT, 1, 20)]
    other = [
        *many(WRONG, 3),
        *many(RIGHT, 1, 3),
        *many(RIGHT, 1, 4, status="error", value=None),
        *many(RIGHT, 2, 5, status="judge_unparsed", value=None),
        *many(RIGHT, 4, 30),
    ]

    comparison = compared(base, other)
    row, side = first(comparison), comparison.comparisons[0]

    assert (row.n, row.base, row.other, row.difference) == (4, 1.0, 0.25, -0.75)
    assert side.benchmarks["exam"].left_out == {
        "error": 1,
        "judge_unparsed": 2,
        "only in the base": 2,
        "only in the other": 4,
    }
    assert "left out: 1 error, 2 judge_unparsed" in " ".join(shown(comparison).split())


@pytest.mark.parametrize(
    ("base", "other", "about", "why"),
    [
        (RIGHT, WRONG, {}, "knowledge"),
        (WRONG, RIGHT, {}, "knowledge"),
        (RIGHT, UNREAD, {}, "format"),
        (UNREAD, RIGHT, {}, "format"),
        (RIGHT, CUT, {}, "truncation"),
        (RIGHT, REFUSED, {}, "refusal"),
        (RIGHT, replace(REFUSED, status="truncated"), {}, "truncation"),
        (RIGHT, ENGLISH, {"language": "zh"}, "language"),
        (RIGHT, CHINESE, {"language": "zh"}, "format"),
        (RIGHT, ENGLISH, {}, "format"),
        # read, though not in the form that was asked for, and cut off after the answer
        (RIGHT, replace(WRONG, dimensions={"in_format": 0.0}), {}, "knowledge"),
        (RIGHT, replace(WRONG, finish_reason="length"), {}, "knowledge"),
        (RATED, replace(RATED, value=5.0), {"scale": [1.0, 10.0]}, "knowledge"),
        (
            RATED,
            replace(RATED, value=3.0, dimensions={"in_chinese": 0.0}),
            {"scale": [1.0, 10.0]},
            "language",
        ),
        (
            RATED,
            replace(RATED, value=2.0, finish_reason="length"),
            {"scale": [1.0, 10.0]},
            "truncation",
        ),
        (
            replace(RATED, dimensions={"in_chinese": 0.0}),
            replace(RATED, value=3.0, dimensions={"in_chinese": 0.0}),
            {"scale": [1.0, 10.0]},
            "knowledge",
        ),
        # of three repeats one was unread, then two
        (
            replace(RIGHT, value=2 / 3, dimensions={"in_format": 1.0, "unread": 1 / 3}),
            replace(RIGHT, value=1 / 3, dimensions={"in_format": 1.0, "unread": 2 / 3}),
            {"repeats": 3},
            "format",
        ),
    ],
)
def test_a_difference_has_one_cause(
    compared: Runs, base: Said, other: Said, about: dict[str, Any], why: str
) -> None:
    row = first(compared([base], [other], **about))

    assert row.difference
    assert row.parts == pytest.approx(
        {cause: row.difference if cause == why else 0.0 for cause in CAUSES}
    )


GOOD = {"tool": 1.0, "arguments": 1.0, "needless_calls": 0.0, "no_answer": 0.0, "in_format": 1.0}


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({"tool": 0.0}, "tool"),
        ({"tool": 0.5, "in_format": 0.0}, "format"),
        ({"in_format": 0.0}, "knowledge"),  # badly written, and yet read
        ({"arguments": 0.5}, "arguments"),
        ({"needless_calls": 0.5}, "needless calls"),
        ({"no_answer": 1.0, "needless_calls": 0.9}, "no answer"),
        ({"in_chinese": 0.0}, "knowledge"),
    ],
)
def test_a_difference_in_tool_calls_has_a_cause_of_its_own(
    compared: Runs, figures: dict[str, float], why: str
) -> None:
    base = replace(RIGHT, dimensions=GOOD)
    other = replace(WRONG, dimensions={**GOOD, **figures})
    comparison = compared([base], [other], language="zh")
    row = first(comparison)

    assert {cause for cause, part in row.parts.items() if part} == {why}
    assert why in " ".join(shown(comparison).split())


def mixed(group: str, start: int) -> tuple[list[Said], list[Said]]:
    """Some of everything on both sides."""
    kinds = [RIGHT, WRONG, UNREAD, CUT, REFUSED]
    pairs = [(base, other) for base in kinds for other in kinds]
    return (
        [replace(p[0], id=str(start + i), group=group) for i, p in enumerate(pairs)],
        [replace(p[1], id=str(start + i), group=group) for i, p in enumerate(pairs)],
    )


def test_parts_add_up_in_every_row_and_turn_around_with_the_runs(tmp_path: Path) -> None:
    ours, theirs = mixed("law", 0)
    more = many(RIGHT, 9, 100, group="logic"), many(CUT, 9, 100, group="logic")
    base = write_run(tmp_path / "base", ours + more[0])
    other = write_run(tmp_path / "other", theirs + more[1])

    rows = compare(base, [other]).comparisons[0].rows
    turned = compare(other, [base]).comparisons[0].rows

    assert [row.name for row in rows] == ["exam", "law", "logic"]
    for row, back in zip(rows, turned, strict=True):
        assert sum(row.parts.values()) == pytest.approx(row.difference)
        assert back.difference == pytest.approx(-row.difference)
        assert back.parts == pytest.approx({why: -part for why, part in row.parts.items()})
    assert rows[2].parts["truncation"] == -1.0


def test_a_model_that_lost_the_form_has_not_forgotten(compared: Runs) -> None:
    off_form = replace(RIGHT, text="B", dimensions={**FORM, "strict": 0.0, "in_format": 0.0})

    comparison = compared(many(RIGHT, 40), many(off_form, 40))
    dimensions = comparison.comparisons[0].benchmarks["exam"].dimensions

    assert first(comparison).difference == 0.0
    assert comparison.comparisons[0].forgotten == []
    assert (dimensions["strict"].base, dimensions["strict"].other) == (1.0, 0.0)
    assert "exam 100.0 0.0 -100.0 100.0 0.0" in " ".join(shown(comparison).split())


def test_a_loss_is_found_where_there_is_one_and_the_rest_is_not_blamed(compared: Runs) -> None:
    subjects = [f"s{i}" for i in range(10)]
    base, other = [], []
    for number, subject in enumerate(subjects):
        base += many(RIGHT, 60, 1000 * number, group=subject)
        lost = 20 if subject == "s4" else 1
        other += many(WRONG, lost, 1000 * number, group=subject)
        other += many(RIGHT, 60 - lost, 1000 * number + lost, group=subject)

    about = {"categories": {s: "low" if s < "s5" else "high" for s in subjects}}
    comparison = compared(base, other, **about)
    verdicts = {row.name: row.verdict for row in comparison.comparisons[0].rows}
    text = shown(comparison)

    assert {name for name, verdict in verdicts.items() if verdict == "forgot"} == {
        "exam",
        "low",
        "s4",
    }
    assert verdicts["s0"] == "underpowered"
    assert "s4" in text
    assert not re.search(r"s[0-35-9]", text)
    assert "not shown: 9 subjects" in text
    assert max(map(len, text.splitlines())) <= 80


def test_many_pairs_without_a_difference_are_no_evidence(compared: Runs) -> None:
    base = [*many(RIGHT, 900), *many(WRONG, 100, 900)]

    row = first(compared(base, base))

    assert (row.verdict, row.p) == ("no evidence", 1.0)
    assert row.detectable < 0.05


def test_few_pairs_say_that_they_are_few(compared: Runs) -> None:
    row = first(compared(many(RIGHT, 4), many(WRONG, 4)))

    assert (row.verdict, row.detectable) == ("underpowered", None)


def test_ratings_are_compared_on_their_scale(compared: Runs) -> None:
    base = [replace(RATED, id=str(i), value=float(5 + i % 4)) for i in range(80)]
    other = [replace(each, value=each.value - 1 - int(each.id) % 2) for each in base]  # type: ignore[operator]

    comparison = compared(base, other, scale=[1.0, 10.0], judge="judge")
    row = first(comparison)

    assert (row.verdict, row.difference) == ("forgot", -1.5)
    assert "6.50   5.00  -1.50" in shown(comparison)
    assert len(comparison.comparisons[0].forgotten) == 40  # those that lost two points


def test_all_models_of_a_table_are_one_family(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", many(RIGHT, 40))
    worse = write_run(tmp_path / "worse", [*many(WRONG, 7), *many(RIGHT, 33, 7)])
    same = write_run(tmp_path / "same", many(RIGHT, 40))

    alone = first(compare(base, [worse]))
    table = compare(base, [worse, same, same])

    assert alone.p == pytest.approx(2 / 2**7) == first(table).p
    assert first(table).adjusted == pytest.approx(3 * alone.adjusted)
    assert "100.0 82.5 - 100.0 100.0" in " ".join(shown(table).replace("82.5 -", "82.5 - ").split())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"shots": 5}, "exam: shots 0 and 5"),
        ({"metric": "pass@1"}, "metric 'accuracy' and 'pass@1'"),
        ({"params": {"temperature": 0.7, "max_tokens": 512}}, "temperature 0.0 and 0.7"),
        ({"params": {"temperature": 0.0}}, "max_tokens 512 and not given"),
        ({"judge": "another", "scale": [1.0, 10.0]}, "judge not given and 'another'"),
        (
            {"about": ["judged by demo", "own prompt"], "scale": [1.0, 10.0]},
            "judging: nothing more in the base, and judged by demo; own prompt here",
        ),
    ],
)
def test_runs_of_other_settings_are_refused_and_forced(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    scale = changes.get("scale", [0.0, 1.0])
    base = write_run(tmp_path / "base", many(RIGHT, 5), scale=scale)
    other = write_run(tmp_path / "other", many(WRONG, 5), **{"scale": scale, **changes})

    with pytest.raises(UsageError, match="--force pairs what can be paired") as refused:
        compare(base, [other])
    forced = compare(base, [other], force=True)

    assert complaint in str(refused.value)
    assert first(forced).n == 5
    assert f"paired by force: {complaint.removeprefix('exam: ')}" in shown(forced, 200)


def test_other_prompts_are_refused(compared: Runs) -> None:
    with pytest.raises(UsageError, match="other prompts in 2 of 5 samples"):
        compared(many(RIGHT, 5), [*many(RIGHT, 2, prompt="01"), *many(RIGHT, 3, 2)])


def test_another_right_answer_is_another_question_even_by_force(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", many(RIGHT, 5))
    other = write_run(tmp_path / "other", [*many(RIGHT, 2, target="D"), *many(RIGHT, 3, 2)])

    with pytest.raises(UsageError, match="other right answers in 2 samples"):
        compare(base, [other])
    assert first(compare(base, [other], force=True)).n == 3


@pytest.mark.parametrize(
    ("prompt", "refused"), [("00", False), ("", True)], ids=["proven", "not proven"]
)
def test_the_same_rows_may_lie_elsewhere_if_the_prompts_show_it(
    tmp_path: Path, prompt: str, refused: bool
) -> None:
    said = many(RIGHT, 5, prompt=prompt)
    base = write_run(tmp_path / "base", said, data="exam via local mirror /a")
    other = write_run(tmp_path / "other", said, data="exam via local mirror /b")

    if refused:
        with pytest.raises(UsageError, match="data 'exam via local mirror /a'"):
            compare(base, [other])
    else:
        assert first(compare(base, [other])).n == 5


def test_a_seed_is_no_reason_to_refuse(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", many(RIGHT, 5), params={"temperature": 0.7, "seed": 1})
    other = write_run(tmp_path / "other", many(RIGHT, 5), params={"temperature": 0.7, "seed": 2})

    assert first(compare(base, [other])).n == 5


def test_a_setting_that_an_older_run_did_not_record_is_no_difference(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", many(RIGHT, 5))
    other = write_run(tmp_path / "other", many(RIGHT, 5), mode="generate", api="chat")

    assert first(compare(base, [other])).n == 5


def test_runs_without_recorded_prompts_are_compared_with_a_warning(compared: Runs) -> None:
    comparison = compared(many(RIGHT, 5, prompt=""), many(RIGHT, 5, prompt=""))

    assert "did not record its prompts" in shown(comparison, 200)


@pytest.mark.parametrize(
    ("n", "other", "few", "unread"),
    [(11, WRONG, True, False), (40, WRONG, False, False), (40, UNREAD, False, True)],
)
def test_a_finding_says_how_little_it_may_tell(
    compared: Runs, n: int, other: Said, few: bool, unread: bool
) -> None:
    text = shown(compared(many(RIGHT, n), many(other, n)), 200)

    assert "forgot" in text
    assert (f"exam: {n} pairs tell that something changed, and hardly how much" in text) == few
    assert ("exam: no reply of other could be read" in text) == unread


def test_what_cannot_be_paired_at_all_is_refused_even_by_force(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", many(RIGHT, 5))
    other = write_run(tmp_path / "other", many(RIGHT, 5, 50))
    third = write_run(tmp_path / "third", many(RIGHT, 5))
    run = orjson.loads((third / "run.json").read_bytes())
    run["benchmarks"] = {"quiz": run["benchmarks"]["exam"]}
    (third / "run.json").write_bytes(orjson.dumps(run))
    (third / "outcomes.jsonl").write_bytes(b"")

    with pytest.raises(UsageError, match="no sample was measured in both"):
        compare(base, [other], force=True)
    with pytest.raises(UsageError, match="they share no benchmark, exam in one and quiz"):
        compare(base, [third], force=True)
    with pytest.raises(UsageError, match=r"no run in .*: it has no run\.json"):
        compare(base, [tmp_path / "absent"])
    (third / "responses.jsonl").unlink()
    with pytest.raises(UsageError, match=r"is no run of `evaluator run`: it has no responses"):
        compare(base, [third])


def test_benchmarks_that_cannot_be_paired_are_named(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / name, many(RIGHT, 5)) for name in ("base", "other")]
    for folder, names in zip(folders, (("quiz", "poll"), ("riddle", "poll")), strict=True):
        run = orjson.loads((folder / "run.json").read_bytes())
        run["benchmarks"] |= dict.fromkeys(names, run["benchmarks"]["exam"])
        (folder / "run.json").write_bytes(orjson.dumps(run))

    comparison = compare(folders[0], [folders[1]])

    assert comparison.comparisons[0].unpaired == {
        "poll": "no sample measured in both",
        "quiz": "only in the base",
        "riddle": "only in the other",
    }
    assert "quiz: not compared: only in the base" in shown(comparison)


def test_forgotten_and_learned_questions_are_listed_with_both_replies(
    compared: Runs, tmp_path: Path
) -> None:
    long = replace(WRONG, text=f"{'x' * 5000} Answer: C")
    comparison = compared(
        [*many(RIGHT, 30), replace(WRONG, id="learned")],
        [*many(long, 25), *many(RIGHT, 5, 25), replace(RIGHT, id="learned")],
    )
    write(comparison, tmp_path / "out")
    (side,) = read(tmp_path / "out/compare.json", Comparison).comparisons
    text = (tmp_path / "out/compare.md").read_text(encoding="utf-8")

    assert {each.id for each in side.forgotten} == {str(i) for i in range(25)}
    assert [each.id for each in side.learned] == ["learned"]
    reply = side.forgotten[0].other.reply
    assert len(reply) < 700
    assert reply.endswith("Answer: C")
    assert side.forgotten[0].base.reply == "Answer: B"
    assert "Forgotten: 25" in text
    assert "5 more are in compare.json" in text


HOSTILE = "\x1b[2J\x07 ```` </td><script>x</script> ![i](http://x/y.png) | \u202e\ud800 **b**"


def test_a_models_words_cannot_steer_the_reader(tmp_path: Path) -> None:
    about = {"group": "\x1b[31mlaw|[bold]", "answer": "\x1b[1m` B"}
    base = write_run(tmp_path / "base", many(RIGHT, 30, **about))
    other = write_run(tmp_path / "other", [*many(WRONG, 29, **about), *many(RIGHT, 1, 29)])
    lines = (other / "responses.jsonl").read_text().splitlines()
    escaped = HOSTILE.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    records = [{**orjson.loads(line), "text": escaped} for line in lines]
    (other / "responses.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))

    comparison = compare(base, [other])
    write(comparison, tmp_path)
    text = (tmp_path / "compare.md").read_text(encoding="utf-8")

    for written in (text, shown(comparison)):
        assert not set(written) & {"\x1b", "\x07", "\u202e"}
    blocks = re.findall(r"^(`{5,})text\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)
    assert any("<script>" in block for _, block in blocks)
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"(`+) .*? \1(?!`)", "", outside)
    assert "<script>" not in outside
    assert "![i]" not in outside


def test_serving_is_side_by_side_and_known_gpus_count(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", [*many(RIGHT, 6), *many(WRONG, 4, 6)])
    other = write_run(tmp_path / "other", [*many(RIGHT, 5), *many(WRONG, 5, 5)])
    run = orjson.loads((other / "run.json").read_bytes())
    (other / "run.json").write_bytes(orjson.dumps({**run, "gpus": 2}))

    ours, theirs = compare(base, [other]).serving

    assert (ours.requests_per_s, ours.output_tokens_per_s) == (5.0, 25.0)
    assert (ours.mean_output_tokens, ours.seconds) == (5.0, 2.0)
    assert ours.points_per_gpu_minute is None
    assert theirs.points_per_gpu_minute == pytest.approx(50 / (2 * 2 / 60))


def test_a_server_that_does_not_count_tokens_has_no_rate_of_them(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / name, many(RIGHT, 3)) for name in ("base", "other")]
    path = runs[1] / "responses.jsonl"
    rows = [orjson.loads(line) | {"output_tokens": 0} for line in path.read_bytes().splitlines()]
    without = [{**row, "prompt_tokens": 0} for row in rows]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in without))
    comparison = compare(runs[0], [runs[1]])

    _, theirs = comparison.serving
    assert (theirs.output_tokens_per_s, theirs.mean_output_tokens) == (None, None)
    assert serving(comparison).rows[1][2:4] == ["-", "-"]
