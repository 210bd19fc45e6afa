"""The table of the built-in benchmarks, and the way to any benchmark by its name."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from evaluator.data import RowFormat
from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.tasks.external import external_benchmark
from evaluator.tasks.mcq import mcq
from evaluator.tasks.qa import qa
from evaluator.types import Benchmark


class Table(Mapping[str, Benchmark]):
    """Benchmarks by name; a module is imported when its benchmark is first asked for."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places  # "module:NAME" by the benchmark's name

    def __getitem__(self, name: str) -> Benchmark:
        module, _, attribute = self._places[name].partition(":")
        found: Benchmark = getattr(import_module(f"{__name__}.{module}"), attribute)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


BENCHMARKS = Table(
    {
        "acebench": "acebench:ACEBENCH",
        "agieval": "agieval:AGIEVAL",
        "aime24": "aime:AIME24",
        "aime25": "aime:AIME25",
        "alignbench": "alignbench:ALIGNBENCH",
        "arc": "arc:ARC",
        "arena_hard": "arena_hard:ARENA_HARD",
        "bbh": "bbh:BBH",
        "bfcl": "bfcl:BFCL",
        "c3": "c3:C3",
        "ceval": "ceval:CEVAL",
        "cfbench": "cfbench:CFBENCH",
        "chinese_simpleqa": "chinese_simpleqa:CHINESE_SIMPLEQA",
        "cmath": "cmath:CMATH",
        "cmmlu": "cmmlu:CMMLU",
        "followbench": "followbench.benchmark:FOLLOWBENCH",
        "gaokao": "gaokao:GAOKAO",
        "gsm8k": "gsm8k:GSM8K",
        "humaneval": "humaneval:HUMANEVAL",
        "ifeval": "ifeval:IFEVAL",
        "lawbench": "lawbench:LAWBENCH",
        "math500": "math500:MATH500",
        "mbpp": "mbpp:MBPP",
        "mgsm": "mgsm:MGSM",
        "mmlu": "mmlu:MMLU",
        "mmlu_pro": "mmlu_pro:MMLU_PRO",
        "mtbench": "mtbench:MTBENCH",
        "toolcall": "toolcall:TOOLCALL",
        "ultratool": "ultratool:ULTRATOOL",
    }
)
AUDITS = Table({"audit:alignbench": "alignbench:AUDIT"})  # of the judges themselves
PARTS = Table(  # of a benchmark, under names of their own
    {"acebench:en": "acebench:ENGLISH", "acebench:zh": "acebench:CHINESE"}
)
PLAIN = RowFormat()
LM_EVAL = "lm-eval"  # lm-eval:TASK, of the extra
OF_A_FILE = {"mcq": mcq, "qa": qa}  # a user's own questions: mcq:FILE, qa:FILE


def of_a_file(name: str) -> bool:
    """Whether the name is that of a user's own file of questions."""
    kind, colon, _ = name.partition(":")
    return bool(colon) and kind in OF_A_FILE


def of_lm_eval(name: str, include: Path | None = None) -> Benchmark | None:
    """The benchmark of "lm-eval:TASK", also of a YAML file in the folder `include`.

    Raises UsageError where it cannot be had.
    """
    kind, _, task = name.partition(":")
    if kind != LM_EVAL:
        return None
    from evaluator.lm_eval_tasks.index import require

    require()
    from evaluator.lm_eval_tasks.benchmark import lm_eval_benchmark

    return lm_eval_benchmark(task, include)


def builtin(name: str) -> Benchmark | None:
    """The built-in benchmark of that name."""
    return BENCHMARKS.get(name) or PARTS.get(name) or AUDITS.get(name)


def benchmark(name: str, format: RowFormat = PLAIN, include: Path | None = None) -> Benchmark:
    """The benchmark of that name, from outside too.  Raises UsageError with the nearest one.

    The `format` is that of rows in a user's own file; `include` holds YAML files for lm-eval.
    """
    if of_a_file(name):
        return OF_A_FILE[name.partition(":")[0]](name, format)
    if theirs := of_lm_eval(name, include):
        return theirs
    own = name.partition(":")[0] in BENCHMARKS  # a part of one of ours, and no module
    if found := builtin(name) or (None if own else external_benchmark(name)):
        return found
    named = ", ".join(
        (
            *BENCHMARKS,
            *PARTS,
            *(f"{kind}:FILE" for kind in OF_A_FILE),
            "lm-eval:TASK",
            "FILE.py:NAME",
        )
    )
    hint = did_you_mean(name, (*BENCHMARKS, *PARTS), N_("there are {names}", names=named))
    raise UsageError(N_("no benchmark {name!r}; {hint}", name=name, hint=hint))
