"""IFEval: instructions whose following can be checked by a program.  https://arxiv.org/abs/2311.07911

The prompts are sent as they are. The checks are our own, in `checks`.
"""

from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any

from evaluator.benchmarks.ifeval.checks import CHECKS
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.refusals import refused
from evaluator.results.figures import Figure
from evaluator.results.names import REFUSED
from evaluator.statistics.intervals import figure, ratio
from evaluator.types import (
    MEASURED,
    SHARE,
    Ask,
    Benchmark,
    DataRow,
    Outcomes,
    Rows,
    Sample,
    Score,
    Totals,
)

Instruction = tuple[str, dict[str, Any]]


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """541 prompts with one to three instructions each."""
    for row in rows("google/IFEval", "default", "train"):
        fields = {"prompt": row["prompt"], "instructions": list(instructions(row))}
        yield Sample(str(row["key"]), fields, ", ".join(row["instruction_id_list"]), "main")


def instructions(row: DataRow) -> Iterator[Instruction]:
    """Each instruction's name and arguments.  Raises ValueError for one that is not known."""
    for name, given in zip(row["instruction_id_list"], row["kwargs"], strict=True):
        if name not in CHECKS:
            raise ValueError(f"no instruction {name!r}")
        arguments = {key: value for key, value in given.items() if value is not None}
        signature(CHECKS[name]).bind("", **arguments)
        yield name, arguments


async def solve(sample: Sample, ask: Ask) -> Score:
    """1 when the reply follows all instructions.

    The loose reading also takes the reply without Markdown's asterisks, without its first line or
    without its last.
    """
    text = strip_thinking((await ask(sample.fields["prompt"])).text)
    asked: list[Instruction] = sample.fields["instructions"]
    strict = [followed([text], *instruction) for instruction in asked]
    readings = list(loosened(text))
    loose = [
        done or followed(readings, *instruction)
        for done, instruction in zip(strict, asked, strict=True)
    ]
    missed = ", ".join(name for done, (name, _) in zip(strict, asked, strict=True) if not done)
    return Score(
        float(all(strict)),
        f"{sum(strict)} of {len(asked)} followed" if text.strip() else None,
        note=f"not followed: {missed}" if missed else "",
        dimensions={
            "prompt_loose": float(all(loose)),
            "instruction_strict": sum(strict) / len(asked),
            "instruction_loose": sum(loose) / len(asked),
            REFUSED: float(refused(text)),
        },
    )


def followed(readings: list[str], name: str, arguments: Mapping[str, Any]) -> bool:
    """Whether any of the readings follows the instruction; an empty one follows none."""
    return any(CHECKS[name](text, **arguments) for text in readings if text.strip())


def loosened(text: str) -> Iterator[str]:
    """The reply without its first or last line or both, each with and without asterisks."""
    lines = text.split("\n")
    for kept in (lines, lines[1:], lines[:-1], lines[1:-1]):
        part = "\n".join(kept).strip() if kept is not lines else text
        yield from (part, part.replace("*", ""))


def summarize(outcomes: Outcomes) -> Totals:
    """The paper's other three figures; at instruction level all instructions are pooled."""
    measured = [outcome for outcome in outcomes if outcome.status in MEASURED]
    asked = [float(len(outcome.target.split(", "))) for outcome in measured]

    def shares(name: str) -> list[float]:
        return [outcome.dimensions[name] for outcome in measured]

    def pooled(name: str) -> Figure:
        followed = [share * n for share, n in zip(shares(name), asked, strict=True)]
        return ratio(followed, asked)

    return {
        "prompt-level loose": figure([shares("prompt_loose")], scale=SHARE),
        "instruction-level strict": pooled("instruction_strict"),
        "instruction-level loose": pooled("instruction_loose"),
    }


IFEVAL = Benchmark(
    name="ifeval",
    title="IFEval",
    topics=("instructions",),
    about="instructions that code can check",
    dataset="google/IFEval default train",
    load=load,
    size=541,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="prompt-level strict accuracy",
    summarize=summarize,
    paper="https://arxiv.org/abs/2311.07911",
    licence="Apache-2.0",
)
