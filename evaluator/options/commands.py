"""The options of the smaller commands."""

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import BeforeValidator

from evaluator.data import SourceName
from evaluator.options.access import AccessOptions
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.own_files import OwnFiles
from evaluator.options.parts import (
    ApiKey,
    Client,
    Count,
    DataSource,
    JudgeConnection,
    MaxErrors,
    Paths,
    ProgressOption,
    Replay,
    Run,
    SameModel,
    Texts,
    Timeout,
    TransportOption,
    Whole,
)
from evaluator.options.values import names

Benchmarks = Annotated[
    list[str],
    BeforeValidator(names),
    Help("Names, as `evaluator list` shows them; none for all.", "BENCHMARK", positional=True),
]
Hub = Annotated[
    Literal["hub", "modelscope"] | None,
    Help("Where the data sets are read: hub or modelscope.", "SOURCE", "hub", flag="--from"),
]
PlotKind = Literal["radar", "bars", "forest", "subjects", "perf"]


class ScoreOptions(OwnFiles, DataSource):
    """Options of `evaluator score`."""

    panel = "Run"

    benchmark: Annotated[
        str, Help("Name, as `evaluator list` shows it.", "BENCHMARK", positional=True)
    ]
    responses: Annotated[
        Path | None,
        Help('JSONL file of recorded replies, each line {"id": ..., "response": ...}.', "FILE"),
    ] = None
    judgments: Annotated[
        Path | None,
        Help(
            "JSONL file of a judge's recorded verdicts, each line "
            '{"question_id": ..., "category": ..., "judgment": ...}.',
            "FILE",
        ),
    ] = None
    model: Annotated[str | None, Help("Name of the model in the report.", "NAME", "recorded")] = (
        None
    )
    model_id: Annotated[
        str | None,
        Help("Take only the lines of this model, in a file of several.", "NAME", "all lines"),
    ] = None
    max_errors: MaxErrors = None
    out: Annotated[
        Path | None, Help("Folder of the scores.", "DIR", "runs/scored-FILE", "Output")
    ] = None


class ArenaOptions(Client, DataSource):
    """Options of `evaluator arena`."""

    panel = "Run"

    runs: Annotated[Paths, Help("Folders of runs whose answers meet.", "RUN", positional=True)]
    data_dir: Annotated[
        Path | None,
        Help("Folder with the data sets, where it has moved.", "DIR", "as the runs recorded it"),
    ] = None
    data: Annotated[
        SourceName | None,
        Help("Source of the data sets, where it has changed.", "SOURCE", "as the runs recorded it"),
    ] = None
    judge: JudgeConnection = JudgeConnection()
    baseline: Annotated[
        Path | None,
        Help("Let each run meet this one only.", "RUN", "all meet all", "What to ask"),
    ] = None
    budget: Annotated[
        Count | None,
        Help("Most battles; those that tell most are chosen.", "N", "all", "What to ask"),
    ] = None
    benchmark: Annotated[
        Texts,
        Help(
            "Only the questions of this benchmark; repeat it for more.",
            "NAME",
            "all",
            "What to ask",
        ),
    ] = []
    same_model: SameModel = False
    replay: Replay = False
    max_errors: MaxErrors = None
    dry_run: Annotated[
        bool, Help("Show how many battles there would be and a first prompt; send nothing.")
    ] = False
    out: Annotated[Path, Help("Folder of the arena.", "DIR", panel="Output")] = Path("runs/arena")
    progress: ProgressOption = "auto"


class CheckOptions(AccessOptions, ApiKey):
    """Options of `evaluator check`."""

    panel = "Server"

    base_url: Annotated[
        str,
        Help("Base URL, such as http://HOST:8000/v1.", "URL", "the server started by `launch`"),
    ] = ""
    model: Annotated[
        str, Help("Name under which the model is served.", "NAME", "the first listed")
    ] = ""
    transport: TransportOption = "auto"
    timeout: Timeout = 60.0


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


class ReportOptions(OptionGroup):
    """Options of `evaluator report`."""

    panel = "Output"

    folder: Run


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


class ListOptions(OptionGroup):
    """Options of `evaluator list`."""

    panel = "Output"

    as_json: Annotated[bool, Help("Print JSON, for programs.", flag="--json")] = False


class SchemaOptions(OptionGroup):
    """Options of `evaluator schema`."""

    panel = "Output"

    name: Annotated[
        str | None,
        Help("run, outcomes, samples, report, ...; none lists them.", "FILE", positional=True),
    ] = None


class DataListOptions(OptionGroup):
    """Options of `evaluator data list`: none."""


class FetchOptions(OptionGroup):
    """Options of `evaluator data fetch`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[Path, Help("Folder to fill.", "DIR")]
    origin: Hub = None
    update: Annotated[bool, Help("Replace what is there by the newest.")] = False


class DataCheckOptions(OptionGroup):
    """Options of `evaluator data check`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[
        Path | None, Help("Folder with a local mirror of the data sets.", "DIR", "none")
    ] = None
    origin: Hub = None
