"""MT-Bench's verdicts as lines of its own code's format, one a turn: written by a run and read."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

from evaluator.errors import DataError, Unjudged
from evaluator.extract import bracketed, rating, strip_thinking
from evaluator.extract.ratings import ALONE, known
from evaluator.judging.exchanges import Hearing, by_judge, hearings, said_in
from evaluator.types import Exchange, Sample, Score, Verdicts

LEAST = 1.0  # what an empty answer is worth: there is nothing to judge
EMPTY = "empty answers: nobody was asked to judge them"


def read(text: str, answer: str | None = None) -> float | None:
    """[[7]], or {"rating": 7} as the repair asks for; `answer` is what was judged, if known."""
    if (value := bracketed(text, answer)) is not None:
        return value
    shown = None if answer is None else known(answer, [ALONE])
    return (rating(text, [ALONE], shown) or {}).get(ALONE)


def record(
    sample: Sample, exchanges: Sequence[Exchange], score: Score | None, model: str
) -> Iterator[dict[str, Any]]:
    """A line for each turn, with a null score where the verdict was not readable.

    Of several judges `judgment` is the first one's, and `judgments` holds all, by role.
    """
    answers = [strip_thinking(e.response.text).strip() for e in exchanges if e.role == "model"]
    heard = by_turn(hearings(exchanges), answers)
    for turn, answer in enumerate(answers, 1):
        said = by_judge(heard[turn])
        line = {
            "question_id": int(sample.id) if sample.id.isdigit() else sample.id,
            "turn": turn,
            "category": sample.fields["category"],
            "model": model,
            "answer": answer,
            "user_prompt": heard[turn][0].prompt if heard[turn] else None,
            "judgment": next(iter(said.values()), None),
            "score": score.dimensions.get(f"turn {turn}") if score else None,
        }
        yield line | ({"judgments": said} if len(said) > 1 else {})


def by_turn(heard: Sequence[Hearing], answers: Sequence[str]) -> dict[int, list[Hearing]]:
    """Who was heard on each turn: prompts come in the order of the answers that are not empty."""
    found: dict[int, list[Hearing]] = {turn: [] for turn in range(1, len(answers) + 1)}
    judged = iter([turn for turn, answer in enumerate(answers, 1) if answer])
    prompts: dict[tuple[str, ...], int] = {}
    for hearing in heard:
        asked = tuple(hearing.asked)
        if asked not in prompts:
            prompts[asked] = next(judged)
        found[prompts[asked]].append(hearing)
    return found


def recorded(name: str, lines: Sequence[Mapping[str, Any]], known: Sample | None) -> Sample:
    """The sample of the recorded lines of a question, in the order of their turns."""
    for line in lines:
        if line.get("turn") not in (1, 2):
            raise DataError(f"{line['place']}: turn must be 1 or 2, got {line.get('turn')!r}")
    group = known.group if known else lines[0].get("category") or ""
    return Sample(name, {"lines": sorted(lines, key=lambda line: line["turn"])}, "", group)


def reread(sample: Sample) -> Score:
    """The mean over the recorded turns.  Raises Unjudged where one of them cannot be read."""
    lines = sample.fields["lines"]
    answers = [line.get("answer") for line in lines]
    turns = {
        f"turn {line['turn']}": turn_score(line, answers[: number + 1])
        for number, line in enumerate(lines)
    }
    value = mean(turns.values())
    empty = all(empty_answer(line) for line in lines)
    return Score(value, None if empty else f"{value:g}", EMPTY if empty else "", turns)


def turn_score(line: Mapping[str, Any], answers: Sequence[str | None]) -> float:
    """The score of one line, of several judges the mean.  Raises Unjudged.

    `answers` are those that the judges were shown: of this turn and the one before.
    """
    if empty_answer(line):
        return LEAST
    said = said_in(line)
    complete = len(answers) >= line["turn"] and None not in answers
    shown = "\n\n".join(answer or "" for answer in answers) if complete else None
    values = [value for text in said if (value := read(text, shown)) is not None]
    if not values or len(values) < len(said):
        raise Unjudged(f"the verdict cannot be read: {''.join(said[-1:])[-200:]!r}")
    return mean(values)


def empty_answer(line: Mapping[str, Any]) -> bool:
    return line.get("answer", "?").strip() == "" and not said_in(line)


VERDICTS = Verdicts(record, recorded, reread, lambda line: str(line.get("turn")))
