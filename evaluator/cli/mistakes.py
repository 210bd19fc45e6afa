"""Words that are no option or no command: one line each, with what was probably meant."""

from collections.abc import Sequence
from itertools import pairwise

from cyclopts import CycloptsError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_

# Options of other evaluators and load generators, and what does the same here.
ELSEWHERE = {
    "--tasks": "the names of benchmarks, without an option",
    "--datasets": "the names of benchmarks, without an option",
    "--num-fewshot": "--shots N",
    "--few-shot-num": "--shots N",
    "--output-path": "--out DIR",
    "--output-dir": "--out DIR",
    "--work-dir": "--out DIR",
    "--log-dir": "--out DIR",
    "--max-samples": "--limit N",
    "--num-samples": "--limit N",
    "--epochs": "--repeats N",
    "--apply-chat-template": "--api chat, which is the default",
    "--fewshot-as-multiturn": "--shots-as-turns",
    "--system-instruction": "--system TEXT",
    "--system-prompt": "--system TEXT",
    "--system-message": "--system TEXT",
    "--gen-kwargs": "--param KEY=VALUE",
    "--generation-config": "--param KEY=VALUE",
    "--model-args": "--model NAME --base-url URL --concurrency N",
    "--api-url": "--base-url URL",
    "--url": "--base-url URL",
    "--host": "--base-url http://HOST:PORT/v1",
    "--port": "--base-url http://HOST:PORT/v1",
    "--api-key": "--api-key-env VARIABLE, which keeps the key out of files",
    "--headers": "--header NAME=VALUE, or --header-env NAME=VARIABLE for a secret",
    "--extra-headers": "--header NAME=VALUE, or --header-env NAME=VARIABLE for a secret",
    "--cacert": "--ca-file FILE",
    "--batch-size": "--concurrency N",
    "--eval-batch-size": "--concurrency N",
    "--max-connections": "--concurrency N",
    "--num-concurrent": "--concurrency N",
    "--max-concurrency": "--concurrency N",
    "--parallel": "--concurrency N",
    "--max-retries": "--retries N",
    "--use-cache": "the same --out, which resumes a run",
    "--resume": "the same --out, which resumes a run",
    "--dataset-dir": "--data-dir DIR",
    "--num-prompts": "--requests N",
    "--number": "--requests N",
    "--request-rate": "--rate N",
    "--random-input-len": "--prompt-tokens N",
    "--random-output-len": "--output-tokens N",
    "--goodput": "--slo ttft:300,tpot:50",
}


def mistake(error: CycloptsError, words: Sequence[str]) -> UsageError:
    """The line for what the command line could not read."""
    if isinstance(error, UnknownOptionError):
        there = [flag for each in error.argument_collection for flag in each.names]
        return UsageError(unknown_option(error.token.keyword or error.token.value, words, there))
    if isinstance(error, UnknownCommandError | UnusedCliTokensError):
        word = (error.unused_tokens or [""])[0]
        known = [name for name in error.app or () if not name.startswith("-")]
        hint = did_you_mean(word, known, help_of(error))
        return UsageError(N_("unexpected {word!r}; {hint}", word=word, hint=hint))
    if isinstance(error, MissingArgumentError) and error.argument:
        name, hint = error.argument.name, help_of(error)
        return UsageError(N_("{name} needs a value; {hint}", name=name, hint=hint))
    if isinstance(error, CoercionError) and error.argument:
        return UsageError(N_("{name} takes no value", name=error.argument.name))
    return UsageError(" ".join(str(error).split()))


def help_of(error: CycloptsError) -> str:
    """Where the command tells what it takes."""
    program = " ".join(["evaluator", *(error.command_chain or ())])
    return N_("see {program} --help", program=program)


def unknown_option(word: str, words: Sequence[str], there: Sequence[str]) -> str:
    """What to give in place of an option that there is not."""
    name = word.partition("=")[0]
    flag = name.replace("_", "-").lower()
    value = value_after(name, words)
    from evaluator.options.sampling import FIELDS  # only a mistake needs it

    field = flag.removeprefix("--").replace("-", "_")
    hint: str
    if flag in ELSEWHERE:
        hint = N_("give {instead}", instead=ELSEWHERE[flag])
    elif field in FIELDS and "--param" in there:
        shown = value if value and not value.startswith("--") else "VALUE"
        hint = N_("give {instead}", instead=f"--param {field}={shown}")
    else:
        hint = did_you_mean(
            flag, [each for each in there if each.startswith("--")], N_("see --help")
        )
    return N_("there is no option {name}; {hint}", name=name, hint=hint)


def value_after(name: str, words: Sequence[str]) -> str:
    """The value that was given to an option: `--name=value`, or the next word."""
    joined = (word.partition("=")[2] for word in words if word.startswith(f"{name}="))
    apart = (after for word, after in pairwise(words) if word == name)
    return next(joined, "") or next(apart, "")
