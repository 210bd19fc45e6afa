"""What MT-Bench's judge is asked: in our own words, or in the original ones of the user's copy."""

from collections.abc import Mapping
from typing import Any

import orjson

from evaluator.errors import UsageError
from evaluator.judging.escaping import fenced, filled
from evaluator.locale import N_
from evaluator.prompts import render
from evaluator.types import Message

OFFICIAL = ("single-v1", "single-math-v1", "single-v1-multi-turn", "single-math-v1-multi-turn")


def judge_prompt(
    fields: Mapping[str, Any], answers: list[str], official: str = ""
) -> str | list[Message]:
    """What a judge is asked about the last of the answers; the official texts where given."""
    shown, references = list(map(fenced, answers)), fields["reference"]
    if official:
        return official_prompt(fields["turns"], shown, references, official_prompts(official))
    turns = [{"question": q, "answer": a} for q, a in zip(fields["turns"], shown, strict=False)]
    return render("mtbench/judge", turns=turns, references=references)


def official_prompt(
    turns: list[str], shown: list[str], references: list[str], prompts: Mapping[str, Any]
) -> list[Message]:
    """The original's prompt for one answer or for two, with a reference or without."""
    kind = "single-math-v1" if references else "single-v1"
    template = prompts[kind if len(shown) == 1 else f"{kind}-multi-turn"]
    given = {"question": turns[0], "answer": shown[0]}
    for name, texts in (("question", turns), ("answer", shown), ("ref_answer", references)):
        given |= {f"{name}_{i}": text for i, text in enumerate(texts, 1)}
    return [
        {"role": "system", "content": template["system_prompt"]},
        {"role": "user", "content": filled(template["prompt_template"], given)},
    ]


def official_prompts(text: str) -> dict[str, dict[str, str]]:
    """The prompts of the original code's judge_prompts.jsonl by name.  Raises UsageError."""
    try:
        lines = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        prompts = {line["name"]: line for line in lines}
        return {name: prompts[name] for name in OFFICIAL}
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(
            N_(
                "--judge-prompt: mtbench takes the original judge_prompts.jsonl, a line each for "
                "{names}; this file is none: {kind}: {error}",
                names=", ".join(OFFICIAL),
                kind=type(error).__name__,
                error=error,
            )
        ) from error
