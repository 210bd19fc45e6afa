"""lm-eval's own Task and Group objects, with their data from our sources or without any data."""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import datasets
import numpy
from jinja2 import Template
from lm_eval import utils
from lm_eval.api.group import Group
from lm_eval.api.task import ConfigurableTask
from lm_eval.defaults import DEFAULT_OTHER_SEED, DEFAULT_RANDOM_SEED
from lm_eval.filters import build_filter_ensemble
from lm_eval.tasks._factory import TaskFactory
from lm_eval.tasks._index import Entry as TheirEntry
from lm_eval.tasks._index import Kind, TaskIndex

from evaluator.data.table import table
from evaluator.errors import EvaluatorError, UsageError, did_you_mean
from evaluator.lm_eval_tasks.code_eval import in_sandbox, replaced
from evaluator.lm_eval_tasks.index import Index, index, refusal, scan
from evaluator.locale import N_
from evaluator.types import Json, Rows

datasets.disable_progress_bars()
logging.getLogger("lm_eval").setLevel(logging.ERROR)  # its warnings are on its own settings
_compiled = utils.env.from_string


@lru_cache(maxsize=1024)
def template(source: str) -> Template:
    """A task's template, compiled once and not for every document and worked example.

    Jinja chains its globals, and looks through them at every rendering; here none are added.
    """
    made: Template = _compiled(source)
    made.globals = dict(made.globals)
    return made


utils.env.from_string = template


class _NoData(Exception):
    """A task that is built without data gets no further."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: tasks by their names, and the groups that gather them."""

    tasks: Mapping[str, ConfigurableTask]
    groups: Sequence[Group] = field(default_factory=list)  # members before what they belong to


class Splits(Mapping[str, Any]):
    """The splits of a data set, each read when a task asks for it."""

    def __init__(self, rows: Rows, dataset: str, config: str) -> None:
        self._read = rows
        self._of = dataset, config
        self._known: dict[str, Any] = {}

    def __getitem__(self, split: str) -> Any:
        if split not in self._known:
            rows = [{**row} for row in self._read(*self._of, split)]
            self._known[split] = datasets.Dataset.from_list(rows)
        return self._known[split]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True, slots=True)
class DataReading:
    """How tasks read their data. `shots` None leaves the number of worked examples to the task."""

    rows: Rows
    shots: int | None

    def shown(self, task: ConfigurableTask) -> int:
        """The worked examples of a task; one that has none for good keeps to that."""
        own: int | None = task.config.num_fewshot
        return (own or 0) if self.shots is None or own == 0 else self.shots


def build(name: str, data: DataReading | None = None, include: Path | None = None) -> Named:
    """The tasks and groups of that name, without data where there is no way to read them.

    A task without data has its settings, filters and metrics, but no documents. `name` may be the
    path of a YAML file; `include` is a folder of such files beside lm-eval's own.  Raises
    UsageError for a name that there is not, and for a task that cannot be run here.
    """
    known: Index = index()
    if include:
        known = {**known, **scan(include)}
    with _reading(data), _seeded():
        try:
            made = _Factory(known).named(name)
        except EvaluatorError:
            raise
        except Exception as error:  # whatever the code of a task raises
            reason = f"{type(error).__name__}: {error}"
            raise UsageError(
                N_("lm-eval:{name} cannot be loaded: {reason:.300}", name=name, reason=reason)
            ) from error
    found = _named(made)
    if data is None:
        for task in found.tasks.values():
            _complete(task)
    return found


class _Factory(TaskFactory):  # type: ignore[misc]  # lm-eval's classes are not typed
    """Builds by name, and refuses the tasks that cannot be run here."""

    def __init__(self, known: Index) -> None:
        super().__init__()
        self._known = known
        self._registry = _Registry(known)

    def named(self, name: str) -> Any:
        if name in self._registry:
            entry = self._registry[name]
        elif name.endswith((".yaml", ".yml")):
            entry = TaskIndex.entry_from_path(Path(name))
        else:
            hint = did_you_mean(
                name, list(self._known), N_("`evaluator list --search TEXT` finds one")
            )
            raise UsageError(
                N_("lm-eval has no task, group or tag {name!r}; {hint}", name=name, hint=hint)
            )
        return self.build(entry, registry=self._registry)

    def _build_task(self, entry: TheirEntry, overrides: Json | None) -> Any:
        mine = self._known.get(entry.name)
        if mine and mine.refused:
            raise UsageError(
                N_("lm-eval:{name} is refused: {reason}", name=entry.name, reason=mine.refused)
            )
        with replaced(entry.yaml_path):
            return super()._build_task(entry, overrides)


