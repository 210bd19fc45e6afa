"""The dashboard on a screen with room for panels."""

import asyncio
from contextlib import suppress
from io import StringIO
from itertools import count
from typing import get_args

import pytest
from rich.cells import cell_len
from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.wire import Wire
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import Screen
from evaluator.dashboard.throughput import Throughput, sparkline
from evaluator.locale import Language, catalogue
from evaluator.types import Outcome, Response, Score, Status
from tests.stub import StubServer

WIDE, HIGH = 110, 36


def drawn(meter: Meter, width: int = WIDE, height: int = HIGH, encoding: str = "utf-8") -> str:
    class Terminal(StringIO):
        """What a terminal of that encoding shows."""

        @property
        def encoding(self) -> str:  # type: ignore[override]
            return encoding

    console = Console(width=width, height=height, file=Terminal())
    console.print(Screen(meter))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def ended(
    sample: str, status: Status = "scored", value: float = 1.0, answer: str | None = "A"
) -> Outcome:
    score = None if status == "error" else Score(value, answer)
    error = "status 500:\nno memory" if status == "error" else ""
    return Outcome("arc", sample, "", status, score, error, "A")


def measured(*outcomes: Outcome) -> Meter:
    meter = Meter({"arc": 10}, {}, engine="vllm 0.33")
    for outcome in outcomes:
        meter(outcome)
    return meter


@pytest.mark.parametrize(("width", "height"), [(99, 50), (200, 29), (80, 24)])
def test_a_small_screen_has_none(width: int, height: int) -> None:
    assert "last answers" not in drawn(measured(), width, height)


def test_a_terminal_without_such_characters_has_none() -> None:
    text = drawn(measured(), encoding="ascii")

    assert "arc" in text
    assert "last answers" not in text


@pytest.mark.parametrize(("width", "height"), [(100, 30), (110, 36), (250, 80)])
@pytest.mark.parametrize("benchmarks", [0, 1, 7, 60])
def test_they_fill_no_more_than_the_screen(width: int, height: int, benchmarks: int) -> None:
    meter = Meter({f"a_benchmark_with_a_long_name_{i}": 10 for i in range(benchmarks)}, {})
    for name in meter.rows:
        meter(Outcome(name, "y" * 300, "", "scored", Score(0.0, "x" * 300), target="z" * 300))
    lines = drawn(meter, width, height).splitlines()

    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_of_many_benchmarks_those_under_way_are_shown() -> None:
    meter = Meter({f"b{i}": 2 for i in range(60)}, {})
    for number in [*range(30), *range(31)]:  # 30 are done, one has begun
        meter(Outcome(f"b{number}", "1", "", "scored", Score(1.0, "A")))
    text = drawn(meter)

    assert "b30 " in text and "b31 " in text
    assert "b0 " not in text
    assert "more: 30 done" in text


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (ended("s1"), "arc s1 right A"),
        (ended("s2", value=0.0, answer="B"), "arc s2 wrong B (ground truth: A)"),
        (ended("s3", "unparsed", 0.0, None), "arc s3 unparsed nothing was read (ground truth: A)"),
        (ended("s4", "error"), "arc s4 error status 500: no memory"),
        (ended("s7", answer="A."), "arc s7 right A. │"),
        (ended("s5", "judge_unparsed", 0.0, None), "arc s5 judge unparsed nothing was read"),
        (ended("s6", answer="\x1b[31m\nA\u202e"), "arc s6 right \ufffd[31m A\ufffd"),
    ],
)
def test_the_last_answers_are_told_as_they_were_read(outcome: Outcome, shown: str) -> None:
    text = drawn(measured(outcome))

    assert shown in " ".join(text.split())
    assert "\x1b" not in text and "\u202e" not in text


def test_the_newest_answer_is_at_the_top_and_old_ones_go() -> None:
    text = drawn(measured(*(ended(f"number{i}") for i in range(20))))

    assert text.index("number19") < text.index("number18") < text.index("number14")
    assert "number13" not in text


def test_a_score_that_is_no_share_is_a_figure() -> None:
    meter = Meter({"arc": 2}, {}, {"arc": (1.0, 10.0)})
    meter(ended("s1", value=7.5, answer="7.5"))

    assert "7.50" in drawn(meter)


def test_each_endpoint_has_a_line(stub: StubServer) -> None:
    async def shown() -> str:
        pool = Pool("stub", [Wire(stub.base_url), Wire("http://127.0.0.1:1/v1")])
        try:
            return drawn(Meter({"arc": 10}, {"model": pool}, engine="vllm 0.33"))
        finally:
            await pool.close()

    text = asyncio.run(shown())

    assert "stub · vllm 0.33" in text
    assert text.count("in flight") == 1 + 2
    assert stub.base_url in text and "http://127.0.0.1:1/v1" in text


def test_the_last_minute_is_counted_by_the_second() -> None:
    async def counted() -> float:
        throughput = Throughput()
        counts = count(0, 100)
        with suppress(TimeoutError):
            await asyncio.wait_for(throughput.watch(lambda: next(counts)), 1.5)
        return throughput.rates[0]

    assert 0 < asyncio.run(counted()) <= 100  # in one second, or what a busy machine makes of it


@pytest.mark.parametrize(
    ("values", "width", "height", "lines"),
    [
        ([], 3, 2, ["   ", "   "]),
        ([0, 0], 3, 1, ["   "]),
        ([1, 2, 4], 3, 1, ["▂▄█"]),
        ([1, 2, 4], 5, 2, ["    █", "  ▄██"]),
        ([9, 1, 2], 2, 1, ["▄█"]),
    ],
)
def test_a_sparkline(values: list[float], width: int, height: int, lines: list[str]) -> None:
    assert sparkline(values, width, height) == lines


def test_responses_count_from_the_start() -> None:
    meter = measured()
    meter(Response("k", "A", output_tokens=3))

    assert "requests/s" in drawn(meter)


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("size", [(100, 30), (120, 40)])
def test_frames_are_closed_in_every_language(
    monkeypatch: pytest.MonkeyPatch, language: Language, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("evaluator.locale._screen", catalogue(language))
    wide, high = size
    meter = measured(ended("一个很长的样本名" * 9), ended("7", "judge_unparsed", answer=None))
    lines = drawn(meter, wide, high).splitlines()

    assert {cell_len(line) for line in lines if line[0] in "╭│╰"} == {wide}
    assert len(lines) < high


def test_what_became_of_a_sample_is_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluator.locale._screen", catalogue("zh"))
    text = drawn(measured(ended("7", "judge_unparsed", answer=None)))

    assert "评审未解析" in text
    assert "judge" not in text
