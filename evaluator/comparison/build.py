"""compare.json as data, from the folders of runs."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from evaluator.comparison.causes import Cause, Replies, cause
from evaluator.comparison.items import item, marked
from evaluator.comparison.markdown import markdown
from evaluator.comparison.noise import noise
from evaluator.comparison.pairing import Paired, Record, Run, paired, read, unpaired
from evaluator.comparison.rows import LEVELS, Row, cuts, family
from evaluator.comparison.serving import serving
from evaluator.errors import UsageError
from evaluator.journal import picked
from evaluator.report.build import summarizer
from evaluator.statistics.paired import ALPHA, POWER, interval
from evaluator.transcripts import NAME
from evaluator.transcripts.read import transcripts

SCHEMA_VERSION = 1
Place = tuple[str, str]  # benchmark and sample id
LONGEST_NAME = 80  # characters: file systems take 255 bytes, of which a character may need three
MARGIN = 0.05  # share of the scale: a smaller difference is taken not to matter


@dataclass(slots=True)
class Against:
    """One model beside the base: its pairs by benchmark, and why those that differ do."""

    run: Run
    benchmarks: Sequence[Paired]
    base_replies: Replies
    replies: Replies
    causes: dict[str, dict[str, Cause]]
    unpaired: dict[str, str]


def compare(
    base: Path, others: Sequence[Path], force: bool = False, margin: float = MARGIN
) -> dict[str, Any]:
    """The comparison of each of the others with the base, all of it as plain data.

    Raises UsageError where a folder holds no run, or runs are not of the same data and prompts
    (`force` pairs what can be paired).
    """
    if not others:
        raise UsageError("nothing to compare with: name one run or more beside the base")
    first = read(base)
    sides = [against(first, read(folder), force) for folder in others]
    rows = rows_of(sides, margin)
    return {
        "schema_version": SCHEMA_VERSION,
        "base": {"run": first.name, "model": first.model, "noise": noise(first)},
        "alpha": ALPHA,
        "power": POWER,
        "margin": margin,
        "comparisons": [comparison(first, side, of) for side, of in zip(sides, rows, strict=True)],
        "serving": [serving(folder) for folder in (base, *others)],
    }


def against(base: Run, other: Run, force: bool) -> Against:
    """One of the others, paired with the base."""
    found = paired(base, other, force)
    benchmarks = [made for made in found if made.pairs]
    differing = [pair for made in benchmarks for pair in made.pairs if pair.difference]
    ours = replies(base, (pair.base for pair in differing))
    theirs = replies(other, (pair.other for pair in differing))
    causes = {
        made.benchmark: {
            pair.id: cause(pair, made, ours, theirs) for pair in made.pairs if pair.difference
        }
        for made in benchmarks
    }
    return Against(other, benchmarks, ours, theirs, causes, unpaired(base, other, found))


def replies(run: Run, wanted: Iterable[Record]) -> Replies:
    """The model's last reply in each of these samples, from the run's journal."""
    owners = {
        key: (record["benchmark"], record["id"])
        for record in wanted
        for key in record["response_keys"]
    }
    records = picked(run.folder / "responses.jsonl", owners)
    return {owners[each["key"]]: each for each in records if each["role"] == "model"}


def rows_of(sides: Sequence[Against], margin: float) -> list[list[Row]]:
    """The rows of each side, level by level; a level is one family over all sides."""
    every = [
        [cut for made in side.benchmarks for cut in cuts(made, side.causes[made.benchmark])]
        for side in sides
    ]
    rows: list[list[Row]] = [[] for _ in sides]
    for level in LEVELS:
        members = [(i, cut) for i, of in enumerate(every) for cut in of if cut.level == level]
        found = family([cut for _, cut in members], margin)
        for (i, _), row in zip(members, found, strict=True):
            rows[i].append(row)
    return [
        # A benchmark's parts stand below it: level by level.
        [row for made in side.benchmarks for row in of if row.benchmark == made.benchmark]
        for side, of in zip(sides, rows, strict=True)
    ]


def comparison(base: Run, side: Against, rows: Sequence[Row]) -> dict[str, Any]:
    """One side as plain data."""
    items = marked_items(base, side)
    return {
        "run": side.run.name,
        "model": side.run.model,
        "noise": noise(side.run),
        "benchmarks": {made.benchmark: description(made) for made in side.benchmarks},
        "unpaired": side.unpaired,
        "rows": [asdict(row) for row in rows],
        "forgotten": [each for each in items if each["change"] < 0],
        "learned": [each for each in items if each["change"] > 0],
    }


def marked_items(base: Run, side: Against) -> list[dict[str, Any]]:
    """The questions answered worse or better; of each benchmark what changed most first."""
    items = []
    changed = {
        made.benchmark: [p for p in made.pairs if marked(p, made.span)] for made in side.benchmarks
    }
    asked = questions((base, side.run), {(name, p.id) for name, of in changed.items() for p in of})
    for made in side.benchmarks:
        causes, replied = side.causes[made.benchmark], (side.base_replies, side.replies)
        found = [
            item(pair, made, causes[pair.id], *replied, asked.get((made.benchmark, pair.id), ""))
            for pair in changed[made.benchmark]
        ]
        items += sorted(found, key=lambda each: (-abs(each["change"]), each["id"]))
    return items


def questions(runs: Iterable[Run], wanted: Set[Place]) -> dict[Place, str]:
    """What was asked in these samples, by the first of the runs that has kept it."""
    found: dict[Place, str] = {}
    for run in runs:
        missing = wanted - found.keys()
        if missing and (run.folder / NAME).exists():
            for each in transcripts(run.folder, missing):
                found[each.benchmark, each.id] = each.question
    return found


def description(made: Paired) -> dict[str, Any]:
    """What was paired and what was not, and the further figures of both sides."""
    names = {name: None for pair in made.pairs for name in pair.base["dimensions"]}
    return {
        "metric": made.about["metric"],
        "scale": made.scale,
        "data": made.about["data"],
        "shots": made.about["shots"],
        "pairs": len(made.pairs),
        "left_out": dict(made.left_out),
        "mismatches": made.mismatches,
        "prompts_proven": not made.unproven,
        "dimensions": {name: dimension(made, name) for name in names},
        "totals": totals(made),
        "totals_unknown": bool(made.about.get("summarizes")) and not summarizer(made.benchmark),
    }


def totals(made: Paired) -> dict[str, Any]:
    """The benchmark's own further figures on both sides, from the pairs alone."""
    summarize = summarizer(made.benchmark)
    if not summarize:
        return {}
    ours = summarize([pair.base for pair in made.pairs])
    theirs = summarize([pair.other for pair in made.pairs])
    return {
        name: {
            "base": one["value"],
            "other": theirs[name]["value"],
            "scale": one.get("scale", made.scale),
        }
        for name, one in ours.items()
        if name in theirs
    }


