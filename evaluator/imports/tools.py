"""The tools whose outputs are read, and the choice of a model in a folder of theirs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from evaluator.errors import UsageError
from evaluator.imports import evalscope, inspect_log, lm_eval, opencompass
from evaluator.imports.recorded import OtherRuns, OtherTask
from evaluator.locale import N_

ToolName = Literal["evalscope", "lm-eval", "opencompass", "inspect"]
READERS = {
    "evalscope": evalscope.read,
    "lm-eval": lm_eval.read,
    "opencompass": opencompass.read,
    "inspect": inspect_log.read,
}


def read(tool: ToolName, folder: Path, model: str | None) -> tuple[str, Sequence[OtherTask]]:
    """The model's name and its tasks.  Raises UsageError, also where the model is not clear."""
    if not folder.exists():
        raise UsageError(N_("there is no folder {folder!r}", folder=str(folder)))
    runs: OtherRuns = READERS[tool](folder)
    if not runs:
        raise UsageError(
            N_(
                "{folder!r} holds nothing that {tool} recorded with its samples",
                folder=str(folder),
                tool=tool,
            )
        )
    if model is None and len(runs) > 1:
        raise UsageError(
            N_(
                "{folder!r} holds {count} models: {runs}; give --model NAME for one",
                folder=str(folder),
                count=len(runs),
                runs=", ".join(runs),
            )
        )
    if model is not None and model not in runs:
        raise UsageError(
            N_(
                "{folder!r} holds no model {model!r}; there is {runs}",
                folder=str(folder),
                model=model,
                runs=", ".join(runs),
            )
        )
    name = model or next(iter(runs))
    return name, runs[name]
