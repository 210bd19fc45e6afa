"""Multiple choice by likelihood: the first token's logprobs, or those of each option's text.

`acc` and `acc_norm` are those of EleutherAI's lm-evaluation-harness 0.4 (process_results in its
lm_eval/api/task.py): the likeliest option, and the likeliest for its length, which is counted in
characters, without the space before it.
"""

from collections.abc import Mapping, Sequence
from math import exp

from evaluator.errors import RequestError, gather_all
from evaluator.prompts import render
from evaluator.tasks.question import Continuation, Question
from evaluator.types import Ask, Mode, Sample, Score, Solve

LIKELIEST = 20  # tokens whose logprobs are asked for: the most that OpenAI and vLLM give
IMPOSSIBLE = -9000.0  # logprobs below stand for minus infinity: the server ruled the token out
SHOWN = 5  # tokens that a note names


def choice_modes(folder: str, cloze: bool = False) -> dict[str, Mode]:
    """Both modes with the folder's prompts; in a `cloze`, the options' texts are what is likely."""
    first_token = {"temperature": 0.0, "max_tokens": 1, "logprobs": True, "top_logprobs": LIKELIEST}
    return {
        "logprobs": Mode(by_first_token(folder), first_token),
        "likelihood": Mode(by_option(folder, cloze), {"temperature": 0.0}),
    }


def by_first_token(folder: str) -> Solve:
    """Asks for the label alone, and takes the likeliest one for its first token."""

    async def solve(sample: Sample, ask: Ask) -> Score:
        labels = sample.fields["labels"]
        spelt = [*labels, *(f" {label}" for label in labels)]
        response = await ask(
            Question(folder, sample.fields, "letter"),
            # llama.cpp lists no logprobs of a token that ends the reply.
            optional={"structured_outputs": {"choice": spelt}, "min_tokens": 1},
        )
        if not response.top_logprobs:
            raise RequestError(
                "the server sent no logprobs; use --mode generate with it, unless it is one that "
                "only has none of a reply that ends at once"
            )
        return likeliest(sample, response.top_logprobs[0])

    return solve


def likeliest(sample: Sample, logprobs: Mapping[str, float]) -> Score:
    """The label with the most probability among first tokens, whether a space precedes it or not.

    A label that is not among them is less likely than those that are.
    """
    labels: Sequence[str] = sample.fields["labels"]
    shares = dict.fromkeys(labels, 0.0)
    for token, logprob in logprobs.items():
        if token.strip() in shares and logprob > IMPOSSIBLE:
            shares[token.strip()] += exp(logprob)
    total = sum(shares.values())
    if not total:
        tokens = ", ".join(map(repr, sorted(logprobs, key=lambda t: -logprobs[t])[:SHOWN]))
        note = f"no label among the likeliest first tokens: {tokens}"
        return Score(0.0, note=note, dimensions={"target_probability": 0.0})
    answer = max(labels, key=lambda label: shares[label])
    return _score(sample, answer, {label: share / total for label, share in shares.items()}, {})


def by_option(folder: str, cloze: bool) -> Solve:
    """Asks how likely each option is after the question; all of a question at once, because they
    share its words."""

    async def solve(sample: Sample, ask: Ask) -> Score:
        context = render(f"{folder}/{'cloze' if cloze else 'plain'}", **sample.fields)
        options = sample.fields["options" if cloze else "labels"]
        space = " " if context[-1].isascii() else ""  # as an English cue wants it, not 答案：
        replies = await gather_all(
            *(ask(Continuation(context, space + option)) for option in options)
        )
        sums = [sum(logprob for _, logprob in reply.token_logprobs) for reply in replies]
        return of_options(sample, sums, options)

    return solve


def of_options(sample: Sample, sums: Sequence[float], options: Sequence[str]) -> Score:
    """The score from each option's logprob; of equals, the first."""
    labels: Sequence[str] = sample.fields["labels"]
    per_character = [each / (len(o) or 1) for each, o in zip(sums, options, strict=True)]
    by_length = labels[per_character.index(max(per_character))]
    top = max(sums)
    weights = [exp(each - top) for each in sums]
    shares = {label: w / sum(weights) for label, w in zip(labels, weights, strict=True)}
    acc_norm = float(by_length == sample.target)
    return _score(sample, labels[sums.index(top)], shares, {"acc_norm": acc_norm})


def _score(
    sample: Sample, answer: str, shares: Mapping[str, float], more: Mapping[str, float]
) -> Score:
    """`shares` are the labels' probabilities among themselves."""
    note = ", ".join(f"{label} {share:.1%}" for label, share in shares.items())
    dimensions = {**more, "target_probability": shares[sample.target]}
    return Score(float(answer == sample.target), answer, note, dimensions)
