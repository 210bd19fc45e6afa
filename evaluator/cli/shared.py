"""What several commands share: their options, and how they say something."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from evaluator.report.escaping import harmless

UNSET: tuple[object, ...] = (None, (), [])  # what an option is that was not given

DataDir = Annotated[Path | None, Option(help="Local mirror of the data sets.")]
Data = Annotated[str | None, Option(help="hub, modelscope or builtin.")]
Param = Annotated[list[str] | None, Option(help="Sampling field, KEY=VALUE.")]
ParamUnchecked = Annotated[list[str] | None, Option(help="The same, whatever its name and value.")]
Transport = Annotated[str | None, Option(help="auto, wire or sdk.")]
Timeout = Annotated[float | None, Option(help="Seconds for one reply. [600]")]
Retries = Annotated[int | None, Option(help="After a passing failure. [8]")]
Progress = Annotated[str | None, Option(help="auto, live, plain or none.")]
MaxErrors = Annotated[float | None, Option(help="Errors to bear: a count or a share.")]
SameModel = Annotated[
    bool, Option("--same-model", help="It is the same model, whatever it looks like.")
]
Replay = Annotated[bool, Option("--replay", help="Answer from the journal only.")]
JudgeModel = Annotated[
    list[str] | None, Option(help="Judge's name, or self; repeat it for several.")
]
JudgeBaseUrl = Annotated[
    list[str] | None, Option(help="Where it is: one for all judges, or one each.")
]
JudgeApiKeyEnv = Annotated[list[str] | None, Option(help="Variable that holds its API key.")]
JudgeParam = Annotated[list[str] | None, Option(help="Its sampling, KEY=VALUE.")]
JudgeParamUnchecked = Annotated[
    list[str] | None, Option(help="The same, whatever its name and value.")
]
JudgePrompt = Annotated[Path | None, Option(help="A judge prompt of your own.")]
JudgePooled = Annotated[str | None, Option(help="Of several: mean or median. [mean]")]
JudgeConcurrency = Annotated[str | None, Option(help="In flight per endpoint: N or auto.")]
JudgeRpm = Annotated[float | None, Option(help="As --rpm.")]
JudgeTpm = Annotated[float | None, Option(help="As --tpm.")]


def tell(words: str = "", err: bool = False) -> None:
    """Words with whatever others said in them, on a screen."""
    print(harmless(words), file=sys.stderr if err else sys.stdout, flush=True)
