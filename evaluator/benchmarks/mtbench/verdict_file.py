"""MT-Bench's verdicts as lines of its own code's format, one a turn: written by a run and read."""

from collections.abc import Iterator, Sequence
from statistics import mean

from evaluator.errors import DataError, Unjudged
from evaluator.extract.cleaning import strip_thinking
from evaluator.judging.dimensions import ALONE
from evaluator.judging.exchanges import (
    Exchange,
    JudgeExchange,
    first_verdicts,
    judge_exchanges,
    recorded_verdicts,
)
from evaluator.judging.verdict_format import Line
from evaluator.judging.verdict_reader import bracketed, quotable, rating
from evaluator.locale import N_
from evaluator.types import Sample, Score

LEAST = 1.0  # what an empty answer is worth: there is nothing to judge
EMPTY = "empty answers: nobody was asked to judge them"


def read(text: str, answer: str | None = None) -> float | None:
    """[[7]], or {"rating": 7} as the repair asks for; `answer` is what was judged, if known."""
    if (value := bracketed(text, answer)) is not None:
        return value
    shown = None if answer is None else quotable(answer, [ALONE])
    return (rating(text, [ALONE], shown) or {}).get(ALONE)


def by_turn(
    exchanges: Sequence[JudgeExchange], answers: Sequence[str]
) -> dict[int, list[JudgeExchange]]:
    """The exchanges on each turn: prompts come in the order of the answers that are not empty."""
    found: dict[int, list[JudgeExchange]] = {turn: [] for turn in range(1, len(answers) + 1)}
    turns = iter([turn for turn, answer in enumerate(answers, 1) if answer])
    prompts: dict[tuple[str, ...], int] = {}
    for exchange in exchanges:
        asked = tuple(exchange.asked)
        if asked not in prompts:
            prompts[asked] = next(turns)
        found[prompts[asked]].append(exchange)
    return found


def turn_score(line: Line, answers: Sequence[str | None]) -> float:
    """The score of one line, of several judges the mean.  Raises Unjudged.

    `answers` are those that the judges were shown: of this turn and the one before.
    """
    if empty_answer(line):
        return LEAST
    verdicts = recorded_verdicts(line)
    complete = len(answers) >= line["turn"] and None not in answers
    shown = "\n\n".join(answer or "" for answer in answers) if complete else None
    values = [value for text in verdicts if (value := read(text, shown)) is not None]
    if not values or len(values) < len(verdicts):
        raise Unjudged(f"the verdict cannot be read: {''.join(verdicts[-1:])[-200:]!r}")
    return mean(values)


def empty_answer(line: Line) -> bool:
    return line.get("answer", "?").strip() == "" and not recorded_verdicts(line)


class MTBenchVerdicts:
    """A line for each turn."""

    def lines(
        self, sample: Sample, exchanges: Sequence[Exchange], score: Score | None, model: str
    ) -> Iterator[Line]:
        """A line for each turn, with a null score where the verdict was not readable.

        Of several judges `judgment` is the first one's, and `judgments` holds all, by role.
        """
        answers = [strip_thinking(e.response.text).strip() for e in exchanges if e.role == "model"]
        judged = by_turn(judge_exchanges(exchanges), answers)
        for turn, answer in enumerate(answers, 1):
            verdicts = first_verdicts(judged[turn])
            line = {
                "question_id": int(sample.id) if sample.id.isdigit() else sample.id,
                "turn": turn,
                "category": sample.fields["category"],
                "model": model,
                "answer": answer,
                "user_prompt": judged[turn][0].prompt if judged[turn] else None,
                "judgment": next(iter(verdicts.values()), None),
                "score": score.dimensions.get(f"turn {turn}") if score else None,
            }
            yield line | ({"judgments": verdicts} if len(verdicts) > 1 else {})

    def sample(self, name: str, lines: Sequence[Line], known: Sample | None) -> Sample:
        """The sample of the recorded lines of a question, in the order of their turns."""
        for line in lines:
            if line.get("turn") not in (1, 2):
                raise DataError(
                    N_(
                        "{place}: turn must be 1 or 2, got {value!r}",
                        place=line["place"],
                        value=line.get("turn"),
                    )
                )
        group = known.group if known else lines[0].get("category") or ""
        return Sample(name, {"lines": sorted(lines, key=lambda line: line["turn"])}, "", group)

    def score(self, sample: Sample) -> Score:
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

    def part(self, line: Line) -> str:
        """A question has a line for each turn."""
        return str(line.get("turn"))
