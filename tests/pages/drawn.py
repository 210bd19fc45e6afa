"""What a chart draws, of which Altair says whether it is Vega-Lite."""

from typing import Any

import altair


def rows(chart: Any) -> list[dict[str, Any]]:
    """The data of a chart, which must be valid."""
    assert chart is not None
    altair.Chart.from_dict(chart, validate=True)  # raises where it is no Vega-Lite
    values: list[dict[str, Any]] = chart["data"]["values"]
    return values
