"""What `make eval` was asked for, with every default filled in. Nothing is run here."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..commands.servers import asked_name
from ..declared import option_words
from ..options import EvalOptions
from ..server.adapters import MARK

DATA_VARIABLE = "EVALUATOR_DATA_DIR"  # names the mirror of data sets where no option does

DEMO_MODELS = {"demo", "demo-forgetful"}
DEMO_LIMIT = "20"
BENCHMARKS = ("arc", "ceval", "gsm8k")
JUDGED_BENCHMARKS = {
    *("alignbench", "cfbench", "chinese_simpleqa", "followbench", "mtbench", "arena"),
}
SELF = "self"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One `make eval`. Empty texts and tuples: the evaluator's own default, or the config's."""

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    config: str
    out: str
    limit: str
    data: str
    data_dir: str
    judge: str
    judge_name: str  # by which requests name it
    judge_urls: tuple[str, ...]
    judge_gpus: str
    chat_template: str
    evaluator_options: tuple[str, ...]

    @property
    def is_demo(self) -> bool:
        """Whether all models are demo models, which are slow and ramble."""
        return are_demo(self.models)

    @property
    def recipe(self) -> Path | None:
        """Where the models stand, if none were named."""
        return None if self.models else Path(self.config)

    @property
    def judge_to_serve(self) -> str:
        """The judge that needs a server of its own; empty where there is none."""
        return "" if self.judge_urls or self.judge == SELF else self.judge


def evaluation(options: EvalOptions, environment: Mapping[str, str]) -> Evaluation:
    """The defaults: the demo model answers 20 built-in samples, and judges itself."""
    config = _path(options.config)
    given = options.models if options.models is not None else options.model
    models = names(given or "") or (() if config or options.fleet else ("demo",))
    benchmarks = _given(options.benchmarks, "" if config else " ".join(BENCHMARKS))
    demo = are_demo(models)
    judged = bool(config) or not JUDGED_BENCHMARKS.isdisjoint(names(benchmarks))
    data_dir = _given(options.data_dir, environment.get(DATA_VARIABLE, ""))
    judge = _given(options.judge, SELF if demo and judged else "")
    return Evaluation(
        models=models,
        benchmarks=names(benchmarks),
        config=config,
        out=_given(options.out, "" if config else "runs/{model}"),
        limit=_given(options.limit, DEMO_LIMIT if demo else ""),
        data=options.data or ("builtin" if demo and not data_dir else ""),
        data_dir="" if options.data else _path(data_dir),
        judge=judge,
        judge_name=_judge_name(judge, options),
        judge_urls=names(options.judge_endpoint),
        judge_gpus=options.judge_gpus,
        chat_template=_path(options.chat_template),
        evaluator_options=(*option_words({"lang": options.lang}), *shlex.split(options.args)),
    )


def _judge_name(judge: str, options: EvalOptions) -> str:
    """One that is served may go by another name than the word for it: an adapter, for one."""
    if judge in ("", SELF) or options.endpoint or options.judge_endpoint:
        return judge
    return asked_name(judge, shlex.split(options.judge_server_args), options.presets)


def are_demo(models: Sequence[str]) -> bool:
    """Whether they are the demo models, and adapters to them."""
    return bool(models) and DEMO_MODELS.issuperset(each.split(MARK)[0] for each in models)


def names(text: str) -> tuple[str, ...]:
    """The names in "a b" or "a,b"."""
    return tuple(text.replace(",", " ").split())


def _given(value: str | None, default: str) -> str:
    """An option that is given but empty switches its default off."""
    return default if value is None else value.strip()


def _path(text: str) -> str:
    return str(Path(text).expanduser()) if text else ""
