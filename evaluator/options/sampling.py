"""The sampling fields that a request may name, and what the value of each may be.

One table for every option that takes such fields. Names and ranges are those of OpenAI's API, of
vLLM, and of providers that have some more; a field that is not here is sent by --param-unchecked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_, joined


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be, as a test and in words."""

    fits: Callable[[Any], bool]
    words: str


def number(low: float = -inf, high: float = inf, above: float = -inf) -> Kind:
    """A finite number from `low`, or more than `above`, to `high`."""
    words = N_("a number")
    if low > -inf:
        words = N_("a number from {low:g} to {high:g}", low=low, high=high)
    elif above > -inf and high < inf:
        words = N_("a number above {above:g} and at most {high:g}", above=above, high=high)
    elif above > -inf:
        words = N_("a number above {above:g}", above=above)

    def fits(value: Any) -> bool:
        real = isinstance(value, int | float) and not isinstance(value, bool)
        return real and isfinite(value) and low <= value <= high and value > above

    return Kind(fits, words)


def integer(low: int, high: int | None = None) -> Kind:
    """A whole number from `low` on."""
    words = N_("a whole number from {low}", low=low)
    if high is not None:
        words = N_("a whole number from {low} to {high}", low=low, high=high)

    def fits(value: Any) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and low <= value <= (inf if high is None else high)

    return Kind(fits, words)


def listed(each: Callable[[Any], bool], words: str) -> Kind:
    """A list of such values."""
    return Kind(lambda value: isinstance(value, list) and all(map(each, value)), words)


def either(first: Kind, second: Kind) -> Kind:
    """A value of one of two kinds."""
    words = N_("{first} or {last}", first=first.words, last=second.words)
    return Kind(lambda value: first.fits(value) or second.fits(value), words)


def one_of(*words: str) -> Kind:
    """One of the words."""
    return Kind(lambda value: value in words, N_("one of {words}", words=", ".join(words)))


TRUTH = Kind(lambda value: isinstance(value, bool), N_("true or false"))
TEXT = Kind(lambda value: isinstance(value, str) and bool(value), N_("text"))
OBJECT = Kind(lambda value: isinstance(value, dict), N_("a JSON object"))
TEXTS = listed(TEXT.fits, N_('a list of texts such as ["a", "b"]'))
OBJECTS = listed(OBJECT.fits, N_("a list of JSON objects"))
TOKENS = listed(integer(0).fits, N_("a list of token ids such as [1, 2]"))
COUNT, WHOLE = integer(1), integer(0)
SEED = integer(-(2**63), 2**63 - 1)
PENALTY = number(-2, 2)

