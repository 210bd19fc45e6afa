"""Two biases of a judge: for the place of an answer, and for models of its own family."""

import re
from collections.abc import Iterable, Mapping

from evaluator.arena.outcomes import JudgedBattle
from evaluator.results.arena import PositionBias
from evaluator.statistics.paired import ALPHA, p_value

FAMILIES = (  # a part of a name that ends in one of these tells the family: codellama, chatglm
    *("baichuan", "claude", "command", "deepseek", "doubao", "ernie", "falcon", "gemini", "gemma"),
    *("glm", "gpt", "granite", "grok", "hunyuan", "internlm", "kimi", "llama", "minicpm"),
    *("minimax", "mistral", "mixtral", "olmo", "phi", "qwen", "qwq", "smollm", "yi"),
)
ALIASES = {"mixtral": "mistral", "qwq": "qwen"}  # other names of a family


def position_bias(judged: Iterable[JudgedBattle]) -> PositionBias:
    """How often the answer shown first won, and whether that can be chance.

    A fair judge leans to the first place as often as to the second. The sign test is over battles,
    because the two verdicts of one battle depend on each other.
    """
    verdicts = [battle.dimensions for battle in judged if battle.dimensions]
    shares = [(each["first"], each["second"]) for each in verdicts]
    first, second = (sum(share[place] for share in shares) for place in (0, 1))
    lean_first = sum(one > other for one, other in shares)
    lean_second = sum(one < other for one, other in shares)
    chance = p_value([1.0] * lean_first + [-1.0] * lean_second)
    return PositionBias(
        first_share=first / (first + second) if first + second else None,
        battles_leaning_first=lean_first,
        battles_leaning_second=lean_second,
        p_value=chance,
        significant=chance < ALPHA,
    )


def model_family(model: str) -> str:
    """The family in a model's name: "qwen" of "Qwen/Qwen2.5-7B"; an unknown name's first word."""
    words = re.findall(r"[a-z]+", model.rsplit("/", 1)[-1].lower()) or [model]
    named = [each for word in words for each in FAMILIES if word.endswith(each)]
    return ALIASES.get(named[0], named[0]) if named else words[0]


def same_family(judge: str, models: Mapping[str, str]) -> list[str]:
    """The players of the judge's family; `models` has each player's model."""
    family = model_family(judge)
    return [player for player, model in models.items() if model_family(model) == family]
