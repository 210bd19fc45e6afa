"""What the judges of a sample were asked, and what each of them replied in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.judging.escaping import fenced
from evaluator.judging.verdict_reader import quotable
from evaluator.types import Json, Prompt, Response


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked of a role while a sample was solved, and what came back."""

    role: str
    asked: Prompt
    response: Response


@dataclass(slots=True)
class JudgeExchange:
    """One judge's verdict on one prompt; `verdict` is its last reply, that to a repair if any.

    `asked` are the turns up to the verdict.
    """

    role: str
    asked: list[str]
    verdict: str

    @property
    def prompt(self) -> str:
        """The last turn of what was asked."""
        return self.asked[-1]


def judge_exchanges(exchanges: Sequence[Exchange]) -> list[JudgeExchange]:
    """In their order; a prompt that goes on after a verdict is that verdict's repair."""
    made: list[JudgeExchange] = []
    for exchange in exchanges:
        if exchange.role == "model":
            continue
        asked = [str(turn["content"]) for turn in exchange.asked.messages()]
        earlier = (each for each in made if (each.role, each.asked) == (exchange.role, asked[:-2]))
        if repaired := next(earlier, None):
            repaired.verdict = exchange.response.text
        else:
            made.append(JudgeExchange(exchange.role, asked, exchange.response.text))
    return made


def first_verdicts(exchanges: Sequence[JudgeExchange]) -> dict[str, str]:
    """Each judge's verdict on the first of the prompts; the first one, if it was asked again."""
    verdicts: dict[str, str] = {}
    for exchange in exchanges:
        if exchange.asked == exchanges[0].asked:
            verdicts.setdefault(exchange.role, exchange.verdict)
    return verdicts


def recorded_verdicts(line: Json) -> list[str]:
    """The verdicts of a recorded line, of one judge or more; none where nobody was asked."""
    given = line.get("judgments") or {"": line.get("judgment")}
    return [text for text in given.values() if text is not None]


def quotable_answer(line: Json, prompt: str, names: Sequence[str]) -> str | None:
    """The answer of a recorded line, where it is known what a judge can quote from it.

    Where the prompt shows the answer fenced, its ratings cannot be quoted as they are.
    """
    answer = line.get("answer")
    if answer is None:
        return None
    shown_fenced = fenced(answer, names) in (line.get(prompt) or "")
    return quotable(answer, names) if shown_fenced else str(answer)
