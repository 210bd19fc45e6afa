"""The option of all commands that make pages."""

from typing import Annotated

from evaluator.locale import Language
from evaluator.options.declared import Help

LanguageOption = Annotated[
    Language | None,
    Help("Language of pages: en or zh.", "LANG", "as the variable LANG says, else en", "Output"),
]
