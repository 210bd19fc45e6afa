"""What a run is called beside its model: words to find it by, which change nothing else."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from evaluator.options.declared import Help, OptionGroup
from evaluator.options.values import as_list

Tag = Annotated[str, Field(min_length=1)]


class RunLabels(OptionGroup):
    """Tags and a note. Of an earlier session in the folder they stay until others are given."""

    panel = "Output"

    tag: Annotated[
        list[Tag],
        BeforeValidator(as_list),
        Help("A word to find the run by, such as baseline; repeat it for more.", "NAME"),
    ] = []
    note: Annotated[str, Help("A remark that the report shows.", "TEXT")] = ""
