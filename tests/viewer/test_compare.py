"""Runs compared in memory, and runs ranked by benchmark."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest

from tests.viewer.conftest import HOSTILE_NAME, Viewed
from tests.viewer.pages import ids


def test_ticked_runs_are_compared(measured: Path, viewed: Viewed) -> None:
    client = viewed(measured)
    names = ids(client)
    runs = {"run": [names["base"], names["tuned"], names["deep/er/third"]]}
    page = client.get("/compare", params=runs).text
    compared = orjson.loads((measured / "compare-base-tuned" / "compare.json").read_bytes())

    assert "Compared with base" in page
    assert "All models" in page
    (model,) = compared["comparisons"]
    for title, items in (("Forgotten", model["forgotten"]), ("Learned", model["learned"])):
        assert f"{title} samples: {len(items)}" in page
        for item in items[:3]:
            assert f"/result/{names['tuned']}#sample={item['benchmark']}%2F{item['id']}" in page
    assert f"/compare?run={names['tuned']}&amp;run={names['base']}" in page
    assert HOSTILE_NAME not in page
    assert "<script>alert" not in page
    assert not list(measured.glob("compare-*third*"))


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ([], "a comparison needs two runs or more"),
        (["base"], "a comparison needs two runs or more"),
        (["base", "base"], "a comparison needs two runs or more"),
        (["base", "few"], "cannot pair"),
        (["base", "compare-base-tuned"], "is no run"),
    ],
)
def test_what_is_refused_is_said_in_its_line(
    measured: Path, viewed: Viewed, chosen: list[str], line: str
) -> None:
    client = viewed(measured)
    names = ids(client)
    page = client.get("/compare", params={"run": [names[name] for name in chosen]})
    assert page.status_code == 200
    assert line in page.text
    assert "--force" not in page.text
    assert ("Compare them all the same" in page.text) == (chosen == ["base", "few"])


def test_runs_that_differ_can_be_paired_all_the_same(measured: Path, viewed: Viewed) -> None:
    client = viewed(measured)
    names = ids(client)
    chosen = {"run": [names["base"], names["few"]], "force": "1"}
    assert "paired by force: shots 0 and 1" in client.get("/compare", params=chosen).text


def test_an_unknown_run_is_not_found(measured: Path, viewed: Viewed) -> None:
    assert viewed(measured).get("/compare?run=../../etc&run=x").status_code == 404


def changed_run(runs: Path, name: str, **fields: Any) -> None:
    """A copy of the base, whose run.json says something else of how ARC was asked."""
    folder = copytree(runs / "base", runs / name)
    info = orjson.loads((folder / "run.json").read_bytes())
    info["benchmarks"]["arc"] |= fields
    (folder / "run.json").write_bytes(orjson.dumps(info))


def board(client: Any, benchmark: str) -> tuple[str, ...]:
    """The ranking of a benchmark, and what stands apart from it."""
    page = client.get("/leaderboard").text
    part = page.partition(f'<section id="{benchmark}">')[2].partition("</section>")[0]
    return tuple(part.split("Apart, as they differ", 1))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"shots": 3}, "shots 0 and 3"),
        ({"system": "<b>Be brief.</b>"}, "&lt;b&gt;Be brief.&lt;/b&gt;"),
        ({"params": {"temperature": 1.0, "max_tokens": 512}}, "temperature 0.0 and 1.0"),
        ({"scale": [1.0, 10.0]}, "scale"),
    ],
)
def test_runs_that_were_asked_otherwise_stand_apart(
    runs: Path, viewed: Viewed, fields: dict[str, Any], reason: str
) -> None:
    changed_run(runs, "otherwise", **fields)
    (together, apart) = board(viewed(runs), "arc")
    assert "otherwise" not in together
    assert "otherwise" in apart
    assert reason in apart
    assert all(f"<td>{name}</td>" in together for name in ("base", "tuned", "deep/er/third"))


def test_runs_of_other_samples_stand_apart(runs: Path, viewed: Viewed) -> None:
    (_, apart) = board(viewed(runs), "arc")
    assert "<td>few</td>" in apart
    assert "other samples: 30 and 6" in apart


@pytest.mark.parametrize(("field", "reason"), [("prompt", "other prompts"), ("target", "other s")])
def test_other_prompts_and_targets_stand_apart(
    runs: Path, viewed: Viewed, field: str, reason: str
) -> None:
    changed_run(runs, "otherwise")
    path = runs / "otherwise" / "outcomes.jsonl"
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    rows[-1][field] = "0123456789abcdef"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    (_, apart) = board(viewed(runs), rows[-1]["benchmark"])
    assert "otherwise" in apart
    assert reason in apart


def test_a_seed_makes_no_difference(runs: Path, viewed: Viewed) -> None:
    changed_run(runs, "seeded", params={"temperature": 0.0, "max_tokens": 512, "seed": 7})
    (together, _) = board(viewed(runs), "arc")
    assert "<td>seeded</td>" in together


def test_the_best_is_first(runs: Path, viewed: Viewed) -> None:
    (together, *_) = board(viewed(runs), "gsm8k")
    scores = {
        name: orjson.loads((runs / name / "report.json").read_bytes())["benchmarks"]["gsm8k"]
        for name in ("base", "tuned", "deep/er/third")
    }
    places = [together.index(f"<td>{name}</td>") for name in scores]
    values = [of["value"] for of in scores.values()]
    best = max(values)
    assert min(places) in [at for at, value in zip(places, values, strict=True) if value == best]


def test_equal_scores_share_a_rank_and_the_next_one_is_left_out(runs: Path, viewed: Viewed) -> None:
    """The base three times: as many runs as share a rank stand between it and the next."""
    for name in ("again", "once more"):
        copytree(runs / "base", runs / name)
    (together, *_) = board(viewed(runs), "arc")
    rows = re.findall(
        r'<td class="figure">(\d+)</td>\s*<td><a [^>]*>[^<]*</a></td><td>([^<]*)</td>\s*'
        r'<td class="figure"><b>([^<]*)</b>',
        together,
    )
    scores = [score for _, _, score in rows]

    assert {"base", "again", "once more", "tuned"} <= {name for _, name, _ in rows}
    assert len({rank for rank, name, _ in rows if name in ("base", "again", "once more")}) == 1
    assert [int(rank) for rank, _, _ in rows] == [1 + scores.index(score) for score in scores]
    assert len(set(scores)) > 1
