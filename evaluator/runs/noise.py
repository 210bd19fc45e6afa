"""The floor of a comparison: what changes when the same model is asked the same again.

At temperature 0 too, replies hang on what else the server computes at the time; so some samples
are asked again with another number in flight. That is a run of its own in the folder AGAIN of the
first, journal included, and no part of its scores.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from evaluator.client.urls import without_password
from evaluator.options.settings import Settings

AGAIN = "again"
FEW = 4  # a run with fewer in flight than this is asked again with more


def again(settings: Settings, slots: int) -> Settings:
    """The settings of the second asking: fewer samples, and a quarter as many in flight."""
    asked = settings.noise_floor
    return settings.model_copy(
        update={
            "out": settings.out / AGAIN,
            "limit": min(asked, settings.limit or asked),
            "concurrency": slots // 4 if slots >= FEW else 2 * FEW,
            "noise_floor": 0,
            "dataset_args": {
                name: of.model_copy(update={"limit": min(asked, of.limit) if of.limit else None})
                for name, of in settings.dataset_args.items()
            },
            "precision": None,
            "audit_judge": 0,
            "smoke": False,
            "max_errors": 0.99,  # a share: what fails here is left out, and costs the run nothing
            "reuse": [],
        }
    )


def asked_again(folder: Path) -> int:
    """How many samples a benchmark the run in this folder was asked again, all of them answered."""
    try:
        about = orjson.loads((folder / AGAIN / "run.json").read_bytes())
        rows = orjson.loads((folder / AGAIN / "report.json").read_bytes())["benchmarks"].values()
    except FileNotFoundError:
        return 0
    whole = all(row["samples"] == row["planned"] for row in rows)
    limits = [settings_of(about, name)["limit"] for name in about["benchmarks"]]
    return min(map(int, limits)) if whole else 0


def settings_of(about: Mapping[str, Any], benchmark: str) -> Mapping[str, Any]:
    """The settings with which a benchmark in a run.json was run last."""
    return about["benchmarks"][benchmark].get("settings") or about.get("settings") or about


def served(settings: Settings) -> dict[str, Any]:
    """What is known of the servers, without passwords.

    A replay asks nobody: then that is what the run before it knew.
    """
    if settings.replay and (settings.out / "run.json").exists():
        earlier = orjson.loads((settings.out / "run.json").read_bytes())
        return {"endpoints": earlier["endpoints"], "gpus": earlier.get("gpus")}
    return {
        "endpoints": list(map(without_password, settings.base_url)),
        "gpus": settings.gpus,
    }
