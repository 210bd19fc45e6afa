"""Judges' verdicts: each is asked for, and once more in the same conversation when unreadable.

AlignBench, MT-Bench and the arena share this. How a verdict is read is each benchmark's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any, Generic, Literal, TypeVar

from evaluator.errors import Unjudged, gather_all
from evaluator.extract.cleaning import strip_thinking
from evaluator.prompts import render
from evaluator.results.names import JUDGES_AGREE, JUDGES_APART, REPAIRED
from evaluator.types import Ask, Message, Schema

T = TypeVar("T")

SAMPLING = {"temperature": 0.0, "max_tokens": 2048}  # of a judge, unless told otherwise
NEAR = 1.0  # points between judges that still count as agreement
REMEMBERED = 3000  # characters of an unreadable verdict, from its end, that its repair is shown


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """What a judge came to; `value` None: it could not be read, also not when asked again.

    `text` is what the judge said last; `repaired`: it was asked twice and then readable.
    """

    value: T | None
    text: str
    repaired: bool = False


async def judge(
    ask: Ask,
    prompt: str | list[Message],
    read: Callable[[str], T | None],
    schema: Schema | None = None,
    repair: str = "",
    role: str = "judge",
    **params: Any,
) -> Verdict[T]:
    """The verdict on `prompt`, by SAMPLING but for what `params` name.

    An unreadable one is asked for again with the words of `repair`, held to the JSON `schema`
    where the server can; `read` must take both forms.
    """
    sampling = {**SAMPLING, **params}
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    first = await ask(messages, role, **sampling)
    said = strip_thinking(first.text)
    if (value := read(said)) is not None:
        return Verdict(value, first.text)
    again = [
        *messages,
        {"role": "assistant", "content": said[-REMEMBERED:].strip() or "..."},
        {"role": "user", "content": repair or render("judge/repair")},
    ]
    second = await ask(again, role, schema=schema, **sampling)
    value = read(strip_thinking(second.text))
    return Verdict(value, second.text, repaired=value is not None)


@dataclass(frozen=True, slots=True)
class Panel:
    """The judges of a run, and how their verdicts become one.

    `models` are the judges' models by role. `prompt` is a text of the user's own that replaces
    the benchmark's, from the file `source`. `by_itself`: the model is one of its judges.
    """

    models: Mapping[str, str] = field(default_factory=lambda: {"judge": "judge"})
    prompt: str = ""
    source: str = ""
    method: Literal["mean", "median"] = "mean"
    by_itself: bool = False

    async def verdicts(
        self,
        ask: Ask,
        prompt: str | list[Message],
        read: Callable[[str], T | None],
        schema: Schema | None = None,
        repair: str = "",
    ) -> dict[str, Verdict[T]]:
        """A verdict from each judge, by its model's name; all are asked at once.

        Raises Unjudged where one of them cannot be read: a mean over the others is another score.
        """
        asked = (judge(ask, prompt, read, schema, repair, role) for role in self.models)
        verdicts = dict(zip(self.models.values(), await gather_all(*asked), strict=True))
        for name, verdict in verdicts.items():
            if verdict.value is None:
                raise Unjudged(f"the verdict of {name!r} cannot be read: {verdict.text[-200:]!r}")
        return verdicts

    def pooled(self, values: Sequence[float]) -> float:
        """What several judges' scores come to."""
        return (median if self.method == "median" else mean)(values)

    def asked(self, roles: Iterable[str]) -> list[str]:
        """The roles of a sample's requests, with every judge in the place of "judge"."""
        return [each for role in roles for each in (self.models if role == "judge" else (role,))]

    def notes(self, own: str) -> list[str]:
        """What a report must say of the judges; `own` names the prompt of this project."""
        names = ", ".join(self.models.values())
        several = f", the {self.method} of them" if len(self.models) > 1 else ""
        lines = [f"judged by {names}{several}; judge prompt: {self.source or own}"]
        if self.by_itself:
            lines.append(
                "self-judged: the model is a judge of its own answers, and may favour them"
            )
        return lines


def of_judges(
    verdicts: Mapping[str, Verdict[Any]], values: Mapping[str, float]
) -> dict[str, float]:
    """Dimensions of a score that judges gave: the value of each, and whether all said the same."""
    repaired = {REPAIRED: float(any(verdict.repaired for verdict in verdicts.values()))}
    if len(verdicts) < 2:
        return repaired
    said = {str(verdict.value) for verdict in verdicts.values()}
    each = {f"by {name}": value for name, value in values.items()}
    return repaired | each | {JUDGES_AGREE: float(len(said) == 1)}


def judge_dimensions(
    values: Mapping[str, float], verdicts: Iterable[Verdict[Any]]
) -> dict[str, float]:
    """The same of ratings: whether a verdict was mended, and who of several said what.

    `judges_agree`: all within a point; `judges_apart`: points from the lowest to the highest.
    """
    repaired = {REPAIRED: float(any(verdict.repaired for verdict in verdicts))}
    if len(values) < 2:
        return repaired
    apart = max(values.values()) - min(values.values())
    each = {f"by {name}": value for name, value in values.items()}
    return repaired | each | {JUDGES_APART: apart, JUDGES_AGREE: float(apart <= NEAR)}


def rating_schema(names: Iterable[str]) -> Schema:
    """A JSON schema of whole ratings from 1 to 10, one for each name in their order."""
    rating = {"type": "integer", "enum": list(range(1, 11))}
    return object_schema(dict.fromkeys(names, rating))


def object_schema(properties: Mapping[str, Schema]) -> Schema:
    """A JSON schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
