"""BFCL, the Berkeley Function Calling Leaderboard: the categories of a single turn in Python.

S. Patil, H. Mao, F. Yan, C. Ji, V. Suresh, I. Stoica, J. Gonzalez.
https://arxiv.org/abs/2305.15334 is the paper that it grew out of.

The value is what the official checker says. Beside it stands whether the calls are right in
whatever form they were written. Not here: several turns, other languages than Python, agents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import orjson

from evaluator.agents.calls import CallReading, Tool, ToolCall
from evaluator.agents.protocols.instructed import as_text
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.python_calls import python_calls
from evaluator.agents.tool_rows import for_api, official_answers, tools_of, under_own_names
from evaluator.agents.tool_solve import ToolSolve
from evaluator.benchmarks.bfcl.rules import Truth, calls_match, can_be_met, first_accepted
from evaluator.benchmarks.bfcl.totals import EXPECTING_CALLS, GROUPS, NEEDLESS, summarize
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.refusals import refused
from evaluator.prompts import render
from evaluator.results.names import CONTENT, IN_FORMAT, REFUSED
from evaluator.types import Ask, Benchmark, DataRow, Fields, Message, Rows, Sample, Score

DATASET = "gorilla-llm/Berkeley-Function-Calling-Leaderboard"
NO_CALL, ANY_CALL = "no call", "a call"  # what a category expects that has no ground truth


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """3,489 questions in eleven categories; answers in the rows, or in a split of their own.

    Left out are two whose ground truth has arguments that the function does not have.
    """
    for category in GROUPS:
        answers = official_answers(rows, DATASET, category) if category in EXPECTING_CALLS else {}
        for row in rows(DATASET, category, "test"):
            if category in EXPECTING_CALLS:
                yield from _with_truth(category, row, answers)
            else:
                target = NO_CALL if category in NEEDLESS else ANY_CALL
                yield Sample(row["id"], _fields(row), target, category)


async def solve(sample: Sample, ask: Ask, protocol: ToolProtocol) -> Score:
    """Asks for calls as text, or in another protocol with names and types that APIs take."""
    tools = tools_of(sample.fields["functions"])
    if protocol.name == "text":
        response = await ask(instructed(sample))
        calls = calls_as_text(strip_thinking(response.text))
        return score_of(sample, tools, calls, protocol.read(response))
    taken = for_api(tools)
    messages = protocol.messages(taken, sample.fields["messages"], "en")
    response = await ask(messages, **protocol.params(taken))
    reading = protocol.read(response)
    reading = replace(reading, calls=under_own_names(reading.calls, tools))
    return score_of(sample, tools, None if reading.faults else reading.calls, reading)


def instructed(sample: Sample) -> list[Message]:
    """The question with the functions in the system prompt, before any that it has itself."""
    turns = sample.fields["messages"]
    own = turns[0]["content"] if turns[0]["role"] == "system" else ""
    functions = orjson.dumps(sample.fields["functions"]).decode()
    system = render("bfcl/system", functions=functions, own=own)
    return [{"role": "system", "content": system}, *turns[1 if own else 0 :]]


def calls_as_text(text: str) -> list[ToolCall] | None:
    """The calls of a reply as the official code reads it: None where it reads none."""
    if not (bare := text.strip("`\n ")):
        return None
    opened = bare if bare.startswith("[") else f"[{bare}"
    return python_calls((opened if opened.endswith("]") else f"{opened}]").strip("'"))


def score_of(
    sample: Sample, tools: Sequence[Tool], calls: Sequence[ToolCall] | None, reading: CallReading
) -> Score:
    """The official verdict on the calls; None of them: the reply is not in the form asked for."""
    needless = sample.target == NO_CALL
    told = as_text(calls) if calls else NO_CALL if calls is not None or needless else None
    in_form = calls is not None or (needless and not reading.calls)
    return Score(
        float(right(sample, tools, calls or ())),
        told,
        dimensions={
            CONTENT: float(right(sample, tools, reading.calls)),
            IN_FORMAT: float(in_form),
            REFUSED: float(told is None and refused(reading.text)),
        },
    )


def right(sample: Sample, tools: Sequence[Tool], calls: Sequence[ToolCall]) -> bool:
    """Whether the calls are those that the question needs."""
    if sample.target in (NO_CALL, ANY_CALL):
        return bool(calls) is (sample.target == ANY_CALL)
    return calls_match(tools, calls, sample.fields["truth"])


def mended(truth: Truth) -> Truth:
    """The ground truth of a call, where an argument that should be empty has no accepted value.

    Two rows have such arguments, and officially no reply to them is right.
    """
    return {
        name: {key: values or [[], ""] for key, values in accepted.items()}
        for name, accepted in truth.items()
    }


def _with_truth(category: str, row: DataRow, answers: Mapping[str, DataRow]) -> Iterator[Sample]:
    """The sample of a row that expects calls; none where no call can be right."""
    name, tools = row["id"], {tool.name: tool for tool in tools_of(row["function"])}
    answered = row if row.get("ground_truth") else answers.get(name, {})
    truth = [mended(call) for call in answered.get("ground_truth") or ()]
    if not truth:
        raise ValueError(f"{name} has no ground_truth, nor has it a line in a split 'answer'")
    if unknown := {called for call in truth for called in call} - tools.keys():
        raise ValueError(f"ground_truth calls {min(unknown)!r}, which is none of the functions")
    if all(can_be_met(tools[called], call[called]) for call in truth for called in call):
        target = as_text(first_accepted([*tools.values()], truth))
        yield Sample(name, _fields(row) | {"truth": truth}, target, category)


def _fields(row: DataRow) -> Fields:
    (turns,) = row["question"]
    return {"messages": turns, "functions": row["function"]}


BFCL = Benchmark(
    name="bfcl",
    title="BFCL",
    kind="agent",
    topics=("tools",),
    about="calls of functions, 11 categories",
    dataset=f"{DATASET} test",
    load=load,
    size=3489,
    solve=ToolSolve(solve, ("text", "tools", "react", "json")),
    params={"temperature": 0.0, "max_tokens": 1024},
    summarize=summarize,
    paper="https://arxiv.org/abs/2305.15334",
    licence="Apache-2.0",
)