class _Registry(dict[str, TheirEntry]):
    """lm-eval's entries by name. One is made when it is asked for: a run needs few of thousands."""

    def __init__(self, known: Index) -> None:
        super().__init__()
        self._known = known

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._known

    def __missing__(self, name: str) -> TheirEntry:
        of = self._known[name]
        path = Path(of.path) if of.path else None
        self[name] = TheirEntry(name, Kind[of.kind], path, tags=set(of.tags))
        return self[name]


def _named(made: Any) -> Named:
    if isinstance(made, Group):
        groups = [*reversed(made.get_all_groups()), made]
        return Named({task.task_name: task for task in made.get_all_tasks()}, groups)
    tasks = made if isinstance(made, list) else [made]
    return Named({task.task_name: task for task in tasks})


@contextmanager
def _reading(data: DataReading | None) -> Iterator[None]:
    """While it lasts, tasks that are built read their data sets so, and no more than they show."""
    load, init = ConfigurableTask.download, ConfigurableTask.__init__
    examples = ConfigurableTask.fewshot_docs

    def download(task: Any, dataset_kwargs: dict[str, Any] | None = None, **more: Any) -> None:
        if data is None:
            raise _NoData
        if callable(task.config.custom_dataset) or "data_files" in (dataset_kwargs or {}):
            load(task, dataset_kwargs, **more)  # it makes its data, or names files
        else:
            config = task.DATASET_NAME or only_config(task.DATASET_PATH)
            task.dataset = Splits(data.rows, task.DATASET_PATH, config)

    def fewshot_docs(task: Any) -> Any:
        if data and data.shown(task):
            task.set_config("num_fewshot", data.shown(task))
            return examples(task)
        return None  # a mirror may lack their split

    def settings_only(task: Any, *args: Any, **more: Any) -> None:
        with suppress(_NoData):
            init(task, *args, **more)

    with (
        patch.object(ConfigurableTask, "download", download),
        patch.object(ConfigurableTask, "fewshot_docs", fewshot_docs),
        patch.object(ConfigurableTask, "__init__", init if data else settings_only),
    ):
        yield


@contextmanager
def _seeded() -> Iterator[None]:
    """While it lasts, Python's and numpy's random numbers are lm-eval's: GPQA shuffles by them.

    So a run that is resumed has the same choices in the same order.
    """
    states = random.getstate(), numpy.random.get_state()
    random.seed(DEFAULT_RANDOM_SEED)
    numpy.random.seed(DEFAULT_OTHER_SEED)
    try:
        yield
    finally:
        random.setstate(states[0])
        numpy.random.set_state(states[1])


def only_config(dataset: str) -> str:
    """The config of a data set that a task names none of: "default", where we know no other."""
    known = table().get(dataset)
    return known.configs[0] if known and len(known.configs) == 1 else "default"


def _complete(task: ConfigurableTask) -> None:
    """What the constructor of a task sets after its data, as far as scoring needs it."""
    config = vars(task.config) | ({"unsafe_code": False} if in_sandbox(task) else {})
    if reason := refusal(config):
        raise UsageError(
            N_("lm-eval:{name} is refused: {reason}", name=task.task_name, reason=reason)
        )
    given = task.config.filter_list or [{"name": "none", "filter": [{"function": "take_first"}]}]
    task._filters = [
        build_filter_ensemble(
            each["name"],
            [
                (of["function"], {key: of[key] for key in of if key != "function"})
                for of in each["filter"]
            ],
        )
        for each in given
    ]
    task.prompt = None
