"""The options of the smaller commands, but for those that show results."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator

from evaluator.data import SourceName
from evaluator.options.access import AccessOptions
from evaluator.options.code import CodeOptions
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.language import LanguageOption
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
    SameModel,
    Texts,
    Timeout,
    TransportOption,
)
from evaluator.options.values import names
from evaluator.results.names import Kind, Topic

Benchmarks = Annotated[
    list[str],
    BeforeValidator(names),
    Help("Names, as `evaluator list` shows them; none for all.", "BENCHMARK", positional=True),
]
Hub = Annotated[
    Literal["hub", "modelscope"] | None,
    Help("Where the data sets are read: hub or modelscope.", "SOURCE", "hub", flag="--from"),
]


class ScoreOptions(CodeOptions, OwnFiles, DataSource):
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
    lang: LanguageOption = None


class ImportOptions(DataSource):
    """Options of `evaluator import`."""

    panel = "Run"

    tool: Annotated[
        Literal["evalscope", "lm-eval", "opencompass", "inspect"],
        Help(
            "Who recorded it: evalscope, lm-eval, opencompass or inspect.", "TOOL", positional=True
        ),
    ]
    folder: Annotated[Path, Help("Folder of its outputs.", "FOLDER", positional=True)]
    model: Annotated[
        str | None, Help("Take this model, where there are several.", "NAME", "the only one")
    ] = None
    as_recorded: Annotated[bool, Help("Keep the other tool's scores, and read no data set.")] = (
        False
    )
    out: Annotated[
        Path | None, Help("Folder of the run.", "RUN", "runs/TOOL-FOLDER", "Output", short="-o")
    ] = None
    lang: LanguageOption = None


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
    lang: LanguageOption = None


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
    lang: LanguageOption = None


class ListOptions(OptionGroup):
    """Options of `evaluator list`."""

    panel = "Output"

    language: Annotated[
        Literal["en", "zh"] | None,
        Help("Only those with questions in this language: zh or en.", "LANGUAGE"),
    ] = None
    kind: Annotated[
        Kind | None,
        Help(
            "Only choice, text, code (which is run), judge (a judge rates the replies) or agent "
            "(tool calls).",
            "KIND",
        ),
    ] = None
    topic: Annotated[
        Topic | None,
        Help("Only those about this, such as maths, knowledge or law.", "TOPIC"),
    ] = None
    search: Annotated[
        str, Help("Only those with this in name, title, data set or topics.", "TEXT", "all")
    ] = ""
    as_json: Annotated[bool, Help("Print JSON, for programs.", flag="--json")] = False
    lang: LanguageOption = None


class SchemaOptions(OptionGroup):
    """Options of `evaluator schema`."""

    panel = "Output"

    name: Annotated[
        str | None,
        Help("run, outcomes, samples, report, ...; none lists them.", "FILE", positional=True),
    ] = None


class DataListOptions(OptionGroup):
    """Options of `evaluator data list`."""

    lang: LanguageOption = None


class FetchOptions(OptionGroup):
    """Options of `evaluator data fetch`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[Path, Help("Folder to fill.", "DIR")]
    origin: Hub = None
    update: Annotated[bool, Help("Replace what is there by the newest.")] = False
    lang: LanguageOption = None


class DataCheckOptions(OptionGroup):
    """Options of `evaluator data check`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[
        Path | None, Help("Folder with a local mirror of the data sets.", "DIR", "none")
    ] = None
    origin: Hub = None
    lang: LanguageOption = None
