"""The options of the smaller commands."""

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import BeforeValidator

from evaluator.data import SourceName
from evaluator.options.declared import Part, Told
from evaluator.options.parts import (
    ApiKey,
    Client,
    Count,
    DataSource,
    JudgeConnection,
    MaxErrors,
    Paths,
    Progress,
    Replay,
    Run,
    SameModel,
    Texts,
    Timeout,
    Transport,
    Whole,
)
from evaluator.options.values import names

Benchmarks = Annotated[
    list[str],
    BeforeValidator(names),
    Told("Names, as `evaluator list` shows them; none for all.", "BENCHMARK", positional=True),
]
Hub = Annotated[
    Literal["hub", "modelscope"] | None,
    Told("Where the data sets are read: hub or modelscope.", "SOURCE", "hub", flag="--from"),
]


class ScoreOptions(DataSource):
    """Options of `evaluator score`."""

    panel = "Run"

    benchmark: Annotated[
        str, Told("Name, as `evaluator list` shows it.", "BENCHMARK", positional=True)
    ]
    responses: Annotated[
        Path | None,
        Told('JSONL file of recorded replies, each line {"id": ..., "response": ...}.', "FILE"),
    ] = None
    judgments: Annotated[
        Path | None,
        Told(
            "JSONL file of a judge's recorded verdicts, each line "
            '{"question_id": ..., "category": ..., "judgment": ...}.',
            "FILE",
        ),
    ] = None
    model: Annotated[str | None, Told("Name of the model in the report.", "NAME", "recorded")] = (
        None
    )
    model_id: Annotated[
        str | None,
        Told("Take only the lines of this model, in a file of several.", "NAME", "all lines"),
    ] = None
    max_errors: MaxErrors = None
    out: Annotated[
        Path | None, Told("Folder of the scores.", "DIR", "runs/scored-FILE", "Output")
    ] = None


class ArenaOptions(Client, DataSource):
    """Options of `evaluator arena`."""

    panel = "Run"

    runs: Annotated[Paths, Told("Folders of runs whose answers meet.", "RUN", positional=True)]
    data_dir: Annotated[
        Path | None,
        Told("Folder with the data sets, where it has moved.", "DIR", "as the runs recorded it"),
    ] = None
    data: Annotated[
        SourceName | None,
        Told("Source of the data sets, where it has changed.", "SOURCE", "as the runs recorded it"),
    ] = None
    judge: JudgeConnection = JudgeConnection()
    baseline: Annotated[
        Path | None,
        Told("Let each run meet this one only.", "RUN", "all meet all", "What to ask"),
    ] = None
    budget: Annotated[
        Count | None,
        Told("Most battles; those that tell most are chosen.", "N", "all", "What to ask"),
    ] = None
    benchmark: Annotated[
        Texts,
        Told(
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
        bool, Told("Show how many battles there would be and a first prompt; send nothing.")
    ] = False
    out: Annotated[Path, Told("Folder of the arena.", "DIR", panel="Output")] = Path("runs/arena")
    progress: Progress = "auto"


class CheckOptions(ApiKey):
    """Options of `evaluator check`."""

    panel = "Server"

    base_url: Annotated[
        str,
        Told("Base URL, such as http://HOST:8000/v1.", "URL", "the server started by `launch`"),
    ] = ""
    model: Annotated[
        str, Told("Name under which the model is served.", "NAME", "the first listed")
    ] = ""
    transport: Transport = "auto"
    timeout: Timeout = 60.0


class CompareOptions(Part):
    """Options of `evaluator compare`."""

    panel = "Run"

    base: Annotated[Path, Told("Folder of the base model's run.", "BASE", positional=True)]
    others: Annotated[
        Paths, Told("Folders of the runs to compare with it.", "OTHER", positional=True)
    ]
    force: Annotated[bool, Told("Pair runs even though their settings differ.")] = False
    margin: Annotated[
        Annotated[float, Ge(0), Le(100)],
        Told("Points of 100 by which a model may be worse and still counts as no worse.", "N"),
    ] = 5.0
    noise_floor: Annotated[
        Whole,
        Told(
            "First ask N samples of each run again, to see what changes by itself. The servers "
            "must be up.",
            "N",
        ),
    ] = 0
    out: Annotated[
        Path | None,
        Told("Folder of the comparison.", "DIR", "compare-BASE-OTHER beside BASE", "Output"),
    ] = None


class ShowOptions(Part):
    """Options of `evaluator show`."""

    panel = "Output"

    folder: Run
    wrong: Annotated[bool, Told("Only samples that were not right.")] = False
    unread: Annotated[bool, Told("Only samples whose reply held no readable answer.")] = False
    forgotten: Annotated[
        Path | None, Told("Only samples that the run BASE did better.", "BASE", "all")
    ] = None
    id: Annotated[Texts, Told("Only the sample of this id; repeat it for more.", "ID", "all")] = []
    benchmark: Annotated[
        Texts, Told("Only samples of this benchmark; repeat it for more.", "NAME", "all")
    ] = []
    limit: Annotated[Count | None, Told("Most samples to show.", "N", "all")] = None
    whole: Annotated[
        bool, Told("Show prompts in full, with the beginning that all of them share.")
    ] = False


class ReportOptions(Part):
    """Options of `evaluator report`."""

    panel = "Output"

    folder: Run


class ListOptions(Part):
    """Options of `evaluator list`."""

    panel = "Output"

    as_json: Annotated[bool, Told("Print JSON, for programs.", flag="--json")] = False


class SchemaOptions(Part):
    """Options of `evaluator schema`."""

    panel = "Output"

    name: Annotated[
        str | None,
        Told("run, outcomes, samples, report, ...; none lists them.", "FILE", positional=True),
    ] = None


class DataListOptions(Part):
    """Options of `evaluator data list`: none."""


class FetchOptions(Part):
    """Options of `evaluator data fetch`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[Path, Told("Folder to fill.", "DIR")]
    origin: Hub = None
    update: Annotated[bool, Told("Replace what is there by the newest.")] = False


class DataCheckOptions(Part):
    """Options of `evaluator data check`."""

    panel = "Run"

    names: Benchmarks = []
    data_dir: Annotated[
        Path | None, Told("Folder with a local mirror of the data sets.", "DIR", "none")
    ] = None
    origin: Hub = None
