"""The experiment trackers that a run is sent to."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from evaluator.options.declared import Help, OptionGroup
from evaluator.options.language import LanguageOption
from evaluator.options.parts import Positive, Run
from evaluator.options.values import names

TrackerName = Literal["wandb", "mlflow", "swanlab", "tensorboard"]
Trackers = Annotated[list[TrackerName], BeforeValidator(names)]


class TrackOptions(OptionGroup):
    """Options of `evaluator track`."""

    panel = "Output"

    folder: Run
    to: Annotated[
        Trackers, Help("Tracker: wandb, mlflow, swanlab or tensorboard; repeat it.", "NAME")
    ]
    timeout: Annotated[Positive, Help("Most seconds that a tracker may take.", "SECONDS")] = 120.0
    lang: LanguageOption = None
