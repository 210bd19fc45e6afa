"""The model that is measured."""

from typing import Annotated

from pydantic import Field

from evaluator.options.declared import Help, OptionGroup


class ServedModel(OptionGroup):
    """The model that is measured."""

    panel = "Server"

    model: Annotated[
        str,
        Field(min_length=1),
        Help("Name under which the model is served.", "NAME", "the model started by `launch`"),
    ]
