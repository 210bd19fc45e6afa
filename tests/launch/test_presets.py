"""A presets file of the user's: models with their own GPUs, replicas and flags."""

from pathlib import Path

import pytest

from launch.commands.share_out import judge_request, shared_out
from launch.errors import UsageError
from launch.options import EachOptions, ServerOptions
from launch.planning import ServerRequest, wished
from launch.server.layout import Wish
from launch.server.placement import parse_gpus
from launch.server.presets import Preset, find_preset, hub_source, presets
from tests.launch.launching import Launch, python, shared_devices, timeline

OWN = """
[large]
hf = "org/model-70b"
gpus = 4
tp = 4
flags = ["--max-num-seqs", "256"]

[small]
modelscope = "org/model-8b"
chat_template = "small.jinja"
tp = 1

["org/other"]
tp = 2
replicas = 1

[llama3-8b-instruct]
max_model_len = 4096
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "small.jinja").write_text("{{ messages }}")
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    return file


def test_the_users_presets_stand_beside_the_projects(own: Path) -> None:
    large, small, other = (find_preset(name, own) for name in ("large", "small", "org/other"))

    assert large == Preset(
        "large", hf="org/model-70b", gpus=4, tp=4, flags=("--max-num-seqs", "256")
    )
    assert hub_source(small, {}).from_modelscope
    assert small.chat_template == str(own.parent / "small.jinja")
    assert (other.hf, other.replicas) == ("org/other", 1)
    assert find_preset("demo", own) == presets()["demo"]
    assert find_preset("large").hf == "large"  # without the file


def test_an_entry_adds_to_the_projects_own(own: Path) -> None:
    given = find_preset("llama3-8b-instruct", own)

    assert given.max_model_len == 4096
    assert given.hf == presets()["llama3-8b-instruct"].hf


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[m]\ntpp = 2", r"p.toml: \[m\]: unknown key 'tpp'; did you mean 'tp'?"),
        ("[m]\ntp = 0", r"p.toml: \[m\] tp: 0 is not a whole number from 1 on"),
        ("[m]\ngpus = '0,1'", r"\[m\] gpus: '0,1' is not a whole number"),
        ("[m]\nreplicas = true", r"\[m\] replicas: True is not"),
        ("[m]\nflags = '--x'", r"\[m\] flags: '--x' is not a list such as"),
        ("[m]\nhf = 1", r"\[m\] hf: 1 is not a text in quotes"),
        ("[m]\nchat_template = 'none'", r"\[m\] chat_template: there is no '.*none'"),
        ("[m]\nablation = {}", r"\[m\] ablation: 'layers' is missing"),
        ("m = 1", r"\[m\]: 1 is no table"),
        ("[m]\ntp = = 2", r"cannot read the presets '.*p.toml' \(.*line 2"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.toml").write_text(text)

    with pytest.raises(UsageError, match=message):
        presets(tmp_path / "p.toml")


def test_a_file_that_is_not_there_is_told_in_one_line(launch: Launch) -> None:
    words = ("each", "--models", "a", "--presets", "missing.toml")
    process = launch(*words, *python(""))
    _, messages = process.communicate(timeout=60)

    assert (process.returncode, len(messages.splitlines())) == (2, 1)
    assert "cannot read the presets 'missing.toml'" in messages


def test_launchs_own_flags_are_refused_in_a_preset(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[m]\nflags = ["--port", "1"]')
    words = ("with", "--model", "m", "--presets", "p.toml", "--vllm-python", "./fake-python")
    process = launch(*words, *python(""))
    _, messages = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "'--port' is among the flags of the preset 'm'" in messages


@pytest.mark.parametrize(
    ("tp", "replicas", "extra", "expected"),
    [
        (None, None, (), Wish(2, 1, ("--x",))),
        (1, None, (), Wish(1, None, ("--x",))),  # what is said now wins
        (None, 2, (), Wish(2, 2, ("--x",))),
        (None, None, ("-tp", "4"), Wish(None, None, ("--x", "-tp", "4"))),
    ],
)
def test_an_option_wins_over_the_preset(
    tp: int | None, replicas: int | None, extra: tuple[str, ...], expected: Wish
) -> None:
    request = ServerRequest("m", ServerOptions(), None, extra, tp, replicas)

    assert wished(request, Preset("m", tp=2, replicas=1, flags=("--x",))) == expected


@pytest.mark.parametrize(
    ("models", "given", "sizes"),
    [
        (["large", "small", "x"], {}, [4, 2, 2]),
        (["large", "org/other"], {}, [4, 2]),
        (["x", "y"], {"tp": 4}, [4, 4]),
        (["x", "y", "z"], {"tp": 2, "replicas": 1}, [2, 2, 2]),
        (["x", "y"], {"replicas": 2}, [4, 4]),
        (["large", "x"], {"gpus_per_model": 4}, [4, 4]),
    ],
)
def test_each_model_gets_what_its_preset_or_an_option_says(
    own: Path, models: list[str], given: dict[str, int], sizes: list[int]
) -> None:
    options = EachOptions(presets=own, gpus="0-7", **given)  # type: ignore[arg-type]  # a table

    found = shared_out(options, models, parse_gpus("0-7"), ())
    assert found == dict(zip(models, sizes, strict=True))


def test_a_preset_that_wants_more_gpus_than_are_named_is_told(own: Path) -> None:
    with pytest.raises(UsageError, match="'large' is to have 4 GPUs, and 2 are named"):
        shared_out(EachOptions(presets=own, gpus="0,1"), ["large"], parse_gpus("0,1"), ())


def test_the_judge_has_settings_of_its_own(own: Path) -> None:
    options = EachOptions(
        judge="j", judge_gpus="4-7", judge_tp=2, judge_server_args="--max-num-seqs 8", presets=own
    )
    request = judge_request(options)

    assert (request.model, request.options.gpus, request.options.presets) == ("j", "4-7", own)
    assert (request.tp, request.replicas, request.extra) == (2, None, ("--max-num-seqs", "8"))


NOTE = """
import json, os
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
with open("notes", "a") as file:
    print(json.dumps([each["role"] for each in entries]), file=file)
