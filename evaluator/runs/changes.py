"""What a benchmark's results in a folder were made with, and what is asked for now."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

# What makes a score another score. What resuming allows is not here: the limit, the precision,
# where the model is served, how many requests are in flight, and how a reply is read.
WORDS = {
    "shots": "worked examples",
    "mode": "--mode",
    "api": "--api",
    "system": "system prompt",
    "shots_as_turns": "--shots-as-turns",
    "chat_template": "chat template",
    "source": "data source",
    "judge": "judge",
    "judging": "judging",
}


def changed_settings(earlier: Json, name: str, now: Json) -> Iterator[str]:
    """Each setting of a benchmark that is not what its results in the folder were made with.

    A setting that one of the two did not record is taken to be the same.
    """
    then = earlier["benchmarks"][name]
    if now.get("judge"):
        then = {"judge": earlier.get("judge"), **then}
    for key, words in WORDS.items():
        if key in then and key in now:
            yield from change(words, then[key], now[key])
    for key in sorted(then["params"].keys() | now["params"].keys()):
        yield from change(key, then["params"].get(key), now["params"].get(key))
    # More repeats and more groups add to what is there, fewer take away from it.
    if now["repeats"] < then.get("repeats", 1):
        yield from change("repeats", then["repeats"], now["repeats"])
    if narrower(then.get("subsets", []), now["subsets"]):
        yield from change("subset_list", then.get("subsets") or "all", now["subsets"])


def narrower(then: list[str], now: list[str]) -> bool:
    """Whether fewer groups are asked for than before; none named are all."""
    return bool(now) and (not then or bool(set(then) - set(now)))


def change(what: str, then: Any, now: Any) -> Iterator[str]:
    """A line where the two are not equal."""
    if then != now:
        yield f"{what} {shown(then)} there, {shown(now)} now"


def shown(value: Any) -> str:
    """A value, shortened where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
