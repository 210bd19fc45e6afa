"""Whether a reply is in Chinese: by the share of Chinese among its words, not by a model."""

import re
from collections.abc import Mapping

from evaluator.extract.cleaning import strip_thinking
from evaluator.results.names import IN_CHINESE

MOSTLY = 0.5  # of the words, every Han character taken for one
KANA = 0.25  # of Han characters and kana together; Japanese prose has a third and more

_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]{1,200}`"  # code
    r"|\$\$[^$]{1,2000}\$\$|\$[^$\n]{1,300}\$|\\[A-Za-z]{1,40}"  # LaTeX
    r"|https?://[^\s\u3000-\u9fff]+",
    re.DOTALL,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
# Words of other scripts; a single letter is a variable or the label of an option.
_WORD = re.compile(r"[^\W\d_\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]{2,}")


def answered_in_chinese(text: str) -> bool | None:
    """Whether at least half of the words are Chinese; None for a reply without words.

    Code, LaTeX, URLs, numbers and single letters say nothing. Simplified and traditional are both
    Chinese; Han characters among kana are Japanese.
    """
    text = _NO_PROSE.sub(" ", strip_thinking(text))
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    words = han + kana + len(_WORD.findall(text))
    if not words:
        return None
    return han >= MOSTLY * words and kana < KANA * (han + kana)


def in_chinese(text: str) -> Mapping[str, float]:
    """The dimension `in_chinese` of a sample's score: 1 or 0, absent where there is no telling."""
    chinese = answered_in_chinese(text)
    return {} if chinese is None else {IN_CHINESE: float(chinese)}
