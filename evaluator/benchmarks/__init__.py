"""The table of the built-in benchmarks, and the way to any benchmark by its name."""

from evaluator.benchmarks.agieval import AGIEVAL
from evaluator.benchmarks.aime import AIME24, AIME25
from evaluator.benchmarks.alignbench import ALIGNBENCH, AUDIT
from evaluator.benchmarks.arc import ARC
from evaluator.benchmarks.bbh import BBH
from evaluator.benchmarks.c3 import C3
from evaluator.benchmarks.ceval import CEVAL
from evaluator.benchmarks.chinese_simpleqa import CHINESE_SIMPLEQA
from evaluator.benchmarks.cmath import CMATH
from evaluator.benchmarks.cmmlu import CMMLU
from evaluator.benchmarks.gaokao import GAOKAO
from evaluator.benchmarks.gsm8k import GSM8K
from evaluator.benchmarks.ifeval import IFEVAL
from evaluator.benchmarks.math500 import MATH500
from evaluator.benchmarks.mgsm import MGSM
from evaluator.benchmarks.mmlu import MMLU
from evaluator.benchmarks.mmlu_pro import MMLU_PRO
from evaluator.benchmarks.mtbench import MTBENCH
from evaluator.errors import UsageError, did_you_mean
from evaluator.tasks.external import external_benchmark
from evaluator.tasks.mcq import mcq
from evaluator.tasks.qa import qa
from evaluator.types import Benchmark

BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        AGIEVAL,
        AIME24,
        AIME25,
        ALIGNBENCH,
        ARC,
        BBH,
        C3,
        CEVAL,
        CHINESE_SIMPLEQA,
        CMATH,
        CMMLU,
        GAOKAO,
        GSM8K,
        IFEVAL,
        MATH500,
        MGSM,
        MMLU,
        MMLU_PRO,
        MTBENCH,
    )
}
AUDITS = {AUDIT.name: AUDIT}  # of the judges themselves
OF_A_FILE = {"mcq": mcq, "qa": qa}  # a user's own questions: mcq:FILE, qa:FILE


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name, from outside too.  Raises UsageError with the nearest one."""
    if (kind := name.partition(":")[0]) in OF_A_FILE and kind != name:
        return OF_A_FILE[kind](name)
    if found := (BENCHMARKS | AUDITS).get(name):
        return found
    if own := external_benchmark(name):
        return own
    named = ", ".join((*BENCHMARKS, *(f"{kind}:FILE" for kind in OF_A_FILE), "FILE.py:NAME"))
    hint = did_you_mean(name, BENCHMARKS, f"there are {named}")
    raise UsageError(f"no benchmark {name!r}; {hint}")
