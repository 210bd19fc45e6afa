"""Options of a command that would change nothing: each is told, so that none is ignored in silence.

Only what the command itself gives is looked at: a recipe may name more than one run of it needs.
Options of how a run is served (URLs, retries, rates, the dashboard) are no matter of a replay or a
dry run, which are the same command with one word more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evaluator.benchmarks import LM_EVAL, of_a_file
from evaluator.engine.form import ECHO
from evaluator.errors import UsageError
from evaluator.judging.judges import SELF
from evaluator.locale import N_, joined
from evaluator.options.access import without_effect
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.declared import GivenOptions
from evaluator.options.settings import Settings
from evaluator.options.values import option, pairs
from evaluator.runs.binding import has_played_users, runs_code, uses_tools
from evaluator.runs.choice import check, named
from evaluator.runs.sampling import changeable
from evaluator.types import Benchmark, Params

ARENA = "arena"
OF_SERVERS = (
    "base_url",
    "api_key_env",
    "ca_file",
    "header",
    "header_env",
    "concurrency",
    "rpm",
    "tpm",
)


def refuse_unused(given: GivenOptions, settings: Settings, recipe: bool) -> list[str]:
    """Raises UsageError for options of `evaluator run` that do not fit it, or would change nothing.

    No server need be known yet. Returns lines on options that a recipe's own benchmarks decide:
    what goes with any recipe, as `make` gives a judge, is not refused beside one.
    """
    chosen = [named(name, settings) for name in settings.benchmarks if name != ARENA]
    check(chosen, settings)
    judged = ARENA in settings.benchmarks or any(set(b.roles) != {"model"} for b in chosen)
    played = any(map(has_played_users, chosen))
    notes = [] if judged or played else list(without_judged(given, settings))
    notes += [] if judged or not played else of_played_users(given, settings)
    lines = [
        *judging(given, settings),
        *([] if recipe else notes),
        *unrun(given, settings),
        *asking(given, settings, chosen),
        *of_the_mode(given, settings, chosen),
        *own_files(given, settings),
        *of_lm_eval(given, settings),
    ]
    if lines:
        raise UsageError(joined("; ", lines))
    return notes


def refuse_ineffective(given: GivenOptions, settings: Settings) -> None:
    """Raises UsageError for options of access that change nothing at the URLs of the run."""
    lines = [
        *without_effect(settings, settings.base_url, given),
        *without_effect(settings.judge, settings.judge.base_url, given),
    ]
    if lines:
        raise UsageError(joined("; ", lines))


def without_judged(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of a judge, in a run that has nothing to judge."""
    if names := [option(key) for key in given if key.startswith("judge_")]:
        yield N_(
            "{names}: nothing is judged in {benchmarks}",
            names=", ".join(names),
            benchmarks=", ".join(settings.benchmarks),
        )


def of_played_users(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of a judge that only plays users, and judges nothing."""
    if "judge_prompt" in given:
        yield N_(
            "--judge-prompt: nothing is judged in {benchmarks}",
            benchmarks=", ".join(settings.benchmarks),
        )
    if len(settings.judge.model) > 1:
        yield N_(
            "--judge-model: one judge plays the user, the first of {count}",
            count=len(settings.judge.model),
        )


def judging(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of judges that do not go with the judges there are."""
    if settings.judge.model == [SELF]:
        for key in (f"judge_{name}" for name in OF_SERVERS):
            if key in given:
                yield N_(
                    "{option}: the model judges itself, where and as fast as it is served",
                    option=option(key),
                )
    if "judge_pooled" in given and len(settings.judge.model) < 2:
        yield N_("--judge-pooled: there is one judge; repeat --judge-model for several")


def unrun(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of single benchmarks that are not run.  Raises UsageError for an unknown one."""
    for name in settings.dataset_args if "dataset_args" in given else ():
        if name not in settings.benchmarks:
            named(name, settings)
            yield N_("--dataset-args: {name} is not among the benchmarks of this run", name=name)


def asking(given: GivenOptions, settings: Settings, chosen: Sequence[Benchmark]) -> Iterator[str]:
    """Options of how the model is asked that the others overrule."""
    if given.get("shots_as_turns") and not any(shots(each, settings) for each in chosen):
        yield N_("--shots-as-turns: no worked examples are shown; give --shots N")
    if given.get("protocol") and not uses_tools(chosen):
        names = ", ".join(each.name for each in chosen)
        yield N_(
            "--protocol {protocol}: no tools are called in {names}",
            protocol=settings.protocol,
            names=names,
        )
    if given.get("allow_code") and not runs_code(chosen):
        yield N_(
            "--allow-code: no code is run in {chosen}",
            chosen=", ".join(each.name for each in chosen),
        )
    if settings.mode == "likelihood" and given.get("api") == "chat":
        yield N_("--api chat: --mode likelihood asks /v1/completions")
    if settings.mode == "likelihood" and given.get("stream"):
        yield N_("--stream: --mode likelihood has echoes, which come all at once")


def of_the_mode(
    given: GivenOptions, settings: Settings, chosen: Sequence[Benchmark]
) -> Iterator[str]:
    """Sampling fields that the mode sets itself."""
    if settings.mode == "generate":
        return
    fixed: Params = dict(ECHO) if settings.mode == "likelihood" else {}
    for each in chosen:
        if mode := each.modes.get(settings.mode):
            fixed = {**mode.params, **fixed}
    asked = [pair for key in ("param", "param_unchecked") for pair in words(given, key)]
    for name, value in asked:
        own = name in fixed and not changeable(settings.mode, name, value)
        if own and value != fixed[name]:
            yield N_(
                "--param {name}: --mode {mode} asks for {name}={value!r} itself",
                name=name,
                mode=settings.mode,
                value=fixed[name],
            )


def words(given: GivenOptions, key: str) -> Iterable[tuple[str, Any]]:
    """The sampling fields of an option."""
    found = pairs(given.get(key) or {}, option(key))
    return found.items() if isinstance(found, Mapping) else ()


def shots(chosen: Benchmark, settings: Settings) -> int:
    """How many worked examples the benchmark shows."""
    own = settings.dataset_args.get(chosen.name, DatasetArgs()).few_shot_num
    every = chosen.shots if settings.shots is None else settings.shots
    return every if own is None else own


def own_files(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of a user's own files, where there is none."""
    if not any(map(of_a_file, settings.benchmarks)):
        for key in ("encoding", "fields"):
            if key in given:
                yield N_(
                    "{option}: no file of your own (mcq:FILE, qa:FILE) is in this run",
                    option=option(key),
                )


def of_lm_eval(given: GivenOptions, settings: Settings) -> Iterator[str]:
    """Options of lm-eval's tasks, where there is none."""
    if not any(name.startswith(f"{LM_EVAL}:") for name in settings.benchmarks):
        for key in ("include_path", "prefix_token"):
            if key in given:
                yield N_(
                    "{option}: no task of lm-eval's (lm-eval:TASK) is in this run",
                    option=option(key),
                )