FIELDS: Mapping[str, Kind] = {
    # OpenAI's, which vLLM has too
    "temperature": number(0, 2),
    "top_p": number(above=0, high=1),
    "presence_penalty": PENALTY,
    "frequency_penalty": PENALTY,
    "max_tokens": COUNT,
    "max_completion_tokens": COUNT,
    "n": COUNT,
    "best_of": COUNT,
    "seed": SEED,
    "stop": either(TEXT, TEXTS),
    "logit_bias": Kind(
        lambda value: isinstance(value, dict) and all(map(number(-100, 100).fits, value.values())),
        N_("a JSON object of numbers from -100 to 100 by token id"),
    ),
    "logprobs": either(TRUTH, WHOLE),
    "top_logprobs": WHOLE,
    "response_format": OBJECT,
    "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "verbosity": one_of("low", "medium", "high"),
    "tools": OBJECTS,
    "tool_choice": either(TEXT, OBJECT),
    "parallel_tool_calls": TRUTH,
    "user": TEXT,
    "metadata": OBJECT,
    "store": TRUTH,
    "service_tier": TEXT,
    "safety_identifier": TEXT,
    "prompt_cache_key": TEXT,
    "suffix": TEXT,
    # vLLM's own
    "top_k": integer(-1),
    "min_p": number(0, 1),
    "repetition_penalty": number(above=0),
    "length_penalty": number(),
    "min_tokens": WHOLE,
    "ignore_eos": TRUTH,
    "stop_token_ids": TOKENS,
    "include_stop_str_in_output": TRUTH,
    "skip_special_tokens": TRUTH,
    "spaces_between_special_tokens": TRUTH,
    "add_generation_prompt": TRUTH,
    "continue_final_message": TRUTH,
    "add_special_tokens": TRUTH,
    "truncate_prompt_tokens": integer(-1),
    "truncation_side": one_of("left", "right"),
    "allowed_token_ids": TOKENS,
    "logprob_token_ids": TOKENS,
    "prompt_logprobs": integer(-1),
    "bad_words": TEXTS,
    "use_beam_search": TRUTH,
    "early_stopping": TRUTH,
    "chat_template_kwargs": OBJECT,
    "documents": OBJECTS,
    "mm_processor_kwargs": OBJECT,
    "media_io_kwargs": OBJECT,
    "include_reasoning": TRUTH,
    "thinking_token_budget": integer(-1),
    "structured_outputs": OBJECT,
    "guided_json": either(OBJECT, TEXT),
    "guided_regex": TEXT,
    "guided_choice": TEXTS,
    "guided_grammar": TEXT,
    "guided_decoding_backend": TEXT,
    "guided_whitespace_pattern": TEXT,
    "repetition_detection": OBJECT,
    "watermarking": TRUTH,
    "priority": SEED,
    "cache_salt": TEXT,
    "vllm_xargs": OBJECT,
    # SGLang's
    "regex": TEXT,
    "ebnf": TEXT,
    "no_stop_trim": TRUTH,
    "separate_reasoning": TRUTH,
    # hosted providers': GLM, DashScope, DeepSeek, Moonshot, OpenRouter
    "do_sample": TRUTH,
    "thinking": OBJECT,
    "enable_thinking": TRUTH,
    "thinking_budget": WHOLE,
    "enable_search": TRUTH,
    "reasoning": OBJECT,
    "provider": OBJECT,
}
CHAT_ONLY = (  # what /v1/completions has no place for
    *("max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls", "reasoning_effort"),
    *("verbosity", "chat_template_kwargs", "add_generation_prompt", "continue_final_message"),
    *("documents", "include_reasoning", "thinking", "enable_thinking", "reasoning"),
)
OURS = {  # fields of a request that are not sampling, and what decides them
    "model": N_("the name that is asked for is that of --model"),
    "messages": N_("the benchmark says what is asked"),
    "prompt": N_("the benchmark says what is asked"),
    "stream": N_("--stream has the replies streamed"),
    "stream_options": N_("--stream has the replies streamed"),
    "echo": N_("--mode likelihood has the prompt echoed"),
    "chat_template": N_("--chat-template FILE sends a template"),
}


def check(option: str, given: Mapping[str, Any], instead: str) -> None:
    """Raises UsageError in one line for fields of an unknown name, or with a value that cannot be.

    A value of None leaves the field out, and so is always right. `instead` is the option that
    sends any field.
    """
    wrong = [*_ours(option, given), *_unknown(option, given, instead), *_unfit(option, given)]
    if wrong:
        raise UsageError(joined("; ", wrong))


def check_names(option: str, given: Mapping[str, Any]) -> None:
    """Raises UsageError for fields that are not sampling; others may have any name and value."""
    if wrong := list(_ours(option, given)):
        raise UsageError(joined("; ", wrong))


def _ours(option: str, given: Mapping[str, Any]) -> Iterator[str]:
    """What decides the fields of a request that are not sampling."""
    yield from (
        N_("{option} {name}: {reason}", option=option, name=name, reason=OURS[name])
        for name in given
        if name in OURS
    )


def _unknown(option: str, given: Mapping[str, Any], instead: str) -> Iterator[str]:
    for name in given:
        if name not in FIELDS and name not in OURS:
            near = did_you_mean(name, FIELDS, "")
            hint = joined("", (near, " ")) if near else ""
            yield N_(
                "{option}: unknown field {name!r}; {hint}{instead} sends any field as it is",
                option=option,
                name=name,
                hint=hint,
                instead=instead,
            )


def _unfit(option: str, given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if value is not None and name in FIELDS and not FIELDS[name].fits(value):
            yield N_(
                "{option} {name}: must be {words}, got {value!r}",
                option=option,
                name=name,
                words=FIELDS[name].words,
                value=value,
            )
    yield from _together(option, given)


def _together(option: str, given: Mapping[str, Any]) -> Iterator[str]:
    """Fields that each are possible, and not together."""
    several = given.get("n")
    if isinstance(several, int) and several > 1 and not given.get("use_beam_search"):
        yield (
            N_(
                "{option} n={several}: only the first of several choices would be read; "
                "--repeats N asks each sample N times",
                option=option,
                several=several,
            )
        )
    least, most = given.get("min_tokens"), given.get("max_tokens")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield N_(
            "{option} min_tokens={least}: more than max_tokens={most}",
            option=option,
            least=least,
            most=most,
        )
