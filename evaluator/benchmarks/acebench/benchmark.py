"""ACEBench: which tools to call with which arguments, in Chinese and in English.

C. Chen, X. Hao, W. Liu and others.  https://arxiv.org/abs/2501.12851

The value is what the official check says; `content` is our own reading, which is stricter on
values and does not mind the form. The tools of the agent categories have state, and the user of one
of them is played by the run's judge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import orjson

from evaluator.agents.calls import CallReading, Tool, ToolCall
from evaluator.agents.protocols.instructed import as_text
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.python_calls import python_calls
from evaluator.agents.tool_rows import for_api, official_answers, tools_of, under_own_names
from evaluator.agents.tool_solve import ToolSolve
from evaluator.benchmarks.acebench import content, official, special
from evaluator.benchmarks.acebench.agent import dialogue
from evaluator.benchmarks.acebench.agent.beginnings import beginning, beginnings
from evaluator.benchmarks.acebench.agent.score import score as agent_score
from evaluator.benchmarks.acebench.totals import (
    AGENT,
    CATEGORIES,
    LANGUAGES,
    SPECIAL,
    group,
    summarize,
)
from evaluator.extract.cleaning import strip_thinking
from evaluator.prompts import render
from evaluator.results.names import CONTENT, IN_FORMAT
from evaluator.types import Ask, Benchmark, DataRow, Fields, Json, Message, Rows, Sample, Score

DATASET = "ACEBench/ACEBench"
_COUNTER = re.compile(r"_\d+$")  # behind the name of a tool that is called more than once


def load(languages: Sequence[str], rows: Rows, shots: int) -> Iterator[Sample]:
    """1,017 rows in Chinese, 1,023 in English; answers in the rows, or in a split of their own."""
    for language in languages:
        before = f"{language}/" if len(languages) > 1 else ""  # the same ids in both
        known: Fields = {}
        for category in CATEGORIES:
            if category in AGENT and not known:
                ends = [_answered(rows, f"{language}_{each}") for each in AGENT]
                known = beginnings(language, (row["ground_truth"] for row in chain(*ends)))
            for row in _answered(rows, f"{language}_{category}"):
                yield _sample(before, language, category, row, known)


async def solve(sample: Sample, ask: Ask, protocol: ToolProtocol) -> Score:
    """Asks for the calls of the next step; in the agent categories, for those of all steps."""
    if sample.fields["category"] in AGENT:
        return agent_score(sample, await dialogue.held(sample, ask, protocol))
    tools, language = tools_of(sample.fields["functions"]), sample.fields["language"]
    messages = turns(sample, as_text=protocol.name == "text")
    if protocol.name == "text":
        response = await ask(messages)
    else:
        taken = for_api(tools)
        response = await ask(protocol.messages(taken, messages, language), **protocol.params(taken))
    reading, text = protocol.read(response), strip_thinking(response.text).strip()
    if sample.fields["category"] in SPECIAL:
        return special_score(sample, reading, text)
    read = under_own_names(reading.calls, tools)
    if protocol.name == "text":
        return score_of(sample, tools, readings(text), read)
    return score_of(sample, tools, [] if reading.faults else [read], read)


def turns(sample: Sample, as_text: bool) -> list[Message]:
    """The rules, the time or the profile and, for calls as text, the tools; then the dialogue."""
    fields, language = sample.fields, sample.fields["language"]
    functions = orjson.dumps(fields["functions"]).decode()
    system = render(
        f"acebench/system_{language}",
        special=fields["category"] in SPECIAL,
        as_text=as_text,
        functions=functions,
        time=fields["time"],
        profile=fields["profile"],
    )
    user = render(f"acebench/user_{language}", question=fields["question"])
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def readings(text: str) -> list[list[ToolCall]]:
    """The calls of a list, as it stands and as the official code reads it: without any space.

    Both count, because no string with a space can be right in a list within an object without it.
    """
    ways = (text, "".join(text.split()))
    found = [python_calls(way) for way in ways if way.startswith("[")]
    return [calls for calls in found if calls is not None]


def score_of(
    sample: Sample,
    tools: Sequence[Tool],
    ways: Sequence[Sequence[ToolCall]],
    read: Sequence[ToolCall],
) -> Score:
    """The official verdict on the calls; no ways to read them: not in the form asked for."""
    accepted = sample.fields["expected"]
    right = any(official.calls_match(tools, calls, e) for calls in ways for e in accepted)
    said = any(content.calls_right(tools, read, expected) for expected in accepted)
    return Score(
        float(right),
        as_text(ways[0]) if ways else None,
        dimensions={CONTENT: float(said), IN_FORMAT: float(bool(ways))},
    )


def special_score(sample: Sample, reading: CallReading, text: str) -> Score:
    """The official verdict on what a reply says of a request that cannot be met."""
    category, truth = sample.fields["category"], sample.fields["truth"]
    sentence = special.dictated(text)
    said = not reading.calls and special.rightly_said(category, truth, text)
    return Score(
        float(special.officially_right(category, truth, text)),
        sentence or (as_text(reading.calls) if reading.calls else None),
        dimensions={CONTENT: float(said), IN_FORMAT: float(bool(sentence))},
    )


def expected_calls(truth: Json, names: set[str]) -> list[ToolCall]:
    """The calls of a ground truth.  Raises ValueError for one of no known tool."""
    calls = [
        ToolCall(key if key in names else _COUNTER.sub("", key), arguments)
        for key, arguments in truth.items()
    ]
    if unknown := {call.name for call in calls} - names:
        raise ValueError(f"ground_truth calls {min(unknown)!r}, which is none of the functions")
    return calls


def _answered(rows: Rows, config: str) -> Iterator[DataRow]:
    """The rows of a category, each with its ground truth, wherever that stands."""
    answers = official_answers(rows, DATASET, config)
    for row in rows(DATASET, config, "test"):
        answered = row if row.get("ground_truth") else {**row, **answers.get(row["id"], {})}
        if answered.get("ground_truth") is None:
            raise ValueError(
                f"{row['id']} has no ground_truth, nor has it a line in a split 'answer'"
            )
        yield answered


def _sample(before: str, language: str, category: str, row: DataRow, known: Fields) -> Sample:
    truth = row["ground_truth"]
    fields = {
        **{"language": language, "category": category, "question": row["question"].strip()},
        **{"functions": row["function"], "time": row.get("time"), "profile": row.get("profile")},
    }
    if category in AGENT:
        stones = ways(row["mile_stone"])
        fields |= {"truth": truth, "milestones": stones, "classes": row["involved_classes"]}
        fields |= {"beginning": beginning(row, known)}
        target = "; ".join(map(str.strip, stones[0]))
    elif category in SPECIAL:
        fields |= {"truth": truth}
        target = special.told(category, truth)
    else:
        names = {each["name"] for each in row["function"]}
        several = truth if isinstance(truth, list) else [truth]
        fields |= {"expected": [expected_calls(each, names) for each in several]}
        target = as_text(fields["expected"][0])
    return Sample(before + row["id"], fields, target, group(language, category))


def ways(milestones: Sequence[Any]) -> list[list[str]]:
    """The ways that lead to the end, each a list of milestones: rows with one way have it alone."""
    several = milestones and isinstance(milestones[0], list)
    return [[*way] for way in (milestones if several else [milestones])]


def replies(group: str) -> int:
    """The most replies that a sample of the group may take."""
    return dialogue.BUDGET.replies if group.partition(" ")[2] in AGENT else 1


ACEBENCH = Benchmark(
    name="acebench",
    title="ACEBench",
    kind="agent",
    topics=("tools", "dialogue"),
    about="calls of APIs in Chinese and English",
    languages=("zh", "en"),
    dataset=f"{DATASET} test",
    load=partial(load, tuple(LANGUAGES)),
    size=2040,
    solve=ToolSolve(
        solve,
        ("text", "tools", "react", "json"),
        replies,
        played=[group(code, dialogue.TURNS) for code in LANGUAGES],
    ),
    params={"temperature": 0.0, "max_tokens": 1024},
    summarize=summarize,
    categories={group(code, each): LANGUAGES[code] for code in LANGUAGES for each in CATEGORIES},
    paper="https://arxiv.org/abs/2501.12851",
    licence="MIT",
)
CHINESE, ENGLISH = (
    replace(
        ACEBENCH,
        name=f"acebench:{code}",
        title=f"ACEBench, {LANGUAGES[code]}",
        dataset=f"{DATASET} {code}",
        load=partial(load, (code,)),
        languages=(code,),
        size=size,
        categories={},
    )
    for code, size in (("zh", 1017), ("en", 1023))
)
