"""The language of what commands show and of the pages that they make."""

from typing import Annotated

from evaluator.locale import Language
from evaluator.options.declared import Help

LanguageOption = Annotated[
    Language | None,
    Help(
        "Language of pages and of the screen: en or zh.",
        "LANG",
        "as the variable LANG says, else en",
        "Output",
    ),
]
