"""UltraTool: which steps of a plan need a tool, and with which parameters, in Chinese.

S. Huang, W. Zhong, J. Lu and others.  https://arxiv.org/abs/2401.17167

Two of its six tasks, those that need no judge. The whole plan is asked for at once, as the authors
do; in the protocols of tool calls a request is made for each step of a plan that has a tool. Rows
in English are scored where a mirror has them.
"""

import json
from asyncio import gather
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Any

from evaluator.agents.calls import CallReading, Tool
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.reading.literals import Faults
from evaluator.agents.tool_rows import for_api, under_own_names
from evaluator.agents.tool_solve import ToolSolve
from evaluator.benchmarks.ultratool.measures import (
    Step,
    Steps,
    need_scores,
    parameter_scores,
    steps_in,
)
from evaluator.errors import MissingData
from evaluator.prompts import render
from evaluator.results.figures import Figure
from evaluator.results.names import IN_FORMAT, SHARE
from evaluator.statistics.intervals import figure, ratio
from evaluator.types import MEASURED, Ask, Benchmark, DataRow, Outcomes, Rows, Sample, Score, Totals

DATASET = "JoeYing1019/UltraTool"
LANGUAGES = "zh", "en"
USAGE, AWARENESS = "tool_usage", "tool_usage_awareness"
MEASURES = {USAGE: parameter_scores, AWARENESS: need_scores}
ALL_STEPS, STEPS = "all_steps", "steps"  # whether every step is right; how many there are


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """1,000 plans to fill in and 1,000 to judge, of 2,281 and 8,459 steps."""
    for language in LANGUAGES:
        for task in MEASURES:
            group = f"{language}_{task}"
            try:
                for number, row in enumerate(rows(DATASET, group, "test")):
                    target = _json(row["reference"])
                    fields = {"language": language, "task": task, **row}
                    yield Sample(f"{group}_{number}", fields, target, group)
            except MissingData:
                if language == LANGUAGES[0]:
                    raise


async def solve(sample: Sample, ask: Ask, protocol: ToolProtocol) -> Score:
    """Asks for the list of steps, or for the call of each step in a protocol of tool calls."""
    if sample.fields["task"] == USAGE and protocol.name != "json":
        return await solve_by_step(sample, ask, protocol)
    faults = Faults()
    response = await ask(question(sample))
    steps = steps_in(response.text, faults)
    return score_of(sample, steps, in_form=steps is not None and not faults.found)


async def solve_by_step(sample: Sample, ask: Ask, protocol: ToolProtocol) -> Score:
    """Asks for the call of each step that has a tool, all at once."""
    language, reference = sample.fields["language"], sample.fields["reference"]
    tools = tools_of(sample.fields["toolset"])
    taken = for_api(tools)

    async def called(step: Step) -> CallReading:
        asked = {"role": "user", "content": step_question(sample, step)}
        messages = protocol.messages(taken, [asked], language)
        return protocol.read(await ask(messages, **protocol.params(taken)))

    readings = await gather(*map(called, reference))
    steps = [
        {"step": step["step"], "tool": call.name, "param": call.arguments}
        for step, reading in zip(reference, readings, strict=True)
        for call in under_own_names(reading.calls, tools)[:1]
        if call.name == step["tool"]
    ]
    any_call = any(reading.calls for reading in readings)
    in_form = all(reading.calls and not reading.faults for reading in readings)
    return score_of(sample, steps if any_call else None, in_form)


def question(sample: Sample) -> str:
    """The plan, and for parameters the question and the tools."""
    fields = sample.fields
    kind = "usage" if fields["task"] == USAGE else "awareness"
    plan = _json(fields["input"])
    if kind == "awareness":
        return render(f"ultratool/awareness_{fields['language']}", plan=plan)
    return render(
        f"ultratool/usage_{fields['language']}",
        question=fields["question"].strip(),
        plan=plan,
        toolset=_json(fields["toolset"]),
    )


def step_question(sample: Sample, step: Step) -> str:
    """One step of the plan, to be carried out with its tool."""
    fields = sample.fields
    return render(
        f"ultratool/step_{fields['language']}",
        question=fields["question"].strip(),
        plan="\n".join(each["step"] for each in fields["input"]),
        step=step["step"],
        tool=step["tool"],
    )


def tools_of(toolset: Sequence[DataRow]) -> list[Tool]:
    """The tools of a row, without what they give back."""
    return [Tool(each["name"], each["description"], each["arguments"]) for each in toolset]


def score_of(sample: Sample, steps: Steps | None, in_form: bool) -> Score:
    """The mean over the steps of the reference; None of steps: nothing could be read."""
    scores = MEASURES[sample.fields["task"]](steps or (), sample.fields["reference"])
    return Score(
        mean(scores),
        None if steps is None else _json(steps),
        dimensions={
            ALL_STEPS: float(min(scores) == 1.0),
            IN_FORMAT: float(in_form),
            STEPS: float(len(scores)),
        },
    )


def summarize(outcomes: Outcomes) -> Totals:
    """The figures of the paper: each step counts the same (local), or each plan (global)."""
    measured = [each for each in outcomes if each.status in MEASURED]
    totals: dict[str, Figure] = {}
    for language in LANGUAGES:
        for task, name in ((USAGE, "usage"), (AWARENESS, "awareness")):
            if not (of := [each for each in measured if each.group == f"{language}_{task}"]):
                continue
            steps = [each.dimensions[STEPS] for each in of]
            earned = [each.score * n for each, n in zip(of, steps, strict=True)]
            totals[f"{language} {name}, local"] = ratio(earned, steps)
            if task == AWARENESS:
                whole = [each.dimensions[ALL_STEPS] for each in of]
                totals[f"{language} {name}, global"] = figure([whole], scale=SHARE)
    return totals


def _json(value: Any) -> str:
    """As JSON; unlike orjson this takes any number that a model writes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


ULTRATOOL = Benchmark(
    name="ultratool",
    title="UltraTool",
    kind="agent",
    topics=("tools",),
    about="tools of plans in Chinese",
    languages=("zh",),
    dataset=f"{DATASET} test",
    load=load,
    size=2000,
    solve=ToolSolve(solve, ("json", "react", "tools")),
    params={"temperature": 0.0, "max_tokens": 2048},
    metric="similarity and accuracy",
    summarize=summarize,
    paper="https://arxiv.org/abs/2401.17167",
    licence="none stated",
)
