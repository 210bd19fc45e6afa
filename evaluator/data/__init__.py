"""Rows of data sets from a local mirror, the Hugging Face hub, ModelScope or the built-in samples.

The source is chosen once and never falls back to another, so that a score says what it was
measured on.
"""

from pathlib import Path
from typing import Literal

from evaluator.data.fetch_progress import FetchListener, FetchProgress
from evaluator.data.files import (
    ENDINGS,
    SUFFIXES,
    PlacedRow,
    RowFormat,
    ending,
    read_file,
    read_jsonl,
)
from evaluator.data.local import BUILTIN, Builtin, Mirror
from evaluator.data.rows import Origin, Row, Source, samples, select

__all__ = [
    "BUILTIN",
    "ENDINGS",
    "SUFFIXES",
    "Builtin",
    "FetchListener",
    "FetchProgress",
    "Mirror",
    "Origin",
    "PlacedRow",
    "Row",
    "RowFormat",
    "Source",
    "SourceName",
    "ending",
    "read_file",
    "read_jsonl",
    "samples",
    "select",
    "source",
]

SourceName = Literal["hub", "modelscope", "builtin"]


def source(
    data_dir: Path | None = None,
    name: SourceName | None = None,
    listener: FetchListener | None = None,
) -> Source:
    """The source that is named, else the folder, else the Hugging Face hub.

    `listener` is called as files arrive.
    """
    if name == "builtin":
        return Builtin()
    if name is None and data_dir:
        return Mirror(data_dir)
    from evaluator.data import hub_sources

    if name == "modelscope":
        return hub_sources.modelscope(listener)
    return hub_sources.hugging_face(listener)
