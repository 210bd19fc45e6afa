"""Every option of every verb, declared once: its name, type, default, reader and help text.

The dataclasses are what the verbs take; `cli` makes their command lines.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .declared import language, number_of_seconds, option, port_number, positive_number, required
from .locale import N_

MODEL = N_("a preset (demo), an id on a hub, a directory, or BASE+lora:ADAPTER")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOptions:
    """What is shown, and how; every verb has these."""

    lang: str | None = option(
        None, "the language of help and messages: en or zh (default: as LANG says)", language
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions(ScreenOptions):
    """How a server is started; every verb that starts one has these."""

    gpus: str = option(
        "",
        "GPUs to serve on, as 0,1 or 0-3 or all, of those that CUDA_VISIBLE_DEVICES grants; "
        "without this option the CPU",
    )
    vllm_python: Path | None = option(
        None,
        "the Python that has the engine, or llama-server (default: .venv-vllm/bin/python, on GPUs "
        ".venv-vllm-gpu/bin/python; where there is none, the Python that runs this)",
        Path,
        "FILE",
    )
    startup_timeout: float = option(
        1800.0, "seconds until a server must be ready (default: 1800)", number_of_seconds, "SECONDS"
    )
    tool_parser: str = option(
        "",
        "vLLM's parser of the model's tool calls, or none (default: by the model's name)",
        metavar="NAME",
    )
    presets: Path | None = option(
        None, "a TOML file of models and how to serve each, as launch/presets.toml", Path, "FILE"
    )
    engine: str | None = option(
        None,
        "what serves: vllm, sglang, llamacpp, transformers or command (default: as the model's "
        "preset says, else vllm; on macOS transformers)",
        metavar="NAME",
    )
    engine_command: str | None = option(
        None,
        "the server's own command, for --engine command, with {port} and as needed {model}, "
        "{name}, {host}, {gpus}, {tp}",
        metavar="COMMAND",
    )


def of_servers(options: ServerOptions) -> dict[str, Any]:
    """What servers have in common, and not the GPUs that they run on: for other options."""
    shared = [each.name for each in fields(ServerOptions) if each.name != "gpus"]
    return {name: getattr(options, name) for name in shared}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaOptions(ServerOptions):
    """How the GPUs of a model are used. None: by the size of its weights."""

    tp: int | None = option(
        None,
        "GPUs that share each replica (tensor parallel; default: the fewest that hold its weights "
        "with room for the KV cache)",
        positive_number,
        "N",
    )
    replicas: int | None = option(
        None, "servers of a model, side by side (default: as the GPUs allow)", positive_number, "N"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions(ReplicaOptions):
    """`up`: a server that stays."""

    model: str = required(N_("what to serve: {model}", model=MODEL))
    port: int | None = option(None, "the server's port (default: any free one)", port_number)
    log: Path | None = option(
        None, "where the server's log goes (default: a file that is named)", Path, "FILE"
    )
    address: str = option(
        "",
        "by which other machines reach the servers, which then listen to all of them "
        "(default: this machine alone does)",
        metavar="HOST",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WithOptions(UpOptions):
    """`with`: one server, one COMMAND."""

    role: str = option("model", "what COMMAND uses the server for: model or judge (default: model)")
    folder: str = option(
        "",
        "what {model} stands for in COMMAND's --out (default: the last part of the model's name)",
        metavar="NAME",
    )
    failure: Path | None = option(
        None, "a file for the reason, where there is no server at the end", Path, "FILE"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EachOptions(ReplicaOptions):
    """`each`: COMMAND once per model."""

    models: str = option(
        "", N_("the models, as a,b; each is {model}", model=MODEL), metavar="NAMES"
    )
    recipe: Path | None = option(
        None, "a TOML file whose `models` are served where --models is not given", Path, "FILE"
    )
    gpus_per_model: int | None = option(
        None, "GPUs of each server (default: all, divided evenly)", positive_number, "N"
    )
    judge: str = option("", "a judge that all models share, served as long as any needs it")
    judge_gpus: str = option("", "GPUs of the judge's servers, as 2,3")
    judge_tp: int | None = option(
        None, "GPUs that share each replica of the judge", positive_number, "N"
    )
    judge_replicas: int | None = option(None, "servers of the judge", positive_number, "N")
    judge_server_args: str = option("", "flags of vLLM for the judge alone", metavar="FLAGS")
    if_needed: bool = option(
        False, "run COMMAND without a server first, and start one if it exits with 3"
    )
    prepare: str = option("", "a command to run before the first server starts, as an installation")
    dry_run: bool = option(False, "show which models would be served where, and start nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsOptions(ServerOptions):
    """`turns`: COMMAND beside each configuration of a server, interleaved."""

    config: Path = required(
        "a TOML file with a [[server]] table for each configuration: name, model, flags",
        Path,
        "FILE",
    )
    rounds: int = option(
        3, "how often each configuration is measured (default: 3)", positive_number
    )
    model: str | None = option(None, "the model of those configurations that name none")


@dataclass(frozen=True, slots=True, kw_only=True)
class DownOptions(ScreenOptions):
    """`down`: which servers to stop."""

    all: bool = option(False, "stop every server that `up` started")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOptions(ScreenOptions):
    """`status` has no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureOptions(ReplicaOptions):
    """What `eval` and `perf` have in common. None: not given, so that the default counts."""

    lang: str | None = option(
        None,
        "the language of help, messages, tables and reports: en or zh (default: as LANG says)",
        language,
    )

    model: str | None = option(None, N_("what to measure: {model} (default: demo)", model=MODEL))
    endpoint: str = option(
        "", "base URLs of servers that run already; nothing is started then", metavar="URLS"
    )
    out: str | None = option(
        None, "the run's folder; {model} stands for the model's name", metavar="FOLDER"
    )
    args: str = option(
        "", "further options of the evaluator, as --args='--param top_p=0.9'", metavar="OPTIONS"
    )
    server_args: str = option(
        "",
        "flags of vLLM for the models, as --server-args='--max-num-seqs 32'",
        metavar="FLAGS",
    )
    install: str = option(
        "",
        "the command that makes vLLM's environment; `cpu` or `gpu` is added to it "
        "(default: vLLM is installed already)",
        metavar="COMMAND",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOptions(MeasureOptions):
    """`eval`: the variables of `make eval` and `make article`."""

    models: str | None = option(
        None, "several models, as 'a b': a run for each, compared with the first", metavar="NAMES"
    )
    benchmarks: str | None = option(
        None, "names of `evaluator list` (default: arc ceval gsm8k, or the config's)"
    )
    config: str = option(
        "", "a TOML file of options, as recipes/article.toml; its `models` count too"
    )
    limit: str | None = option(
        None, "samples per benchmark (default: 20 for the demo models, else all)", metavar="N"
    )
    data: str = option("", "where data sets come from: hub, modelscope or builtin")
    data_dir: str | None = option(
        None, "a local mirror of the data sets (default: $EVALUATOR_DATA_DIR)", metavar="FOLDER"
    )
    judge: str | None = option(
        None,
        "the judge: a model to serve, or self (default: self for the demo models, else the "
        "config's)",
    )
    judge_endpoint: str = option("", "base URLs of a judge that runs already", metavar="URLS")
    judge_gpus: str = option("", "GPUs of the judge's own server, as 2,3; all models share it")
    judge_tp: int | None = option(
        None, "GPUs that share each replica of the judge", positive_number, "N"
    )
    judge_replicas: int | None = option(None, "servers of the judge", positive_number, "N")
    judge_server_args: str = option("", "flags of vLLM for the judge alone", metavar="FLAGS")
    chat_template: str = option(
        "", "a Jinja file that replaces the model's own chat template", metavar="FILE"
    )
    fleet: Path | None = option(
        None,
        "a TOML file of the models and their judge, as `fleet` takes; in place of --models",
        Path,
        "FILE",
    )
    dry_run: bool = option(False, "show what would be served and asked; send nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class PerfOptions(MeasureOptions):
    """`perf`: the variables of `make perf`."""

    endpoint2: str = option("", "base URLs of a second server, to compare", metavar="URLS")
    configs: str = option(
        "", "a TOML file of [[server]] tables to compare, as `turns` takes", metavar="FILE"
    )
