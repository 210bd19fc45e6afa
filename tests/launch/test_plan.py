"""What `launch` decides before it starts anything: pure tables."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Template

from launch.commands.foreground import split_words
from launch.commands.serving_plan import judge_lines, plan_lines
from launch.errors import UsageError
from launch.server.command_line import Plan, check_extra, command_line, environment, flag_value
from launch.server.log_files import file_name
from launch.server.placement import Placement, parse_gpus
from launch.server.presets import ModelSource, Preset, beside, find_preset, hub_source, presets

ROOT = Path(__file__).parents[2]
PYTHON = Path("/venv/bin/python")


def plan(gpus: str = "", extra: tuple[str, ...] = (), model: str = "org/name") -> Plan:
    return Plan(PYTHON, ModelSource(model), "name", 8000, parse_gpus(gpus), extra=extra)


@pytest.mark.parametrize(
    ("text", "gpus"),
    [("", ()), ("0", ("0",)), ("0, 1", ("0", "1")), ("GPU-5c8d", ("GPU-5c8d",))],
)
def test_gpus_are_read(text: str, gpus: tuple[str, ...]) -> None:
    assert parse_gpus(text) == Placement(gpus)


def test_the_cpu_server_is_started_by_module() -> None:
    assert command_line(plan())[:5] == [
        str(PYTHON),
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        "org/name",
    ]


def test_the_gpu_server_is_vllm_serve_with_one_rank_per_gpu() -> None:
    words = command_line(plan("2,3"))

    assert words[1:5] == ["-m", "vllm.entrypoints.cli.main", "serve", "org/name"]
    assert flag_value(words, "--tensor-parallel-size") == "2"
    assert "--max-num-seqs" not in words


@pytest.mark.parametrize(
    ("extra", "flag", "value"),
    [
        ((), "--generation-config", "vllm"),
        (("--generation-config", "auto"), "--generation-config", "auto"),
        (("--generation_config=auto",), "--generation-config", "auto"),
        ((), "--max-num-seqs", "64"),
        (("--max-num-seqs=8",), "--max-num-seqs", "8"),
        (("--max-model-len", "100"), "--max-model-len", "100"),
    ],
)
def test_the_users_flag_takes_the_place_of_ours(
    extra: tuple[str, ...], flag: str, value: str
) -> None:
    words = command_line(plan(extra=extra))

    assert flag_value(words, flag) == value
    assert sum(flag.strip("-") in word.replace("_", "-") for word in words) == 1


def test_a_switch_can_be_turned_off() -> None:
    eager = Plan(
        PYTHON,
        ModelSource("org/name"),
        "name",
        8000,
        Placement(),
        max_model_len=8192,
        enforce_eager=True,
        extra=("--no-enforce-eager",),
    )

    assert "--enforce-eager" not in command_line(eager)
    assert flag_value(command_line(eager), "--max-model-len") == "8192"


def test_the_users_served_name_is_the_name_to_ask_for() -> None:
    assert plan().served_name == "name"
    assert plan(extra=("--served-model-name", "other")).served_name == "other"


@pytest.mark.parametrize("extra", [("--port", "1"), ("--port=1",), ("--model", "x")])
def test_flags_that_launch_itself_needs_go_before_the_dashes(extra: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="before the `--`"):
        check_extra(extra)


def test_the_cpu_environment(tmp_path: Path) -> None:
    inherited = {"PATH": "/bin", "HOME": "/me"}

    found = environment(plan(model=str(tmp_path)), inherited)

    assert found["VLLM_CPU_KVCACHE_SPACE"] == "2"
    assert found["HF_HUB_OFFLINE"] == "1"
    assert found["PATH"] == "/venv/bin:/bin"
    assert found["HOME"] == "/me"
    assert found["CUDA_VISIBLE_DEVICES"] == ""  # a build for GPUs would take the first one


def test_the_gpu_environment() -> None:
    found = environment(plan("1,3"), {"VLLM_CPU_KVCACHE_SPACE": "5"})

    assert found["CUDA_VISIBLE_DEVICES"] == "1,3"
    assert found["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"  # as nvidia-smi counts
    assert "HF_HUB_OFFLINE" not in found


def test_the_users_cache_size_stays() -> None:
    assert environment(plan(), {"VLLM_CPU_KVCACHE_SPACE": "5"})["VLLM_CPU_KVCACHE_SPACE"] == "5"


def test_presets_are_read() -> None:
    assert presets()["demo"].max_model_len == 8192
    assert presets()["demo"].enforce_eager


def test_the_articles_models_are_known() -> None:
    with (ROOT / "recipes/article.toml").open("rb") as file:
        models = tomllib.load(file)["models"]

    assert [find_preset(name) == presets()[name] for name in models] == [True] * 4
    assert models[0] == "llama3-8b-instruct"  # the base
    assert hub_source(presets()["llama3-chinese-sft"], {}).from_modelscope


def test_the_forgetful_preset_says_which_neurons_are_ablated() -> None:
    ablation = presets()["demo-forgetful"].ablation

    assert ablation
    assert len(ablation.arguments) == 3
    assert 0 < ablation.share < 1


def test_a_chat_template_of_the_presets_is_served_unless_the_user_has_one() -> None:
    template = ROOT / "launch" / presets()["llama3-chinese-sft"].chat_template
    given = replace(plan(), chat_template=template)
    own = replace(given, extra=("--chat-template", "mine"))

    assert template.is_file()
    assert flag_value(command_line(given), "--chat-template") == str(template)
    assert flag_value(command_line(own), "--chat-template") == "mine"
    assert flag_value(command_line(plan()), "--chat-template") is None


def test_a_preset_names_the_tokens_that_end_a_reply_and_no_sampling() -> None:
    """An SFT of the base model would run on past <|eot_id|>, which only its template knows."""
    folder = beside(presets()["llama3-chinese-sft"].generation_config)
    given = replace(plan(), generation_config=folder)
    own = replace(given, extra=("--generation-config", "auto"))

    assert folder
    ends = json.loads((folder / "generation_config.json").read_text())
    assert ends == {"eos_token_id": [128001, 128009]}
    assert flag_value(command_line(given), "--generation-config") == str(folder)
    assert flag_value(command_line(own), "--generation-config") == "auto"
    assert flag_value(command_line(plan()), "--generation-config") == "vllm"


def test_llama_3s_template_is_metas_format() -> None:
    template = Template((ROOT / "launch/llama3.jinja").read_text())
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": " u\n"}]

    text = template.render(bos_token="<B>", messages=messages, add_generation_prompt=True)

    assert text == (
        "<B><|start_header_id|>system<|end_header_id|>\n\ns<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nu<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_another_model_stands_for_itself() -> None:
    assert find_preset("org/name") == Preset("org/name", hf="org/name")


@pytest.mark.parametrize("model", ["", " ", "./missing", "/missing/model"])
def test_a_model_that_cannot_be_is_refused(model: str) -> None:
    with pytest.raises(UsageError):
        find_preset(model)


@pytest.mark.parametrize(
    ("preset", "variables", "source"),
    [
        (Preset("x", hf="h/x", modelscope="m/x"), {}, ModelSource("h/x")),
        (
            Preset("x", hf="h/x", modelscope="m/x"),
            {"VLLM_USE_MODELSCOPE": "True"},
            ModelSource("m/x", from_modelscope=True),
        ),
        (Preset("x", modelscope="m/x"), {}, ModelSource("m/x", from_modelscope=True)),
        (
            Preset("h/x", hf="h/x"),
            {"VLLM_USE_MODELSCOPE": "true"},
            ModelSource("h/x", from_modelscope=True),
        ),
        (Preset("/", hf="/"), {"VLLM_USE_MODELSCOPE": "true"}, ModelSource("/")),
        (Preset("demo"), {"VLLM_USE_MODELSCOPE": "true"}, ModelSource("")),
    ],
)
def test_the_hub_of_a_preset(
    preset: Preset, variables: dict[str, str], source: ModelSource
) -> None:
    assert hub_source(preset, variables) == source


def test_the_plan_names_the_hub_that_vllm_asks() -> None:
    lines = plan_lines({"x/m": 1}, Placement(), {"VLLM_USE_MODELSCOPE": "true"})

    assert lines == ["to serve, one after another on the CPU:", "  x/m  x/m (ModelScope)"]


def test_the_plan_names_the_judge_and_its_gpus() -> None:
    lines = plan_lines({"x/m": 2, "x/n": 1}, parse_gpus("0,1,2"), {})

    assert lines == [
        "to serve, side by side on GPUs 0, 1, 2:",
        "  x/m  x/m (Hugging Face), 2 GPUs",
        "  x/n  x/n (Hugging Face), 1 GPU",
    ]
    assert plan_lines({"x/m": 2, "x/n": 1}, parse_gpus("0,1"), {})[0] == (
        "to serve, one after another on GPUs 0, 1:"
    )
    assert judge_lines("x/j", Placement(("2", "3")), {}) == [
        "beside them, on GPUs 2, 3, the judge:",
        "  x/j  x/j (Hugging Face)",
    ]


def test_a_gguf_file_is_a_model_and_another_file_is_none(tmp_path: Path) -> None:
    whole, other = tmp_path / "m.gguf", tmp_path / "m.bin"
    whole.touch()
    other.touch()

    assert find_preset(str(whole)).hf == str(whole)
    assert hub_source(find_preset(str(whole)), {}).is_local
    with pytest.raises(UsageError, match=r"is a file; a model is a directory, or a file \.gguf"):
        find_preset(str(other))


@pytest.mark.parametrize(
    ("words", "extra", "command"),
    [
        ("run arc", "", "run arc"),
        ("run -- arc", "", "run -- arc"),
        ("--eager -- run arc", "--eager", "run arc"),
        ("--seqs 8 -- run -- arc", "--seqs 8", "run -- arc"),
        ("-- run arc", "", "run arc"),
        ("launch with --model j -- run", "", "launch with --model j -- run"),
    ],
)
def test_flags_and_command_are_told_apart(words: str, extra: str, command: str) -> None:
    assert split_words(words.split()) == (tuple(extra.split()), tuple(command.split()))


def test_flags_without_a_command_are_refused() -> None:
    with pytest.raises(UsageError, match="no COMMAND"):
        split_words(["--enforce-eager"])


@pytest.mark.parametrize(
    ("name", "file"), [("org/name", "org-name"), ("../x y", "x-y"), ("//", "server")]
)
def test_a_model_becomes_part_of_a_file_name(name: str, file: str) -> None:
    assert file_name(name) == file
