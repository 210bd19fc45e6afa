"""HumanEval: 164 Python functions to complete, run against their tests.

M. Chen, J. Tworek, H. Jun and others.  https://arxiv.org/abs/2107.03374

A chat model is asked for the whole function, a base model goes on with its head. Read are whole
functions and bodies, in a fence or without. With --repeats K the report has pass@k, unbiased.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluator.extract.code import bodies, defines, functions
from evaluator.prompts import render
from evaluator.sandbox import CodeSolve, Run
from evaluator.types import Ask, Benchmark, Prompt, Rows, Sample, Score

DATASET = "openai/openai_humaneval"


@dataclass(frozen=True, slots=True)
class Completion(Prompt):
    """A function's head: a base model goes on with it as it stands."""

    head: str

    def __str__(self) -> str:
        return render("humaneval/question", head=self.head)

    @property
    def stop(self) -> Sequence[str]:
        """The next thing at the margin."""
        return ("\nclass ", "\ndef ", "\n#", "\nif ", "\nprint(")

    def plain(self) -> str:
        """The head alone."""
        return self.head


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """164 functions."""
    for row in rows(DATASET, "openai_humaneval", "test"):
        name = row["entry_point"]
        test = f"{row['test']}\n\ncheck({name})\n"
        fields = {"head": row["prompt"], "name": name, "test": test}
        yield Sample(row["task_id"], fields, row["canonical_solution"], "main")


async def solve(sample: Sample, ask: Ask, run: Run) -> Score:
    """Asks for the function, and runs its tests on the first reading that compiles."""
    fields = sample.fields
    text = (await ask(Completion(fields["head"]))).text
    found = readings(text, fields["head"], fields["name"])
    if not found:
        return Score(0.0)
    ended = await run([f"{code}\n\n{fields['test']}" for code in found])
    return Score(float(ended.passed), found[0], ended.said)


def readings(text: str, head: str, name: str) -> list[str]:
    """The reply as programs: whole functions below the head, whose imports they need, or a body."""
    whole = [
        f"{head}\n    pass\n\n\n{code}" for code in functions(text, name) if defines(code, name)
    ]
    return whole or [f"{head.rstrip(' ')}{body}" for body in bodies(text)]


HUMANEVAL = Benchmark(
    name="humaneval",
    title="HumanEval",
    kind="code",
    topics=("code",),
    about="Python functions, run",
    dataset=f"{DATASET} openai_humaneval test",
    load=load,
    size=164,
    solve=CodeSolve(solve),
    params={"temperature": 0.0, "max_tokens": 1024},
    metric="pass@1",
    paper="https://arxiv.org/abs/2107.03374",
    licence="MIT",
)
