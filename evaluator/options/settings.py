"""What one run is asked to do."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetPydanticSchema, field_validator, model_validator
from pydantic_core.core_schema import any_schema

from evaluator.engine.form import Api
from evaluator.options.budget import BudgetOptions
from evaluator.options.code import CodeOptions
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.language import LanguageOption
from evaluator.options.many_servers import ManyServers
from evaluator.options.own_files import OwnFiles
from evaluator.options.parts import (
    ApiKey,
    Client,
    Connection,
    Count,
    JudgeConnection,
    MaxErrors,
    Paths,
    ProgressOption,
    Replay,
    SameModel,
    Whole,
    usual_data_dir,
)
from evaluator.options.questions import Questions
from evaluator.options.values import read_text, text_or_file
from evaluator.results.names import ProtocolName
from evaluator.types import Benchmark, ModeName

OUT = "runs/{model}"  # the folder of a run; {model}: the end of its name
PARAMS = ("param", "judge_param")  # sampling fields that are checked
UNCHECKED = ("param_unchecked", "judge_param_unchecked")  # and those that are not
ADDRESSES = {"base_url", "header"}  # may hold a password, and change nothing
UNRECORDED = "..."  # in place of a header's value

# An object of the user's own is taken as it is, and not read field by field.
OwnBenchmark = Annotated[Benchmark, GetPydanticSchema(lambda _type, _handler: any_schema())]


class Asking(Connection):
    """How the model is asked."""

    mode: Annotated[
        ModeName,
        Help(
            "How a multiple-choice answer is taken: from the text (generate), from the first "
            "token's probabilities (logprobs), or from the likelihood of each choice.",
            "MODE",
            panel="How to ask",
        ),
    ] = "generate"
    api: Annotated[
        Api, Help("API to use: completions is for base models.", "API", panel="How to ask")
    ] = "chat"
    protocol: Annotated[
        ProtocolName | None,
        Help(
            "How the model calls tools: by the API's own tool calls (tools), in lines of Thought, "
            "Action and Action Input (react), as JSON, or as text such as [f(a='b')].",
            "PROTOCOL",
            "the benchmark's",
            "How to ask",
        ),
    ] = None
    system: Annotated[
        str, Help("System prompt, or the file that holds it.", "TEXT|FILE", panel="How to ask")
    ] = ""
    chat_template: Annotated[
        Path | None,
        Help(
            "Jinja file sent with each request, in place of the server's chat template.",
            "FILE",
            "the server's",
            "How to ask",
        ),
    ] = None
    prefix_token: Annotated[
        str,
        Help(
            "Token put before a text whose likelihood is measured from its beginning, as lm-eval "
            "does: the model's BOS, else its EOS, such as <|endoftext|>.",
            "TEXT",
            panel="How to ask",
        ),
    ] = ""
    shots: Annotated[
        Whole | None,
        Help("Worked examples in each prompt.", "N", "the benchmark's", "How to ask"),
    ] = None
    shots_as_turns: Annotated[
        bool,
        Help(
            "Send worked examples as turns of a conversation, not as one text.",
            panel="How to ask",
        ),
    ] = False

    @field_validator("system")
    @classmethod
    def _system(cls, value: str) -> str:
        """A text, or the file that holds it."""
        return text_or_file(value, "--system")

    @property
    def template(self) -> str:
        """The chat template's source; none where the server's own is used."""
        return read_text(self.chat_template, "--chat-template") if self.chat_template else ""


class ServedModel(OptionGroup):
    """The model that is measured."""

    panel = "Server"

    model: Annotated[
        str,
        Field(min_length=1),
        Help("Name under which the model is served.", "NAME", "the model started by `launch`"),
    ]


class Settings(
    Client,
    ManyServers,
    BudgetOptions,
    ApiKey,
    Asking,
    ServedModel,
    CodeOptions,
    OwnFiles,
    Questions,
):
    """Every key of `evaluator run`; a key of the configuration file has the same name."""

    panel = "Run"

    stream: Annotated[
        bool, Help("Stream replies, to measure the time to the first token.", panel="Server")
    ] = False
    gpus: Annotated[
        Count | None,
        Help(
            "GPUs that serve the model. The report then gives samples per minute and GPU.",
            "N",
            "those of the server started by `launch`",
            "Server",
        ),
    ] = None
    judge: JudgeConnection = JudgeConnection()
    audit_judge: Annotated[
        Whole,
        Help(
            "Also check the judge itself on the first N samples of each judged benchmark that "
            "can be audited.",
            "N",
            panel="Judge",
        ),
    ] = 0
    reuse: Annotated[
        Paths,
        Help("Another run whose recorded replies may be taken; repeat it for more.", "DIR"),
    ] = []
    same_model: SameModel = False
    replay: Replay = False
    smoke: Annotated[
        bool,
        Help("Look at the first replies of a large benchmark, and stop if they cannot be read."),
    ] = True
    max_errors: MaxErrors = None
    noise_floor: Annotated[
        Whole,
        Help(
            "After the run, ask the first N samples again: what differs is noise of the server.",
            "N",
        ),
    ] = 0
    out: Annotated[
        Path,
        Help(
            "Folder of the run; {model} in it stands for the end of the model's name.",
            "DIR",
            OUT,
            "Output",
        ),
    ]
    progress: ProgressOption = "auto"
    lang: LanguageOption = None
    own: dict[str, OwnBenchmark] = Field(default={}, exclude=True)  # those passed in Python

    @model_validator(mode="before")
    @classmethod
    def _usual_data(cls, keys: Any) -> Any:
        return {"data_dir": usual_data_dir(), **keys} if isinstance(keys, dict) else keys

    def recorded(self) -> dict[str, Any]:
        """What makes the same work again, without addresses and headers, which may be secret."""
        kept = self.model_dump(mode="json", exclude=ADDRESSES | {"same_model", "judge", "lang"})
        judging = self.judge.model_dump(mode="json", exclude=ADDRESSES)
        return {
            **kept,
            **{f"judge_{key}": value for key, value in judging.items()},
            "header": dict.fromkeys(self.header, UNRECORDED),
            "judge_header": dict.fromkeys(self.judge.header, UNRECORDED),
            "data_dir": str(self.data_dir.resolve()) if self.data_dir else None,
        }

    def errors_allowed(self, samples: int) -> float | None:
        """`max_errors` as a number of samples: below 1 it is a share of them."""
        if self.max_errors is None or self.max_errors >= 1:
            return self.max_errors
        return self.max_errors * samples
