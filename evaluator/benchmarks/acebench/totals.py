"""ACEBench's categories and the means of its tables."""

from evaluator.results.figures import Figure
from evaluator.results.names import PROCESS, SHARE
from evaluator.statistics.intervals import figure, macro
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
AGENT = "agent_multi_step", "agent_multi_turn"
CATEGORIES = (*NORMAL, *SPECIAL, *AGENT)
WEIGHTS = {"normal": 0.578, "special": 0.2676, "agent": 0.1545}  # of the official overall
PARTS = {"normal": NORMAL, "special": SPECIAL, "agent": AGENT}
LANGUAGES = {"zh": "Chinese", "en": "English"}


def group(language: str, category: str) -> str:
    """The name of a category in a language."""
    return f"{language} {category}"


def summarize(outcomes: Outcomes) -> Totals:
    """Of each language that was run: means of its categories' means, and the official overall.

    Of several turns a dialogue is right when all are, as in the official tables. Agent is there
    where both its categories were run, and overall where all were.
    """
    totals: dict[str, Figure] = {}
    for language in LANGUAGES:
        values = {each: _values(outcomes, language, each) for each in CATEGORIES}
        for name, categories in PARTS.items():
            if name != "agent" or all(values[each] for each in categories):
                totals[f"{language} {name}"] = macro([values[each] for each in categories], SHARE)
        steps = [_process(outcomes, language, each) for each in AGENT]
        if all(steps):
            totals[f"{language} agent process"] = macro(steps, SHARE)
        if all(values.values()):
            weights = [WEIGHTS[name] / len(of) for name, of in PARTS.items() for _ in of]
            every = [values[each] for of in PARTS.values() for each in of]
            totals[f"{language} overall"] = figure(every, weights, SHARE)
    return {name: figure for name, figure in totals.items() if figure.samples}


def _process(outcomes: Outcomes, language: str, category: str) -> list[float]:
    """The shares of milestones that a category's dialogues reached."""
    return [
        each.dimensions[PROCESS]
        for each in outcomes
        if each.group == group(language, category) and PROCESS in each.dimensions
    ]


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
