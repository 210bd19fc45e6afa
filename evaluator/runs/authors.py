"""Whose replies or verdicts a recorded file holds: a score is of one model, and of one judge."""

from collections.abc import Iterable, Mapping
from typing import Any

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_

MODEL = ("model", "model_id")  # fields that name the model, in the formats that are read
SHOWN = 9  # models that a message names

Placed = tuple[str, Any]  # a line of the file, and where it stands


def of_one_model(path: object, lines: Iterable[Placed], chosen: str) -> list[Placed]:
    """The lines of the model `chosen`, or of the only one.

    Raises UsageError where there are several and none is chosen, where the chosen one is not
    there, or where several judges speak.
    """
    every = list(lines)
    # Lines that name no model are the only one's.
    models = list(dict.fromkeys(name for _, line in every if (name := model_of(line))))
    shown = ", ".join(map(repr, models[:SHOWN])) + (", ..." if len(models) > SHOWN else "")
    if chosen and chosen not in models:
        hint = did_you_mean(chosen, models, f"there are {shown or 'none that name a model'}")
        raise UsageError(
            N_(
                "--model-id: {path} has no lines of {chosen!r}; {hint}",
                path=path,
                chosen=chosen,
                hint=hint,
            )
        )
    if len(models) > 1 and not chosen:
        raise UsageError(
            N_(
                "{path} holds lines of {count} models: {shown}; give --model-id NAME for one",
                path=path,
                count=len(models),
                shown=shown,
            )
        )
    ours = [each for each in every if len(models) < 2 or model_of(each[1]) == chosen]
    judges = list(dict.fromkeys(name for _, line in ours if (name := judge_of(line))))
    if len(judges) > 1:
        raise UsageError(
            N_(
                "{path} holds verdicts of {count} judges: {judges}; keep the lines of one in a "
                "file",
                path=path,
                count=len(judges),
                judges=", ".join(map(repr, judges)),
            )
        )
    return ours


def model_of(line: Any) -> str:
    """The model that a line is of; empty where it does not say."""
    fields = line if isinstance(line, Mapping) else {}
    return next((str(fields[name]) for name in MODEL if fields.get(name)), "")


def judge_of(line: Any) -> str:
    """The judge of a line, which FastChat names in a list, its prompt behind; else nothing."""
    named = line.get("judge") if isinstance(line, Mapping) else None
    return str(named[0] if isinstance(named, list) and named else named or "")
