"""What lm-eval has by name: read from its thousands of files once per version, then kept.

Nothing of lm-eval is imported where the index is kept already.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import orjson

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.types import Json

PACKAGE = "lm_eval"
TO_INSTALL = N_("install it with: pip install 'evaluator[lm-eval]'")
RUNS_CODE = (
    "it runs the code that a model writes by itself, and not by the metric code_eval, which runs "
    "in a sandbox here; take evaluator's own benchmarks of code (evaluator list --kind code)"
)
CODE_EVAL = "code_eval"  # the metric that most of these leave it to
NEEDS_JUDGE = (
    "its replies are read by a judge of its own; evaluator's judged benchmarks take --judge, see "
    "`evaluator list --kind judge`"
)
NEEDS_SENSES = "it shows pictures or plays sounds; take a task of text"


@dataclass(frozen=True, slots=True)
class KnownName:
    """A task, a group or a tag. `refused` says why it cannot be run here, where it cannot."""

    kind: str  # the name of a member of lm-eval's `Kind`
    path: str = ""  # of its YAML file; a tag has none
    tags: Sequence[str] = ()  # of a tag: its tasks
    data: str = ""  # data set and config
    refused: str = ""


Index = Mapping[str, KnownName]


def installed() -> str:
    """The version of lm-eval; empty where there is none."""
    with suppress(PackageNotFoundError):
        return version(PACKAGE)
    return ""


def require() -> str:
    """The version of lm-eval.  Raises UsageError where it is not installed."""
    if not (found := installed()):
        raise UsageError(N_("lm-eval is not installed; {hint}", hint=TO_INSTALL))
    return found


@lru_cache(1)
def index() -> Index:
    """What the installed lm-eval has.  Raises UsageError where it is not installed."""
    from platformdirs import user_cache_path

    kept = user_cache_path("evaluator") / f"lm-eval-{require()}-index.json"
    folder = tasks_folder()
    with suppress(OSError, ValueError, TypeError):
        return moved(orjson.loads(kept.read_bytes()), f"{folder}/")
    made = scan(folder)
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        # Paths within the folder: another environment has the same version elsewhere.
        draft.write_bytes(orjson.dumps(made).replace(orjson.dumps(f"{folder}/")[:-1], b'"'))
        draft.replace(kept)
    return made


def moved(known: Mapping[str, Json], folder: str) -> Index:
    """An index whose paths are within a folder, as one of whole paths."""
    return {
        name: KnownName(**{**of, "path": folder + of["path"]} if of["path"] else of)
        for name, of in known.items()
    }


def tasks_folder() -> Path:
    """Where the installed lm-eval keeps its tasks."""
    spec = find_spec(PACKAGE)
    assert spec and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "tasks"


def scan(folder: Path) -> Index:
    """What the YAML files of a folder define: seconds for all of lm-eval's."""
    from lm_eval.tasks._index import TaskIndex

    return {
        name: KnownName(
            kind=each.kind.name,
            path=str(each.yaml_path or ""),
            tags=sorted(each.tags) if each.kind.name == "TAG" else (),
            data=data_of(each.cfg or {}),
            refused=refusal(each.cfg or {}, each.yaml_path),
        )
        for name, each in TaskIndex.build([folder]).items()
    }


def data_of(config: Json) -> str:
    """The data set of a task's configuration, and which part of it."""
    names = (config.get("dataset_path"), config.get("dataset_name"))
    return " ".join(str(name) for name in names if name)


def refusal(config: Json, path: Path | None = None) -> str:
    """Why a task of this configuration, in that file, cannot be run here; empty where it can."""
    if config.get("unsafe_code") and not (path and calls_code_eval(path)):
        return RUNS_CODE
    if config.get("doc_to_image") or config.get("doc_to_audio"):
        return NEEDS_SENSES
    return NEEDS_JUDGE if "llm_judge" in f"{config.get('task')} {config}" else ""


def calls_code_eval(path: Path) -> bool:
    """Whether the modules beside a YAML file leave the running of code to that metric."""
    return any(CODE_EVAL in each.read_text(encoding="utf-8") for each in path.parent.glob("*.py"))


def search(text: str) -> dict[str, KnownName]:
    """What has the text in its name or its data set, the shortest names first.

    Nothing is found where lm-eval is not installed.
    """
    if not installed():
        return {}
    sought = text.casefold()
    found = {n: of for n, of in index().items() if sought in f"{n}\n{of.data}".casefold()}
    return dict(sorted(found.items(), key=lambda each: (len(each[0]), each[0])))
