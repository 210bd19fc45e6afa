"""How a request of lm-eval's is put to a model, and its answer in the form that lm-eval reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.errors import gather_all
from evaluator.tasks.question import Continuation
from evaluator.types import Ask, Json, Message, Overlong, Params, Prompt, Response, Sample

MOST_STOPS = 4  # of a chat: the most that OpenAI's takes, and that lm-eval sends
MOST_TOKENS = 256  # of a reply, where a task does not say
# Settings of generation that have another name in a request, or none.
RENAMED = ("until", "max_gen_toks", "max_tokens", "do_sample", "temperature")

Answer = str | float | tuple[float, bool]  # a text; a log-likelihood, and whether it was greedy


@dataclass(frozen=True, slots=True)
class Context(Prompt):
    """What is to be gone on with: a text, or the turns of a chat with the same examples."""

    text: str
    given: list[Message]
    stop: Sequence[str] = ()
    overlong: Overlong = "cut"

    def __str__(self) -> str:
        return self.text

    @property
    def chat_stop(self) -> Sequence[str]:
        """As many as a chat takes."""
        return self.stop[:MOST_STOPS]

    def messages(self) -> list[Message]:
        """Worked examples are turns, as lm-eval has them in a chat."""
        return self.given


async def answers(sample: Sample, repeats: int, ask: Ask) -> list[list[Answer]]:
    """The answers to each of the sample's requests, all asked at once.

    What is generated is asked `repeats` times.
    """
    turns = sample.fields["turns"]
    asked = [
        [_answer(kind, arguments, turns, ask) for _ in range(repeats)]
        for kind, arguments in sample.fields["requests"]
    ]
    found = await gather_all(*(each for same in asked for each in same))
    return [found[first : first + repeats] for first in range(0, len(found), repeats)]


async def _answer(kind: str, arguments: Sequence[Any], turns: list[Message], ask: Ask) -> Answer:
    if kind == "generate_until":
        text, settings = arguments
        return await generated(text, turns, settings, ask)
    if kind == "loglikelihood_rolling":
        return log_likelihood(await ask(Continuation("", arguments[0], overlong="windows")))
    context, continuation = arguments
    # Spaces belong to the word that follows them, as lm-eval has it.
    text = context.rstrip()
    continuation = context[len(text) :] + continuation
    return likely(await ask(Continuation(text, continuation, likeliest=True, overlong="cut")))


async def generated(text: str, turns: list[Message], settings: Json, ask: Ask) -> Answer:
    """A reply; greedy where the settings do not say otherwise."""
    until = settings.get("until") or []
    stop = [until] if isinstance(until, str) else list(until)
    more = {name: value for name, value in settings.items() if name not in RENAMED}
    return (await ask(Context(text, turns, stop), **greedy_to_limit(settings), **more)).text


def greedy_to_limit(settings: Json) -> Params:
    """Temperature and length of a reply, by lm-eval's defaults where the settings have none."""
    most = settings.get("max_tokens", settings.get("max_gen_toks", MOST_TOKENS))
    return {"temperature": settings.get("temperature", 0.0), "max_tokens": most}


def likely(response: Response) -> tuple[float, bool]:
    """The log-likelihood of an echoed text, and whether each of its tokens was the likeliest."""
    greedy = all(
        logprob == max(best.values())
        for (_, logprob), best in zip(response.token_logprobs, response.top_logprobs, strict=True)
    )
    return log_likelihood(response), greedy


def log_likelihood(response: Response) -> float:
    """Of an echoed text."""
    return sum(logprob for _, logprob in response.token_logprobs)
