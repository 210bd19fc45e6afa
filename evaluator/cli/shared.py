"""How commands say something."""

import sys

from evaluator.locale import said
from evaluator.report.escaping import harmless


def tell(words: str = "", err: bool = False) -> None:
    """Words with whatever others said in them, on a screen."""
    print(harmless(said(words)), file=sys.stderr if err else sys.stdout, flush=True)
