"""The options of the commands that show results: compare, gate, table, show, report, ..."""

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import FiniteFloat, field_validator

from evaluator.options.declared import Help, OptionGroup
from evaluator.options.language import LanguageOption
from evaluator.options.parts import Count, Paths, Run, Texts, Whole
from evaluator.options.values import pairs

ExportForm = Literal["csv", "parquet", "latex", "markdown", "inspect", "lm-eval", "model-card"]
PlotKind = Literal["radar", "bars", "forest", "subjects", "perf"]


class CompareOptions(OptionGroup):
    """Options of `evaluator compare`."""

    panel = "Run"

    base: Annotated[Path, Help("Folder of the base model's run.", "BASE", positional=True)]
    others: Annotated[
        Paths, Help("Folders of the runs to compare with it.", "OTHER", positional=True)
    ]
    force: Annotated[bool, Help("Pair runs even though their settings differ.")] = False
    margin: Annotated[
        Annotated[float, Ge(0), Le(100)],
        Help("Points of 100 by which a model may be worse and still counts as no worse.", "N"),
    ] = 5.0
    noise_floor: Annotated[
        Whole,
        Help(
            "First ask N samples of each run again, to see what changes by itself. The servers "
            "must be up.",
            "N",
        ),
    ] = 0
    out: Annotated[
        Path | None,
        Help("Folder of the comparison.", "DIR", "compare-BASE-OTHER beside BASE", "Output"),
    ] = None
    lang: LanguageOption = None


class GateOptions(OptionGroup):
    """Options of `evaluator gate`."""

    panel = "Run"

    folder: Run
    min: Annotated[
        dict[str, FiniteFloat],
        Help(
            "Least score of a benchmark, on its own scale: gsm8k=0.75. Repeat it for more.",
            "NAME=SCORE",
        ),
    ] = {}
    base: Annotated[Path | None, Help("Run that this one must not be worse than.", "BASE")] = None
    max_drop: Annotated[
        Annotated[float, Ge(0), Lt(1)] | None,
        Help(
            "How far a benchmark may be below the base, as a share of its scale: 0.02 is two "
            "points of 100.",
            "SHARE",
        ),
    ] = None
    benchmark: Annotated[
        Texts,
        Help("Ask --max-drop of this benchmark only; repeat it for more.", "NAME", "the base's"),
    ] = []
    confidence: Annotated[
        Annotated[float, Gt(0.5), Lt(1)],
        Help("How sure an answer must be: 0.95 is wrong once in twenty times at most.", "SHARE"),
    ] = 0.95
    force: Annotated[bool, Help("Pair runs even though their settings differ.")] = False
    junit: Annotated[
        Path | None,
        Help("Write the answers as JUnit XML, for GitHub and GitLab.", "FILE", panel="Output"),
    ] = None
    markdown: Annotated[
        Path | None,
        Help("Append the answers as Markdown, as to $GITHUB_STEP_SUMMARY.", "FILE", panel="Output"),
    ] = None
    lang: LanguageOption = None

    @field_validator("min", mode="before")
    @classmethod
    def _min(cls, value: object) -> object:
        return pairs(value, "--min")


class TableOptions(OptionGroup):
    """Options of `evaluator table`."""

    panel = "Output"

    runs: Annotated[Paths, Help("Folders of runs, one a column.", "RUN", positional=True)]
    to: Annotated[
        Literal["csv", "latex", "markdown"] | None,
        Help("Print csv, latex or markdown instead.", "FORM", "a table for the terminal"),
    ] = None
    lang: LanguageOption = None


class ExportOptions(OptionGroup):
    """Options of `evaluator export`."""

    panel = "Output"

    folder: Run
    to: Annotated[
        ExportForm,
        Help("csv, parquet, latex, markdown, inspect, lm-eval or model-card.", "FORM"),
    ]
    benchmark: Annotated[
        Texts, Help("Only this benchmark; repeat it for more.", "NAME", "all")
    ] = []
    out: Annotated[
        Path | None,
        Help(
            "File to write; a folder for inspect and lm-eval.",
            "FILE",
            "standard output",
            short="-o",
        ),
    ] = None
    lang: LanguageOption = None


class ShowOptions(OptionGroup):
    """Options of `evaluator show`."""

    panel = "Output"

    folder: Run
    wrong: Annotated[bool, Help("Only samples that were not right.")] = False
    unparsed: Annotated[bool, Help("Only samples whose reply held no readable answer.")] = False
    forgotten: Annotated[
        Path | None, Help("Only samples that the run BASE did better.", "BASE", "all")
    ] = None
    id: Annotated[Texts, Help("Only the sample of this id; repeat it for more.", "ID", "all")] = []
    benchmark: Annotated[
        Texts, Help("Only samples of this benchmark; repeat it for more.", "NAME", "all")
    ] = []
    limit: Annotated[Count | None, Help("Most samples to show.", "N", "all")] = None
    whole: Annotated[
        bool, Help("Show prompts in full, with the beginning that all of them share.")
    ] = False
    lang: LanguageOption = None


class ReportOptions(OptionGroup):
    """Options of `evaluator report`."""

    panel = "Output"

    folder: Annotated[
        Path,
        Help(
            "Folder of a run, a comparison, an arena or a throughput run.", "RUN", positional=True
        ),
    ]
    lang: LanguageOption = None


class ViewOptions(OptionGroup):
    """Options of `evaluator view`."""

    panel = "Server"

    runs: Annotated[
        Paths,
        Help("Folders of results, with all below them.", "RUNS", panel="Run", positional=True),
    ] = [Path("runs")]
    host: Annotated[
        str, Help("Address to listen on. Any but this machine's own needs --token.", "HOST")
    ] = "127.0.0.1"
    port: Annotated[
        Annotated[int, Ge(0), Le(65535)], Help("Port to listen on.", "N", "a free one")
    ] = 0
    token: Annotated[
        str | None,
        Help(
            "Whoever opens the viewer must know this token, which the printed link holds. auto "
            "makes one.",
            "TEXT",
        ),
    ] = None
    open: Annotated[bool, Help("Open the link in a browser.")] = False
    lang: LanguageOption = None


class PlotOptions(OptionGroup):
    """Options of `evaluator plot`."""

    panel = "Output"

    runs: Annotated[
        Paths,
        Help(
            "Folders of runs, of a comparison, an arena or a throughput run.",
            "RUN",
            positional=True,
        ),
    ]
    kind: Annotated[PlotKind, Help("What to draw: radar, bars, forest, subjects or perf.", "KIND")]
    benchmark: Annotated[
        str | None, Help("Benchmark of which the subjects are drawn.", "NAME", "the only one")
    ] = None
    out: Annotated[Path, Help("File to write: .svg, .png or .pdf.", "FILE")]
    lang: LanguageOption = None