def dimension(made: Paired, name: str) -> dict[str, Any]:
    """A dimension on both sides, where both have it."""
    records = [(pair.base["dimensions"], pair.other["dimensions"]) for pair in made.pairs]
    values = [
        (ours[name], theirs[name]) for ours, theirs in records if name in ours and name in theirs
    ]
    differences = [theirs - ours for ours, theirs in values]
    n = len(values)
    return {
        "samples": n,
        "base": sum(ours for ours, _ in values) / n if n else None,
        "other": sum(theirs for _, theirs in values) / n if n else None,
        "difference": sum(differences) / n if n else None,
        "ci95": interval(differences) if n else None,
    }


def beside(base: Path, comparison: Mapping[str, Any]) -> Path:
    """The folder of a comparison, where no other is asked for."""
    runs = [comparison["base"], *comparison["comparisons"]]
    return base.parent / "-".join(["compare", *(run["run"] for run in runs)])[:LONGEST_NAME]


def write(comparison: Mapping[str, Any], folder: Path) -> None:
    """Writes compare.json and compare.md.  Raises UsageError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        packed = orjson.dumps(comparison, option=orjson.OPT_INDENT_2)
        (folder / "compare.json").write_bytes(packed)
        (folder / "compare.md").write_text(markdown(comparison), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write to {str(folder)!r}: {error.strerror}; choose another --out"
        ) from error
