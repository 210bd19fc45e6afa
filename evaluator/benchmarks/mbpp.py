"""MBPP: mostly basic Python problems, 500 functions to write, run against three tests each.

J. Austin, A. Odena, M. Nye and others.  https://arxiv.org/abs/2108.07732

Three worked examples, as in the paper. A problem shows its tests, which name the function. With
--repeats K the report has pass@k, unbiased.
"""

from collections.abc import Iterator

from evaluator.extract.code import functions
from evaluator.sandbox import CodeSolve, Run
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, Benchmark, DataRow, Fields, Rows, Sample, Score

DATASET = "google-research-datasets/mbpp"


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """500 problems; worked examples are from the second of the prompt split on, as in the paper."""
    given = list(rows(DATASET, "full", "prompt"))[1:] if shots else []
    shown = worked_examples("mbpp", shots, given, _fields)
    for row in rows(DATASET, "full", "test"):
        test = "\n".join([row.get("test_setup_code") or "", *row["test_list"]])
        fields = _fields(row) | shown | {"test": test}
        yield Sample(str(row["task_id"]), fields, fields["code"], "main")


async def solve(sample: Sample, ask: Ask, run: Run) -> Score:
    """Asks for the function, and runs the tests on the first reading that compiles."""
    text = (await ask(Question("mbpp", sample.fields, stop=["\n```"]))).text
    found = functions(text)
    if not found:
        return Score(0.0)
    ended = await run([f"{code}\n\n{sample.fields['test']}\n" for code in found])
    return Score(float(ended.passed), found[0], ended.said)


def _fields(row: DataRow) -> Fields:
    code = row["code"].replace("\r\n", "\n").strip()
    return {"task": row["text"], "tests": "\n".join(row["test_list"]), "code": code}


MBPP = Benchmark(
    name="mbpp",
    title="MBPP",
    kind="code",
    topics=("code",),
    about="basic Python problems, run",
    dataset=f"{DATASET} full test",
    load=load,
    size=500,
    solve=CodeSolve(solve),
    params={"temperature": 0.0, "max_tokens": 1024},
    shots=3,
    metric="pass@1",
    paper="https://arxiv.org/abs/2108.07732",
    licence="CC BY 4.0",
)
