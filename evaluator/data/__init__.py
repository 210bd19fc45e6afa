"""Rows of a data set: a local mirror, the Hugging Face hub, ModelScope or the built-in samples.

The source is chosen once and never falls back to another: a score says what it was measured on.
"""

from pathlib import Path
from typing import Literal

from evaluator.data.files import SUFFIXES, PlacedRow, read_file, read_jsonl
from evaluator.data.folders import BUILTIN, Builtin, Mirror
from evaluator.data.rows import Origin, Row, Source, samples, select
from evaluator.data.watch import Fetching, Watch

__all__ = [
    "BUILTIN",
    "SUFFIXES",
    "Builtin",
    "Fetching",
    "Mirror",
    "Origin",
    "PlacedRow",
    "Row",
    "Source",
    "SourceName",
    "Watch",
    "read_file",
    "read_jsonl",
    "samples",
    "select",
    "source",
]

SourceName = Literal["hub", "modelscope", "builtin"]


def source(
    data_dir: Path | None = None, name: SourceName | None = None, watch: Watch | None = None
) -> Source:
    """The source asked for: a name, else a folder, else the hub.

    `watch` is told how fetching goes.
    """
    if name == "builtin":
        return Builtin()
    if name is None and data_dir:
        return Mirror(data_dir)
    from evaluator.data import hubs

    return hubs.modelscope(watch) if name == "modelscope" else hubs.hub(watch)
