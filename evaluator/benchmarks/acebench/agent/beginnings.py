"""What ACEBench's phone and airline hold before the first call.

A row tells the state that its dialogue is to end in, whole, and little of the one that it begins
in. But a task changes few things: what most rows end with was there before. The rest is facts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import orjson

from evaluator.benchmarks.acebench.agent import facts
from evaluator.benchmarks.acebench.agent.world import (
    FOOD,
    LOGGED_IN,
    MESSAGES,
    PHONE,
    REMINDERS,
    TRAVEL,
    WIFI,
)
from evaluator.types import Fields, Json

# What only the rows tell: of lists of objects, the name of their ids.
TOLD: Mapping[str, Mapping[str, str]] = {
    MESSAGES: {"inbox": ""},
    REMINDERS: {"reminder_list": ""},
    FOOD: {"users": ""},
    TRAVEL: {"users": "", "reservations": "reservation_id"},
}
ENOUGH = 8  # end states: fewer cannot tell what was there before from what was done


def beginnings(language: str, truths: Iterable[Sequence[Json]]) -> Fields:
    """What each class holds before, as far as all ground truths of a language tell it."""
    ends: defaultdict[str, list[Json]] = defaultdict(list)
    for truth in truths:
        for each in truth:
            for name, state in each.items():
                ends[name].append(state)
    return {name: _facts(language)[name] | _told(name, ends[name]) for name in TOLD}


def beginning(row: Json, known: Fields) -> Fields:
    """The state before the first call of a row: what it says itself, else what is known.

    Raises ValueError for a class that the row needs, and of which neither tells enough.
    """
    given = row["initial_config"]
    state = {name: known[name] | given.get(name, {}) for name in TOLD}
    for name in row["involved_classes"]:
        if missing := [each for each in TOLD.get(name, ()) if each not in state[name]]:
            raise ValueError(
                f"{row['id']}: fewer than {ENOUGH} ground truths tell of the {missing[0]} of "
                f"{name} before; take all rows of the agent categories, or give it as "
                f"initial_config.{name}.{missing[0]}"
            )
    if inbox := state[MESSAGES].get("inbox"):
        state[MESSAGES]["last_id"] = max(map(int, inbox))
    return {PHONE: {WIFI: False, LOGGED_IN: True} | given.get(PHONE, {}), **state}


def _facts(language: str) -> Fields:
    return {
        MESSAGES: {"users": facts.people(), "capacity": facts.ROOM, "last_id": 0},
        REMINDERS: {"capacity": facts.ROOM},
        FOOD: {"merchants": facts.merchants(language), "logged_in_users": [], "orders": []},
        TRAVEL: {
            "flights": [*facts.flights(language)],
            "cabins": facts.CABINS[language != "zh"],
            "free_bags": facts.FREE_BAGS,
        },
    }


def _told(name: str, ends: Sequence[Json]) -> Fields:
    """What most of the end states of a class hold."""
    told: Fields = {}
    for attribute, id in TOLD[name].items():
        held = [end[attribute] for end in ends if attribute in end]
        if len(held) >= ENOUGH:
            by_id = [{each[id]: each for each in one} if id else one for one in held]
            kept = _most_agree(by_id)
            told[attribute] = [*kept.values()] if id else kept
    return told


def _most_agree(held: Sequence[Json]) -> Fields:
    """The entries that more than half of them hold, in the order of their names."""
    seen = Counter((key, orjson.dumps(value)) for one in held for key, value in one.items())
    kept = [entry for entry, times in seen.items() if times > len(held) / 2]
    return {key: orjson.loads(value) for key, value in sorted(kept)}
