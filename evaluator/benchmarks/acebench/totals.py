"""ACEBench's categories and the means of its tables."""

from collections.abc import Sequence

from evaluator.results.figures import Figure
from evaluator.results.names import SHARE
from evaluator.statistics.intervals import macro
from evaluator.types import MEASURED, Outcomes, Totals

DIALOGUES = "normal_multi_turn_user_adjust", "normal_multi_turn_user_switch"
NORMAL = (
    *("normal_single_turn_single_function", "normal_single_turn_parallel_function"),
    *DIALOGUES,
    *("normal_similar_api", "normal_preference", "normal_atom_bool", "normal_atom_enum"),
    *("normal_atom_number", "normal_atom_list", "normal_atom_object_deep"),
    "normal_atom_object_short",
)
SPECIAL = "special_incomplete", "special_error_param", "special_irrelevant"
CATEGORIES = (*NORMAL, *SPECIAL)
LANGUAGES = {"zh": "Chinese", "en": "English"}


def group(language: str, category: str) -> str:
    """The name of a category in a language."""
    return f"{language} {category}"


def summarize(outcomes: Outcomes) -> Totals:
    """Normal and special of each language that was run: means of their categories' means.

    Of several turns a dialogue is right when all are, as in the official tables. Overall has the
    agent categories as a third part, so that without them there is none.
    """
    return {
        f"{language} {name}": figure
        for language in LANGUAGES
        for name, categories in (("normal", NORMAL), ("special", SPECIAL))
        if (figure := _mean(outcomes, language, categories)).samples
    }


def _mean(outcomes: Outcomes, language: str, categories: Sequence[str]) -> Figure:
    return macro([_values(outcomes, language, each) for each in categories], SHARE)


def _values(outcomes: Outcomes, language: str, category: str) -> list[float]:
    """The scores of a category's rows, or of its dialogues."""
    measured = [
        each
        for each in outcomes
        if each.group == group(language, category) and each.status in MEASURED
    ]
    if category not in DIALOGUES:
        return [each.score for each in measured]
    dialogues: dict[str, list[float]] = {}
    for each in measured:
        dialogues.setdefault(each.id.rpartition("_")[0], []).append(each.score)
    return [min(turns) for turns in dialogues.values()]
