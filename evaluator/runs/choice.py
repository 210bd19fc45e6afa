"""Which benchmarks a run asks, how, and whether its options fit them. No data is read here."""

from collections.abc import Sequence

from evaluator.benchmarks import AUDITS, benchmark
from evaluator.engine.form import Form
from evaluator.errors import UsageError
from evaluator.judging.judged import judged_solve
from evaluator.judging.judges import judging
from evaluator.locale import N_
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.sampling import CHAT_ONLY
from evaluator.options.settings import Settings
from evaluator.runs.binding import check_code, check_protocol
from evaluator.types import Benchmark


def choose(settings: Settings) -> list[Benchmark]:
    """The benchmarks of a run.  Raises UsageError for what does not go with them."""
    chosen = [named(name, settings) for name in dict.fromkeys(settings.benchmarks)]
    check(chosen, settings)
    return chosen


def named(name: str, settings: Settings) -> Benchmark:
    """The benchmark of that name: one that was passed in Python, or one that there is."""
    if own := settings.own.get(name):
        return own
    return benchmark(name, settings.row_format, settings.include_path)


def check(chosen: Sequence[Benchmark], settings: Settings) -> None:
    """Raises UsageError for options that do not fit the benchmarks chosen."""
    if settings.mode != "generate":
        unfit = [each.name for each in chosen if settings.mode not in each.modes]
        if unfit:
            raise UsageError(
                N_(
                    "--mode {mode} is for multiple choice, and not for {unfit}; run them "
                    "apart, without --mode",
                    mode=settings.mode,
                    unfit=", ".join(unfit),
                )
            )
    unused: dict[str, object] = {
        "--chat-template": settings.template,
        "--shots-as-turns": settings.shots_as_turns,
    }
    unused |= {f"--param {name}": name in settings.param for name in CHAT_ONLY}
    for option, given in unused.items():
        if given and form(settings, DatasetArgs()).api == "completions":
            raise UsageError(
                N_(
                    "{option} is for the chat API, and not for --api completions or --mode "
                    "likelihood",
                    option=option,
                )
            )
    for each in chosen:
        if settings.mode == "generate" and judged_solve(each):
            judging(settings, each)
    check_protocol(chosen, settings)
    check_code(chosen, settings)
    for name in settings.dataset_args:
        named(name, settings)  # a recipe may name more than is run, but nothing that there is not
    audited(settings)


def audited(settings: Settings) -> list[Benchmark]:
    """The audits that are asked for.  Raises UsageError where the run has nothing to audit."""
    if not settings.audit_judge:
        return []
    found = [AUDITS[name] for b in settings.benchmarks if (name := f"audit:{b}") in AUDITS]
    if not found:
        known = ", ".join(name.partition(":")[2] for name in AUDITS)
        raise UsageError(
            N_("--audit-judge: nothing to audit in this run; it goes with {known}", known=known)
        )
    return found


def form(settings: Settings, own: DatasetArgs) -> Form:
    """How the model is asked."""
    system = settings.system if own.system_prompt is None else own.system_prompt
    api = "completions" if settings.mode == "likelihood" else settings.api
    return Form(
        *(api, system, settings.shots_as_turns, settings.template, settings.prefix_token),
        prompt_template=own.prompt_template or "",
    )
