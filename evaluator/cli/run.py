"""`evaluator run`: measure a model."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.cli.track import sent
from evaluator.locale import N_, speak
from evaluator.options.complaints import read
from evaluator.options.given import RunCommand, read_config, several, unserved
from evaluator.options.settings import OUT, Settings
from evaluator.options.trackers import TrackerName


def run(given: Given) -> int:
    """Measures the model or the models, and shows and writes the reports."""
    from evaluator.runs.unused import refuse_ineffective, refuse_unused

    about = read(RunCommand, {k: v for k, v in given.items() if k in RunCommand.model_fields})
    keys = {key: value for key, value in given.items() if key not in RunCommand.model_fields}
    if about.models:
        keys["models"] = about.models
    if about.dry_run:
        keys["replay"] = True  # nobody is asked, and so nobody need be there
    if about.track:
        from evaluator.trackers.sending import check_installed

        check_installed(about.track)
    asked = unserved(keys, about.config)
    for line in refuse_unused(keys, asked, recipe=about.config is not None):
        tell(N_("no effect: {line}", line=line), err=True)
    chosen = several(keys, about.config)
    speak(chosen[0].lang)  # a file of options may name it too
    refuse_ineffective(keys, chosen[0])
    if not about.fresh:
        return measure(chosen, about)
    from evaluator.options.folders import fresh

    beside = fresh(chosen, bool(given.get("replay")))
    with beside.resumable(out_given(keys, about)):
        return measure(beside.chosen, about)


def out_given(keys: Mapping[str, Any], about: RunCommand) -> str:
    """The folder as it was given, with `{model}` in it."""
    recipe = read_config(about.config) if about.config else {}
    return str(keys.get("out") or recipe.get("out") or OUT)


def measure(chosen: list[Settings], about: RunCommand) -> int:
    """Runs one model or several, and returns the exit code of that."""
    from rich.console import Console

    from evaluator.report.terminal import shown_in_browser, terminal
    from evaluator.runs.preview import preview
    from evaluator.runs.run import exit_code, run
    from evaluator.runs.served_where import at_their_urls

    if live := "arena" in chosen[0].benchmarks:
        from evaluator.arena.live import answer_settings

        chosen = answer_settings(chosen)
    if about.dry_run:
        tell(preview(chosen))
        return 0
    chosen = at_their_urls(chosen)
    if len(chosen) > 1:
        return run_several(chosen, live, about.track)
    (one,) = chosen
    report = run(one, Console(stderr=True))
    Console().print(terminal(report))
    tell_noise(one)
    Console().print(shown_in_browser(one.out), soft_wrap=True)
    sent(about.track, one.out)
    return exit_code(report, one)


def run_several(
    chosen: Sequence[Settings], live: bool, trackers: Sequence[TrackerName] = ()
) -> int:
    """Several models: a line for each, the first compared with the others, and a live arena."""
    from rich.console import Console

    from evaluator.comparison.terminal import terminal
    from evaluator.report.tables import side_by_side
    from evaluator.report.terminal import table
    from evaluator.runs.several import compared, exit_code, run_each

    ended = run_each(chosen, Console(stderr=True))
    reports = [each.report for each in ended if each.report]
    Console().print(table(side_by_side(reports)))
    for each in ended:
        tell(each.line)
        if each.report:
            tell_noise(each.settings)
            sent(trackers, each.settings.out)
    if found := compared(ended):
        tell()
        Console().print(terminal(found.comparison))
        tell(N_("comparison in {folder}/", folder=found.folder))
    code = exit_code(ended)
    answered = [each.settings for each in ended if each.report]
    if live and len(answered) > 1:
        from evaluator.arena.live import live_matchups
        from evaluator.cli.arena import judge

        code = judge(*live_matchups(answered)) or code
    return code


def tell_noise(settings: Settings) -> None:
    """What changed in the samples that were asked again, where that was asked for."""
    if settings.noise_floor:
        from evaluator.comparison.noise import in_words

        for line in in_words(settings.out):
            tell(line)


app = command("run", run, Settings, RunCommand)