"""


def test_models_and_judge_are_served_as_each_is_to_be(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[big]\ngpus = 2\ntp = 2\n[small]\ngpus = 1")
    words = ("--models", "big,small,other", "--gpus", "0-2", "--presets", "p.toml")
    judge = ("--judge", "j", "--judge-gpus", "3,4", "--judge-tp", "1")
    granted = {"CUDA_VISIBLE_DEVICES": "0,1,2,3,4"}
    fake = ("--vllm-python", "./fake-python")
    process = launch("each", *words, *judge, *fake, *python(NOTE), **granted)
    _, messages = process.communicate(timeout=60)

    starts = {tuple(event[2:]) for event in timeline(tmp_path) if event[0] == "start"}
    assert process.returncode == 0, messages
    assert {("j", "3"), ("j", "4"), ("big", "0,1"), ("small", "2")} < starts
    assert shared_devices(tmp_path) == []
    assert all(note.count('"judge"') == 2 for note in (tmp_path / "notes").read_text().splitlines())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--judge-tp", "2"), "are for a judge that is served"),
        (("--judge", "j", "--judge-replicas", "2"), "asked for 'j', and it has no GPUs"),
        (("--gpus", "0", "--judge", "j", "--judge-gpus", "1", "--judge-tp", "2"), "1 x 2 GPUs"),
        (("--gpus", "0,1", "--tp", "4"), "is to have 4 GPUs, and 2 are named"),
        (("--replicas", "2"), "asked for 'a', and it has no GPUs"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_installed(
    launch: Launch, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    process = launch("each", "--models", "a", "--prepare", "touch prepared", *words, *python(""))
    _, messages = process.communicate(timeout=60)

    assert (process.returncode, len(messages.splitlines())) == (2, 1), messages
    assert message in messages
    assert not (tmp_path / "prepared").exists()
