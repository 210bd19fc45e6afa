"""Two ways in which a judge may be unfair: for a place on the page, and for its own kin."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from evaluator.results.outcomes import OutcomeRecord
from evaluator.statistics.paired import ALPHA, p_value

FAMILIES = (  # a name's part that ends in one of these names a family: codellama, chatglm, ...
    *("baichuan", "claude", "command", "deepseek", "doubao", "ernie", "falcon", "gemini", "gemma"),
    *("glm", "gpt", "granite", "grok", "hunyuan", "internlm", "kimi", "llama", "minicpm"),
    *("minimax", "mistral", "mixtral", "olmo", "phi", "qwen", "qwq", "smollm", "yi"),
)
KIN = {"mixtral": "mistral", "qwq": "qwen"}  # two names of one family


def position(outcomes: Iterable[OutcomeRecord]) -> dict[str, Any]:
    """How often the answer shown first won, and whether that can be chance.

    A fair judge whose two verdicts differ leans to the first place as often as to the second: a
    sign test over battles, whose two verdicts are not independent of one another.
    """
    judged = (o.dimensions for o in outcomes)
    shares = [(each["first"], each["second"]) for each in judged if each]
    first, second = (sum(share[place] for share in shares) for place in (0, 1))
    lean_first = sum(one > other for one, other in shares)
    lean_second = sum(one < other for one, other in shares)
    chance = p_value([1.0] * lean_first + [-1.0] * lean_second)
    return {
        "first_share": first / (first + second) if first + second else None,
        "battles_leaning_first": lean_first,
        "battles_leaning_second": lean_second,
        "p_value": chance,
        "significant": chance < ALPHA,
    }


def family(model: str) -> str:
    """The family that a model's name tells of: "qwen" of "Qwen/Qwen2.5-7B"; else its first word."""
    words = re.findall(r"[a-z]+", model.rsplit("/", 1)[-1].lower()) or [model]
    named = [each for word in words for each in FAMILIES if word.endswith(each)]
    return KIN.get(named[0], named[0]) if named else words[0]


def kin(judge: str, models: Mapping[str, str]) -> list[str]:
    """The players, of `models` by player, that are of the judge's family."""
    return [player for player, model in models.items() if family(model) == family(judge)]
