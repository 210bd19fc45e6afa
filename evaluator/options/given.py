"""From what was given to the settings of runs: command line, TOML file and launched servers."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
from evaluator.options.complaints import read
from evaluator.options.declared import GivenOptions, Help, OptionGroup, within
from evaluator.options.endpoint_file import at_endpoints
from evaluator.options.endpoints import launched, launched_folder, launched_models
from evaluator.options.names import short_names
from evaluator.options.recipes import config_file
from evaluator.options.settings import OUT, Settings
from evaluator.options.trackers import Trackers
from evaluator.options.values import as_list


def separate(value: Any) -> Any:
    """Names with commas or spaces between them."""
    words = as_list(value)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return words
    return [name for word in words for name in word.replace(",", " ").split()]


class RunCommand(OptionGroup):
    """What `evaluator run` takes besides the settings of one run."""

    panel = "Run"

    config: Annotated[
        Path | None,
        Help(
            "TOML file with the same options as keys, `_` in place of `-`; or the name of a "
            "recipe: chinese, forgetting, open-llm, article.",
            "FILE|NAME",
        ),
    ] = None
    models: Annotated[
        list[str],
        BeforeValidator(separate),
        Help(
            "Several models, measured one after another and compared with the first: a,b,c.",
            "NAMES",
            panel="Server",
        ),
    ] = []
    fresh: Annotated[
        bool,
        Help("Start anew, in the first unused folder of OUT, OUT-2, OUT-3, ...", panel="Output"),
    ] = False
    track: Annotated[
        Trackers,
        Help(
            "Send the finished run to a tracker: wandb, mlflow, swanlab or tensorboard; repeat it.",
            "NAME",
            panel="Output",
        ),
    ] = []
    dry_run: Annotated[
        bool, Help("Show how many requests there would be and the first of them; send nothing.")
    ] = False


def settings(given: GivenOptions, config: Path | None = None) -> Settings:
    """Settings from what was given, the configuration file, and servers that `launch` started.

    Raises UsageError in one line that names the key and its value.
    """
    return complete(merged(given, config))


def merged(given: GivenOptions, config: Path | None) -> dict[str, Any]:
    """The keys of the file and those given, which go before: a folder of data as well as a name."""
    keys = read_config(config) if config else {}
    if {"data", "data_dir"} & given.keys():
        keys = {key: value for key, value in keys.items() if key not in ("data", "data_dir")}
    return dict(at_endpoints({**keys, **given}))


def one_source(keys: GivenOptions) -> None:
    """Raises UsageError where the data is to come from two places."""
    if (name := keys.get("data")) and (folder := keys.get("data_dir")):
        raise UsageError(
            N_(
                "--data {name} and --data-dir {folder!r}: the data comes from one of them",
                name=name,
                folder=str(folder),
            )
        )


def unserved(given: GivenOptions, config: Path | None = None) -> Settings:
    """What the runs have in common, before a server is looked for: a mistake there comes first.

    Raises UsageError as `settings` does.
    """
    keys = {key: value for key, value in merged(given, config).items() if key != "models"}
    one_source(keys)
    model = "launched" if keys.get("model") is None else keys["model"]
    return checked({**keys, "model": model, "out": Path(OUT), "replay": True})


def several(given: GivenOptions, config: Path | None = None) -> list[Settings]:
    """Settings for each of the models: those given, else those launched, else the file's.

    Raises UsageError as `settings` does, and where two of the models would share a folder.
    """
    keys = merged(given, config)
    one_source(keys)
    models, file_models = given.get("models"), separate(keys.pop("models", None))
    if models and given.get("model"):
        raise UsageError(
            N_(
                "--model {model!r} and --models {models!r}: give one of them",
                model=given["model"],
                models=models,
            )
        )
    if not models and not keys.get("model"):
        models = (launched_models() if asks_launched(keys) else []) or file_models
    names = short_names([*dict.fromkeys(models or ())])
    chosen = [complete({**keys, "model": model}, name) for model, name in names.items()]
    folders = [each.out for each in chosen]
    for each in chosen:
        if folders.count(each.out) > 1:
            raise UsageError(
                N_(
                    "several models in one folder {out!r}; give --out FOLDER/{{model}}",
                    out=str(each.out),
                )
            )
    return chosen or [complete(keys)]


def complete(keys: dict[str, Any], name: str = "") -> Settings:
    """Settings of one run: with the launched endpoints, and `{model}` in `out` filled in.

    It stands for the `name`, or what `launch` calls the model, or the end of the model's own name.
    """
    if asks_launched(keys):
        keys = {**keys, **launched(keys.get("model"))}
        name = launched_folder(keys["model"]) or name
    if model := keys.get("model"):
        name = name or short_names([model])[model]
    out = OUT if keys.get("out") is None else str(keys["out"])
    return checked({**keys, "out": out.replace("{model}", name)})


def checked(keys: GivenOptions) -> Settings:
    """The keys as settings.  Raises UsageError in one line that names the key and its value."""
    return read(Settings, dict(keys))


def asks_launched(keys: GivenOptions) -> bool:
    """Whether the endpoints are those of `launch`."""
    return not keys.get("base_url") and not keys.get("replay")


def read_config(path: Path) -> dict[str, Any]:
    """The file's keys, a table `[judge]` as `judge_...`.  Raises UsageError for an unknown one.

    The name of a recipe that comes with the package stands for its file.
    """
    path = config_file(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(
            N_("{path}: not UTF-8 ({error}); save it in that encoding", path=path, error=error)
        ) from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            N_("cannot read the configuration {path!r}: {error}", path=str(path), error=error)
        ) from error
    keys = flat(table)
    known = {*(each.key for each in within(Settings)), "models"}
    for key in keys:
        if key not in known:
            hint = did_you_mean(key, known, "see evaluator run --help")
            raise UsageError(
                N_("{path}: unknown key {key!r}; {hint}", path=path, key=key, hint=hint)
            )
    return keys


def flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys as Python has them: `base-url` is base_url, and `model` in [judge] judge_model."""
    keys = {key.replace("-", "_"): value for key, value in table.items()}
    judge = keys.pop("judge", {}) if isinstance(keys.get("judge"), dict) else {}
    return {**keys, **{f"judge_{key.replace('-', '_')}": value for key, value in judge.items()}}
