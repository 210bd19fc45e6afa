"""The colours of pages and charts, light and dark, declared once for both."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluator.locale import N_
from evaluator.results.names import End

Colours = Mapping[str, str]  # by what they are for

FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
LIGHT: Colours = {
    **{"ground": "#ffffff", "panel": "#f6f7f9", "ink": "#1c2230", "soft": "#5d6678"},
    **{"line": "#dde1e8", "accent": "#2f6f9f", "good": "#1f8a4d", "bad": "#c8324b"},
    **{"care": "#b7791f", "mark": "#fff1a8", "gone": "#fbdde2", "come": "#d5f0df"},
}
DARK: Colours = {
    **{"ground": "#14171d", "panel": "#1d222b", "ink": "#e6e9ef", "soft": "#98a2b5"},
    **{"line": "#323a47", "accent": "#79b4dd", "good": "#5ecb8b", "bad": "#f0788c"},
    **{"care": "#e2b25c", "mark": "#5c5217", "gone": "#5a2430", "come": "#1d4a30"},
}
LEGEND_ENTRY = 170  # pixels that an entry of a legend takes at most
SERIES = (  # of models, servers and categories, in their order
    *("#3f7cac", "#e07a3f", "#2a9d5c", "#b07cc6", "#e9b44c", "#6c8ebf"),
    *("#c8324b", "#4aa8a0", "#8a94a6", "#8a6d3b"),
)
ENDS: Mapping[End, str] = {  # of what became of samples, in the order in which a bar shows it
    "right": "#2a9d5c",
    "rated": "#3f7cac",
    "partly right": "#9ccf8a",
    "wrong": "#8a94a6",
    "refused": "#b07cc6",
    "unparsed": "#e9b44c",
    "truncated": "#e07a3f",
    "judge_unparsed": "#6c8ebf",
    "error": "#c8324b",
}

END_WORDS: Mapping[End, str] = {  # what a person reads
    "right": N_("right"),
    "rated": N_("rated"),
    "partly right": N_("partly right"),
    "wrong": N_("wrong"),
    "refused": N_("refused"),
    "unparsed": N_("unparsed"),
    "truncated": N_("truncated"),
    "judge_unparsed": N_("verdict unparsed"),
    "error": N_("error"),
}
STATUS_WORDS: dict[str, str] = {
    "scored": N_("scored"),
    **{end: words for end, words in END_WORDS.items()},
}  # by status
END_COLOURS = {END_WORDS[end]: colour for end, colour in ENDS.items()}  # of charts


def stylesheet() -> str:
    """The colours as CSS variables; those of the dark scheme where the reader prefers it."""
    light, dark = variables({**LIGHT, "font": FONT}), variables(DARK)
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def variables(colours: Colours) -> str:
    """Declarations of CSS variables."""
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def chart_config(colours: Colours, series: Sequence[str] = SERIES) -> dict[str, Any]:
    """Vega's configuration in these colours."""
    soft, line = colours["soft"], colours["line"]
    text = {"labelColor": soft, "titleColor": soft, "labelFontSize": 12}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            **{"titleFontWeight": "normal", "gridColor": line, "domainColor": line},
            "tickColor": line,
        },
        "legend": {**text, "symbolLimit": 40, "labelLimit": LEGEND_ENTRY - 20, "symbolOpacity": 1},
        "axisX": {"labelFlush": False},  # labels at the ends would touch their neighbours
        "title": {"color": soft},
        "text": {"color": soft},
        "rule": {"color": colours["ink"]},
        "tick": {"color": colours["ink"]},
        "bar": {"color": colours["accent"]},
        "area": {"color": colours["accent"]},
        "range": {"category": list(series)},
    }


def chart_configs() -> dict[str, Any]:
    """The configurations by the scheme that the reader prefers, and what depends on the width."""
    schemes = {"light": chart_config(LIGHT), "dark": chart_config(DARK)}
    return {**schemes, "legend_entry": LEGEND_ENTRY}
