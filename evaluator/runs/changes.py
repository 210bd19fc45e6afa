"""What a benchmark's results in a folder were made with, and what is asked for now."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from evaluator.report.values import in_words
from evaluator.results.run import BenchmarkInfo, RunInfo

# What makes a score another score. What resuming allows is not here: the limit, the precision,
# where the model is served, how many requests are in flight, and how a reply is read.
COMPARED = {
    "shots": "worked examples",
    "mode": "--mode",
    "protocol": "--protocol",
    "api": "--api",
    "system": "system prompt",
    "prompt_template": "prompt_template",
    "shots_as_turns": "--shots-as-turns",
    "chat_template": "chat template",
}


def changed_settings(earlier: RunInfo, name: str, now: BenchmarkInfo) -> Iterator[str]:
    """Each setting of a benchmark that is not what its results in the folder were made with."""
    then = earlier.benchmarks[name]
    for key, title in COMPARED.items():
        yield from change(title, getattr(then, key), getattr(now, key))
    yield from unless_unknown("data source", then.source, now.source)
    yield from unless_unknown("judge", earlier.judge_of(name), now.judge)
    if then.judging and now.judging:
        yield from change("judging", asdict(then.judging), asdict(now.judging))
    for key in sorted(then.params.keys() | now.params.keys()):
        yield from change(key, then.params.get(key), now.params.get(key))
    # More repeats and more groups add to what is there, fewer take away from it.
    if now.repeats < then.repeats:
        yield from change("repeats", then.repeats, now.repeats)
    if narrower(then.subsets, now.subsets):
        yield from change("subset_list", list(then.subsets) or "all", list(now.subsets))


def narrower(then: Sequence[str], now: Sequence[str]) -> bool:
    """Whether fewer groups are asked for than before; none named are all."""
    return bool(now) and (not then or bool(set(then) - set(now)))


def unless_unknown(what: str, then: object, now: object) -> Iterator[str]:
    """A line where the two are not equal; an older run did not record the first."""
    if then is not None and now is not None:
        yield from change(what, then, now)


def change(what: str, then: object, now: object) -> Iterator[str]:
    """A line where the two are not equal."""
    if then != now:
        yield f"{what} {shown(then)} there, {shown(now)} now"


def shown(value: object) -> str:
    """A value, shortened where it is long."""
    text = in_words(value, repr)
    return text if len(text) <= 60 else f"{text[:57]}..."
