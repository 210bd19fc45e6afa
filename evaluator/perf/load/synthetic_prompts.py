"""Synthetic prompts of exact token counts, for whatever tokenizer the server has.

A prompt is a heading and common words; each word kept here adds one token after another word, which
is measured on the server and not assumed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from evaluator.errors import UsageError
from evaluator.locale import N_

# Tokens of a prompt with this text, template and all; None where the server does not count.
CountTokens = Callable[[str], Awaitable[int | None]]
HEADING = "List:"
COMMON = (
    "time year people way day man thing woman life child world school state family student group "
    "country problem hand part place case week company system program question work government "
    "number night point home water room mother area money story fact month lot right study book "
    "eye job word business issue side kind head house service friend father power hour game line "
    "end member law car city community name president team minute idea kid body information back "
    "parent face others level office door health person art war history party result change "
    "morning reason research girl guy moment air teacher force education"
)
WORDS = tuple(COMMON.split())
FEWEST = 16  # words with which prompts can still be told apart


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of one token each, and the tokens that a prompt has besides them."""

    words: Sequence[str]
    overhead: int
    counted: bool = True  # False: the server does not count, and one token a word is hoped for

    def prompt(self, tokens: int, random: Random) -> str:
        """A text of that many tokens in all, unlike any other."""
        return " ".join([HEADING, *random.choices(self.words, k=tokens - self.overhead)])

    def check(self, least: int) -> None:
        """Raises UsageError when the template alone is longer than the prompt is to be."""
        if least <= self.overhead:
            raise UsageError(
                N_(
                    "--prompt-tokens: {least} is too few, the chat template alone takes "
                    "{overhead}; give at least {needed}",
                    least=least,
                    overhead=self.overhead,
                    needed=self.overhead + 1,
                )
            )


async def vocabulary(count: CountTokens) -> Vocabulary:
    """The words that are one token each on this server."""
    overhead = await count(HEADING)
    if overhead is None:
        return Vocabulary(WORDS, 0, counted=False)
    kept = await single_token_words(WORDS, overhead, count)
    if len(kept) < FEWEST:
        raise UsageError(
            N_(
                "only {count} of {all} common words are one token each to this server; "
                "give prompts of your own with --workload FILE",
                count=len(kept),
                all=len(WORDS),
            )
        )
    return Vocabulary(kept, overhead)


async def single_token_words(
    words: Sequence[str], overhead: int, count: CountTokens
) -> Sequence[str]:
    """The words that add one token each: all in one question, or halved where one does not."""
    total = await count(" ".join([HEADING, *words]))
    if total == overhead + len(words):
        return words
    if len(words) == 1:
        return ()
    half = len(words) // 2
    return [
        *await single_token_words(words[:half], overhead, count),
        *await single_token_words(words[half:], overhead, count),
    ]
