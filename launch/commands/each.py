"""`each`: a fleet of models that are served alike, and a judge, from a few options."""

from collections.abc import Sequence

from ..declared import option_words
from ..locale import said
from ..options import EachOptions, of_servers
from ..processes.signals import Signals
from ..progress import Progress
from ..server.machine import place
from . import foreground
from .fleet import Fleet, run_fleet
from .per_model import CommandPerModel, model_names
from .servers import ambiguous_folders, check_flags
from .share_out import check_judge, judge_request, served_judge, shared_out


def run_each(
    options: EachOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    fleet = fleet_of(options, flags, command)
    if options.dry_run:
        print("\n".join(map(said, fleet.lines)), flush=True)  # noqa: T201
        return 0
    return run_fleet(fleet, options.if_needed, options.prepare, signals, progress)


def fleet_of(options: EachOptions, flags: tuple[str, ...], command: tuple[str, ...]) -> Fleet:
    """Raises UsageError for what cannot be served as is asked."""
    models = model_names(options.models, options.recipe, options.presets)
    check_flags(models, flags)
    gpus, judge_gpus = place(options.gpus), place(options.judge_gpus)
    sizes = shared_out(options, models, gpus, flags)
    check_judge(options, gpus, judge_gpus)
    own = option_words({**of_servers(options), "tp": options.tp, "replicas": options.replicas})
    task = CommandPerModel(
        command,
        dict.fromkeys(models, own),
        dict.fromkeys(models, flags),
        ambiguous_folders(models),
        served_judge(options) if options.judge else "",
        presets=options.presets,
    )
    judge = judge_request(options) if options.judge else None
    return Fleet(sizes, gpus, task, judge, judge_gpus)
