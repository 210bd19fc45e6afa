"""The option of every command that may run the code of a model."""

from typing import Annotated

from evaluator.options.declared import Help, OptionGroup


class CodeOptions(OptionGroup):
    """Whether code is run."""

    panel = "What to ask"

    allow_code: Annotated[
        bool,
        Help(
            "Run the code that the model writes, where a benchmark is of code: in a sandbox "
            "without network (bubblewrap)."
        ),
    ] = False
