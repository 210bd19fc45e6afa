"""`each`: COMMAND once per model, beside a server of its own; a failure costs no other model."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence

from ..errors import Interrupted, StartError
from ..options import EachOptions
from ..processes.signals import Signals
from ..progress import Progress
from ..server.placement import Placement, parse_gpus, split_gpus
from ..server.presets import find_preset, hub_source
from . import foreground
from .endpoints_file import SERVER_NEEDED
from .parallel import run_in_parallel
from .per_model import (
    USAGE,
    CommandPerModel,
    ambiguous_folders,
    model_names,
    try_without_servers,
)

SIGNALLED = 128  # plus its number: how a process tells which signal ended it
MEANINGS = {0: "done", 1: "done, with errors", 2: "a mistake", 3: "no server", 130: "interrupted"}


def run_each(
    options: EachOptions, words: Sequence[str], signals: Signals, progress: Progress
) -> int:
    """The exit code of the first model that failed. `words` are `[FLAGS... --] COMMAND...`."""
    flags, command = foreground.split_words(words)
    foreground.check_command(command)
    models = model_names(options.models, options.recipe)
    placements = split_gpus(parse_gpus(options.gpus), len(models), options.gpus_per_model)
    if options.dry_run:
        print("\n".join(plan_lines(models, placements, os.environ)), flush=True)  # noqa: T201
        return 0
    task = CommandPerModel(command, _with_options(options), flags, ambiguous_folders(models))
    tried = try_without_servers(models, task, signals, progress) if options.if_needed else {}
    codes = {model: code for model, code in tried.items() if code != SERVER_NEEDED}
    waiting = [model for model in models if model not in codes]
    if USAGE not in codes.values() and waiting and not signals.received:
        prepare(options.prepare)
        codes |= run_in_parallel(waiting, placements, task, signals, progress)
        for line in summary(models, codes):
            progress.say(line)
    return exit_code(codes, signals)


def plan_lines(
    models: Sequence[str], placements: Sequence[Placement], environment: Mapping[str, str]
) -> list[str]:
    """What would be served, from which hub, and on which devices."""
    order = "side by side" if len(placements) > 1 else "one after another"
    lines = [f"to serve, {order} on {'; '.join(map(str, placements))}:"]
    for name in models:
        preset = find_preset(name)
        source = hub_source(preset, environment)
        hub = "ModelScope" if source.from_modelscope else "Hugging Face"
        origin = f"{source.model} ({hub})" if source.model and not source.is_directory else ""
        lines += [f"  {name}  {origin}".rstrip(), *([f"    {preset.note}"] if preset.note else [])]
    return lines


def prepare(command: str) -> None:
    """Run `command` once, before the first server. Raises StartError if it fails."""
    words = shlex.split(command)
    if not words:
        return
    foreground.check_command(words)
    code = subprocess.run(words).returncode
    if code > SIGNALLED:
        raise Interrupted(code - SIGNALLED)
    if code:
        name = " ".join(words[:2])
        raise StartError(f"--prepare: {name!r} ended with exit code {code}; see its message above")


def summary(models: Sequence[str], codes: Mapping[str, int]) -> list[str]:
    """One line per model, where there are several."""
    width = max(map(len, models))
    return [
        f"{model:<{width}}  {_meaning(codes.get(model))}" for model in models if len(models) > 1
    ]


def exit_code(codes: Mapping[str, int], signals: Signals) -> int:
    """That of the first model that failed, unless a signal ended the run."""
    if signals.received:
        return SIGNALLED + signals.received[0]
    return next(filter(None, codes.values()), 0)


def _with_options(options: EachOptions) -> tuple[str, ...]:
    python = options.vllm_python
    timeout = ("--startup-timeout", f"{options.startup_timeout:g}")
    return (*timeout, *(("--vllm-python", str(python)) if python else ()))


def _meaning(code: int | None) -> str:
    if code is None:
        return "not begun"
    known = MEANINGS.get(code, "failed")
    return known if code == 0 else f"{known} (exit code {code})"
