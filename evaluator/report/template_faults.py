"""What a wrong chat template or stop token of the server left in a benchmark's replies."""

from collections.abc import Iterator, Mapping
from typing import Any

TEMPLATE_FAULTS = {
    "leaked": "held tokens of the chat template, such as <|im_end|>",
    "ran_on": "went on with a turn that nobody asked for",
}


def template_faults(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    """A warning for each fault; `row` is the benchmark's part of report.json."""
    for fault, words in TEMPLATE_FAULTS.items():
        if count := row.get(fault, 0):  # a report of an older version does not say
            yield (
                f"{name}: {count:,} replies {words}, which was left out: the server's chat "
                "template or stop token is likely not the model's"
            )
