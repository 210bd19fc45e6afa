"""Scripted models get the scores that a person would give them, in every protocol."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator import evaluate
from evaluator.results.report import RunReport
from tests.agents import players
from tests.agents.players import SCENARIOS, WRITERS, Player, Playing, Step, full_width
from tests.stub import Reply, StubServer

PROTOCOLS = ("tools", "react", "json", "text")


def played(
    out: Path, player: Player, protocol: str, write: Callable[[Step], Reply] | None = None
) -> dict[str, Any]:
    """The report's figures of a run of the player."""
    with StubServer(reply=Playing(player, write or WRITERS[protocol])) as stub:
        report: RunReport = evaluate(
            "toolcall",
            model="stub",
            base_url=stub.base_url,
            protocol=protocol,
            out=out,
            smoke=False,
            progress="none",
        )
        assert stub.failure is None
    result = report.benchmarks["toolcall"]
    assert result.samples == len(SCENARIOS) == 120
    return {"value": result.value, **{name: of.value for name, of in result.dimensions.items()}}


def outcomes(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "outcomes.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_perfect_model_is_perfect(protocol: str, tmp_path: Path) -> None:
    figures = played(tmp_path, players.perfect, protocol)

    wrong = {one["id"]: one["note"] for one in outcomes(tmp_path) if one["note"]}
    assert not wrong
    ones = ("value", "strict", "tool", "arguments", "asked", "in_format", "in_chinese")
    assert {name: figures[name] for name in ones} == dict.fromkeys(ones, 1.0)
    none = ("needless_calls", "unknown_tools", "made_up_arguments", "no_answer")
    assert {name: figures[name] for name in none} == dict.fromkeys(none, 0.0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_lazy_model_is_right_where_nothing_can_be_done(protocol: str, tmp_path: Path) -> None:
    figures = played(tmp_path, players.lazy, protocol)

    right = {one["id"].partition("/")[2] for one in outcomes(tmp_path) if one["value"] == 1.0}
    assert right == {f"no_tool/{number:02d}" for number in (1, 2, 4, 5, 7, 8)}
    assert figures["value"] == 12 / 120
    assert (figures["tool"], figures["asked"], figures["in_format"]) == (0.0, 0.0, 1.0)
    assert "arguments" not in figures


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_calls_of_tools_that_there_are_not_are_told_apart(protocol: str, tmp_path: Path) -> None:
    figures = played(tmp_path, players.hallucinating, protocol)

    assert (figures["value"], figures["unknown_tools"], figures["needless_calls"]) == (0, 1, 1)
    assert (figures["tool"], figures["in_format"], figures["no_answer"]) == (0, 1, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_model_that_loops_ends_after_its_turns(protocol: str, tmp_path: Path) -> None:
    figures = played(tmp_path, players.looping, protocol)

    assert (figures["value"], figures["no_answer"], figures["turns"]) == (0.0, 1.0, 8.0)
    assert {one["status"] for one in outcomes(tmp_path)} == {"scored"}
    assert all("no answer in 8 turns" in one["note"] for one in outcomes(tmp_path))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_numbers_as_texts_are_wrong_arguments(protocol: str, tmp_path: Path) -> None:
    figures = played(tmp_path, players.wrong_types, protocol)

    with_numbers = {
        f"{each.language} {each.user}"
        for each in SCENARIOS
        if any(
            isinstance(value, int | float)
            for call in each.calls
            for value in players.right_call(call, each.language).arguments.values()
        )
    }
    assert len(with_numbers) == 32
    assert figures["value"] == pytest.approx(1 - len(with_numbers) / 120)
    currency = next(one for one in outcomes(tmp_path) if one["id"] == "zh/single/03")
    assert currency["dimensions"]["arguments"] == pytest.approx(2 / 3)
    assert (currency["dimensions"]["tool"], currency["dimensions"]["in_format"]) == (1.0, 1.0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_full_width_punctuation_costs_the_form_and_nothing_else(
    protocol: str, tmp_path: Path
) -> None:
    figures = played(tmp_path, players.perfect, protocol, full_width(protocol))

    assert not {one["id"]: one["note"] for one in outcomes(tmp_path) if one["value"] != 1.0}
    calls_nothing = sum(not each.calls for each in SCENARIOS) / 120
    assert (figures["value"], figures["arguments"]) == (1.0, 1.0)
    assert figures["in_format"] == figures["strict"] == pytest.approx(calls_nothing)


@pytest.mark.parametrize("asked", PROTOCOLS)
@pytest.mark.parametrize("answered", PROTOCOLS)
def test_another_protocol_is_read_and_is_a_fault_of_form(
    asked: str, answered: str, tmp_path: Path
) -> None:
    if asked == answered:
        return
    figures = played(tmp_path, players.perfect, asked, WRITERS[answered])

    if answered != "react":  # whose "Final Answer:" stays in an answer that was to be plain
        assert not {one["id"]: one["note"] for one in outcomes(tmp_path) if one["value"] != 1.0}
    assert (figures["value"], figures["arguments"]) == (1.0, 1.0)
    assert figures["in_format"] <= 16 / 120
